-- The rules of a rate budget that several hosts share. One call is one transaction, by the server's clock.
--
-- The rules are those of SlidingWindows (http/windows.py) and of the queue in StoredRateBudget. A test compares them.
-- KEYS: 1 answered (slot -> when), 2 pending (slot -> deadline), 3 waiting (process -> priority and ticket),
--       4 leases of those that wait (process -> until when), 5 seen (process -> its last call), 6 facts.
-- ARGV: 1 the question as JSON, see redis_store.py. All times in it and in the answer are microseconds from now.

local ANSWERED, PENDING, WAITING, LEASES, SEEN, FACTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local SECOND = 1000000
local SEEN_FOR = 60 * SECOND       -- a process without a call for so long is not counted
local MAX_SLEEP = SECOND / 2       -- a slot can become free sooner than known: others give slots back
local PENDING_SLEEP = SECOND / 10  -- the next slot depends on pending requests, which are answered soon
local MIN_SLEEP = SECOND / 100
local LEASE = SECOND / 2           -- how long after its sleep a waiting process is forgotten
local OUTAGE_PAUSE = 0.7 * SECOND  -- after the store was away: the others ask, and report, within MAX_SLEEP
local CLOCK_STEP = SECOND          -- a clock that is set back by more shifts all times
local FULLY_OPEN = 64
local MAX_ADVICE = 3600 * SECOND
local PROBE_AFTER = 60 * SECOND
local MIN_LEARN_INTERVAL = SECOND / 100
local PRIORITY_STEP = 1e12         -- a waiting process's score is its priority times this, plus its ticket
local NEVER = math.huge

local question = cjson.decode(ARGV[1])
local process = question.process
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * SECOND + tonumber(clock[2])

local function digits(number)
  return string.format('%.0f', number)
end

local function owner(slot)
  return string.match(slot, '^(.*):[^:]*$')
end

-- Facts: read once, written back if they changed.

local FACT_NAMES = {'latest', 'learned_at', 'by_others', 'others_until', 'others_window', 'last_remaining',
                    'last_remaining_at', 'paused_until', 'opening'}
local FACTS_OF_TIME = {'learned_at', 'others_until', 'last_remaining_at', 'paused_until'}
local facts, saved = {}, {}
do
  local values = redis.call('HMGET', FACTS, unpack(FACT_NAMES))
  for index, name in ipairs(FACT_NAMES) do
    saved[name] = tonumber(values[index]) or 0
    facts[name] = saved[name]
  end
end

local windows, longest, shortest = {}, 0, 1
for index, given in ipairs(question.windows) do
  local limit = tonumber(redis.call('HGET', FACTS, 'limit:' .. index)) or given[1]
  windows[index] = {limit = limit, span = given[2], usable = math.max(1, math.floor(limit * question.share))}
  longest = math.max(longest, given[2])
  if given[2] < windows[shortest].span then shortest = index end
end

local function save()
  for _, name in ipairs(FACT_NAMES) do
    if facts[name] ~= saved[name] then redis.call('HSET', FACTS, name, digits(facts[name])) end
  end
  for _, key in ipairs(KEYS) do
    redis.call('PEXPIRE', key, digits(2 * longest / 1000 + 120000))
  end
end

-- Counting.

local function pending()
  return redis.call('ZCARD', PENDING)
end

local function count(window)
  return redis.call('ZCOUNT', ANSWERED, '(' .. digits(now - window.span), '+inf')
end

local function newest(number)
  local entry = redis.call('ZREVRANGE', ANSWERED, number - 1, number - 1, 'WITHSCORES')
  return tonumber(entry[2])
end

local function others_in(index)
  if index == facts.others_window and now < facts.others_until then return facts.by_others end
  return 0
end

local function free_now()
  if facts.paused_until > now then return 0 end
  local on_the_way = pending()
  local free = NEVER
  if facts.opening > 0 then free = facts.opening - on_the_way end
  for index, window in ipairs(windows) do
    local used = on_the_way + count(window)
    free = math.min(free, window.usable - used)
    local others = others_in(index)
    if others > 0 then free = math.min(free, window.limit - others - used) end
  end
  return math.max(0, free)
end

local function fits_at(window, free)
  if free <= 0 then return NEVER end
  local at = newest(free)
  return at and at + window.span or -NEVER
end

local function free_at(ahead)
  local before = pending() + ahead
  if facts.opening > 0 and before >= facts.opening then return NEVER end
  local at = facts.paused_until
  for index, window in ipairs(windows) do
    local free = window.usable - before
    if free <= 0 then return NEVER end
    at = math.max(at, fits_at(window, free))
    local others = others_in(index)
    if others > 0 then
      local left = math.min(free, window.limit - others - before)
      at = math.max(at, math.min(fits_at(window, left), facts.others_until))
    end
  end
  return at
end

-- What an answer of the API says.

local function pause(at, span)
  facts.paused_until = math.max(facts.paused_until, at + span)
  facts.opening = 1
end

local function succeed(at)
  if facts.opening > 0 and at >= facts.paused_until then
    facts.opening = facts.opening >= FULLY_OPEN and 0 or 2 * facts.opening
  end
end

local function described_by(limit)
  for index, window in ipairs(windows) do
    if window.limit == limit then return index end
  end
  for index, window in ipairs(windows) do
    if window.span == MAX_ADVICE then return index end
  end
end

local function is_of_burst(news, index, at)
  local window, short = windows[index], windows[shortest]
  if news.remaining > 0 or short.span >= window.span then return false end
  local spendable = short.limit * (1 + math.ceil((at - facts.last_remaining_at) / short.span))
  local min_age = (window.limit / short.limit - 1) * short.span
  return facts.last_remaining > spendable or news.reset > window.span - min_age
end

local function learn(news, at)
  facts.learned_at = at
  local index = described_by(news.limit)
  if not index then return end
  local window = windows[index]
  if window.limit ~= news.limit then
    window.limit = news.limit
    window.usable = math.max(1, math.floor(news.limit * question.share))
    redis.call('HSET', FACTS, 'limit:' .. index, digits(news.limit))
  end
  facts.by_others = math.max(0, news.limit - news.remaining - pending() - count(window))
  facts.others_window = index
  if news.remaining == 0 then facts.opening = 1 end
  local advised = (news.reset > 0 and news.reset <= MAX_ADVICE) and news.reset or PROBE_AFTER
  if is_of_burst(news, index, at) then advised = math.min(advised, PROBE_AFTER) end
  facts.others_until = at + advised
  facts.last_remaining = news.remaining
  facts.last_remaining_at = at
end

local function record(ended)
  local at = now - ended.age
  local slot = process .. ':' .. ended.slot
  -- After its deadline it was counted from there on, and is now counted from its end on.
  redis.call('ZREM', PENDING, slot)
  redis.call('ZADD', ANSWERED, 'GT', digits(at), slot)
  if ended.pause then
    pause(at, ended.pause)
  elseif ended.answered then
    succeed(at)
    local has_news = pending() == 0 or at >= facts.learned_at + MIN_LEARN_INTERVAL
    if has_news and ended.news then learn(ended.news, at) end
  end
end

-- Before anything else.

local function shift_times(by)
  for _, key in ipairs({ANSWERED, PENDING, LEASES, SEEN}) do
    local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for index = 1, #entries, 2 do
      redis.call('ZADD', key, digits(tonumber(entries[index + 1]) - by), entries[index])
    end
  end
  for _, name in ipairs(FACTS_OF_TIME) do facts[name] = facts[name] - by end
end

local function forget_waiting(name)
  redis.call('ZREM', WAITING, name)
  redis.call('ZREM', LEASES, name)
  redis.call('HDEL', FACTS, 'wanted:' .. name)
end

local function tidy()
  -- A holder that never answered counts from its deadline on.
  local over = redis.call('ZRANGEBYSCORE', PENDING, '-inf', digits(now), 'WITHSCORES')
  for index = 1, #over, 2 do
    redis.call('ZREM', PENDING, over[index])
    redis.call('ZADD', ANSWERED, over[index + 1], over[index])
  end
  redis.call('ZREMRANGEBYSCORE', ANSWERED, '-inf', digits(now - longest))
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', digits(now))) do forget_waiting(name) end
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', SEEN, '-inf', digits(now - SEEN_FOR))) do
    redis.call('ZREM', SEEN, name)
    redis.call('HDEL', FACTS, 'call:' .. name)
  end
  redis.call('ZADD', SEEN, digits(now), process)
end

-- What the process reports.

local function remove_own(key)
  for _, slot in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if owner(slot) == process then redis.call('ZREM', key, slot) end
  end
end

local function report()
  for _, slot in ipairs(question.returned or {}) do
    redis.call('ZREM', PENDING, process .. ':' .. slot)
    redis.call('ZREM', ANSWERED, process .. ':' .. slot)  -- where it is after its deadline
  end
  for _, ended in ipairs(question.ended or {}) do record(ended) end
  if question.history then  -- all answered requests of this process
    remove_own(ANSWERED)
    for index, age in ipairs(question.history) do
      redis.call('ZADD', ANSWERED, digits(now - age), process .. ':' .. question.call .. '.' .. index)
    end
    facts.paused_until = math.max(facts.paused_until, now + OUTAGE_PAUSE)
  end
  if question.holds then  -- all pending requests of this process
    remove_own(PENDING)
    for _, hold in ipairs(question.holds) do
      redis.call('ZADD', hold[2] > 0 and PENDING or ANSWERED, digits(now + hold[2]), process .. ':' .. hold[1])
    end
  end
end

-- The queue of processes.

local function place(priority)
  local mine = tonumber(redis.call('ZSCORE', WAITING, process))
  if mine and math.floor(mine / PRIORITY_STEP) ~= priority then mine = nil end
  local ahead, peers = 0, 1
  local entries = redis.call('ZRANGE', WAITING, 0, -1, 'WITHSCORES')
  for index = 1, #entries, 2 do
    local name, score = entries[index], tonumber(entries[index + 1])
    local other = math.floor(score / PRIORITY_STEP)
    if name ~= process and other < priority then
      ahead = ahead + (tonumber(redis.call('HGET', FACTS, 'wanted:' .. name)) or 0)
    elseif name ~= process and other == priority then
      peers = peers + 1
      if not mine or score < mine then ahead = ahead + 1 end
    end
  end
  return ahead, peers, mine
end

local function take(wish)
  local ahead, peers, mine = place(wish.priority)
  local free, got = free_now(), 0
  if free > ahead then got = math.min(wish.wanted, math.max(1, math.floor((free - ahead) / peers))) end
  for slot = wish.first, wish.first + got - 1 do
    redis.call('ZADD', PENDING, digits(now + wish.lease), process .. ':' .. digits(slot))
  end
  if got == wish.wanted then
    forget_waiting(process)
    return got, 0
  end
  local at = free_at(ahead)
  local sleep = at < NEVER and math.min(math.max(0, at - now), MAX_SLEEP) or PENDING_SLEEP
  if got > 0 or not mine then mine = wish.priority * PRIORITY_STEP + redis.call('HINCRBY', FACTS, 'ticket', 1) end
  redis.call('ZADD', WAITING, digits(mine), process)
  redis.call('ZADD', LEASES, digits(now + sleep + LEASE), process)
  redis.call('HSET', FACTS, 'wanted:' .. process, digits(wish.wanted - got))
  return got, math.max(sleep, MIN_SLEEP)
end

-- What the process wants to know.

local function uses()
  local known = {}
  local function of(name)
    known[name] = known[name] or {process = name, pending = 0, waiting = 0, used = {}}
    return known[name]
  end
  local seen = redis.call('ZRANGE', SEEN, 0, -1, 'WITHSCORES')
  for index = 1, #seen, 2 do of(seen[index]).seen_ago = now - tonumber(seen[index + 1]) end
  for _, slot in ipairs(redis.call('ZRANGE', PENDING, 0, -1)) do
    local use = of(owner(slot))
    use.pending = use.pending + 1
  end
  for _, name in ipairs(redis.call('ZRANGE', WAITING, 0, -1)) do
    of(name).waiting = tonumber(redis.call('HGET', FACTS, 'wanted:' .. name)) or 0
  end
  for index, window in ipairs(windows) do
    for _, slot in ipairs(redis.call('ZRANGEBYSCORE', ANSWERED, '(' .. digits(now - window.span), '+inf')) do
      local used = of(owner(slot)).used
      used[index] = (used[index] or 0) + 1
    end
  end
  local list = {}
  for _, use in pairs(known) do
    for index = 1, #windows do use.used[index] = (use.used[index] or 0) + use.pending end
    list[#list + 1] = use
  end
  return list
end

local function promised()
  local wanted = 0
  for _, name in ipairs(redis.call('ZRANGE', WAITING, 0, -1)) do
    if name ~= process then wanted = wanted + (tonumber(redis.call('HGET', FACTS, 'wanted:' .. name)) or 0) end
  end
  return wanted
end

local function state()
  local answer = {windows = {}, free = free_now(), processes = redis.call('ZCARD', SEEN), promised = promised()}
  for index, window in ipairs(windows) do
    local own = pending() + count(window)
    local used = math.max(own, own + others_in(index) - (window.limit - window.usable))
    answer.windows[index] = {window.usable, used}
  end
  local at = free_at(0)
  if at < NEVER then answer.next_in = math.max(0, at - now) end
  answer.paused_for = math.max(0, facts.paused_until - now)
  answer.clock = digits(now)
  return answer
end

-- A call that is carried out after a later one of its process changes nothing: its answer is lost.
local last_call = tonumber(redis.call('HGET', FACTS, 'call:' .. process)) or 0
if question.call <= last_call then return cjson.encode({is_late = true}) end

if facts.latest > now + CLOCK_STEP then shift_times(facts.latest - now) end
facts.latest = now
tidy()
redis.call('HSET', FACTS, 'call:' .. process, digits(question.call))
local epoch = redis.call('HGET', FACTS, 'epoch')
if not epoch then
  epoch = process .. '-' .. digits(now)
  redis.call('HSET', FACTS, 'epoch', epoch)
end
if question.epoch ~= '' and question.epoch ~= epoch and not question.history then
  save()
  return cjson.encode({is_anew = true, epoch = epoch})
end
report()
local got, sleep = 0, 0
if question.take then got, sleep = take(question.take) end
if question.leaves then forget_waiting(process) end
local answer = state()
answer.epoch, answer.got, answer.sleep = epoch, got, sleep
if question.uses then answer.uses = uses() end
save()
return cjson.encode(answer)
