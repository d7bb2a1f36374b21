"""The account as a whole, driven at random: what must hold after any history."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gradient_async.emulator import Account, Action, Behaviour, Clock, DropletSpec, Lag, Outcome, Visibility
from gradient_async.emulator.droplet_rules import BULK_TYPES, RULES
from gradient_async.emulator.refusals import Refusal

PARAMETERS: dict[str, Any] = {
    "change_backup_policy": {"backup_policy": {"plan": "weekly", "weekday": "MON", "hour": 4}},
    "change_kernel": {"kernel": 7},
    "rebuild": {"image": "ubuntu-24-04-x64"},
    "rename": {"name": "renamed"},
    "resize": {"size": "gpu-h100x8-640gb"},
    "restore": {"image": 190_000_000},
    "snapshot": {"name": "nightly"},
}
OUTCOMES = st.builds(
    Outcome, errored=st.booleans(), ignored=st.booleans(), lag=st.sampled_from([0.0, 5.0, -1.0, 200.0])
)
DROPLETS = st.integers(min_value=0, max_value=3)


class AccountMachine(RuleBasedStateMachine):
    @initialize(
        noise=st.sampled_from([0.0, 0.5]),
        lag=st.sampled_from([0.0, 10.0]),
        status=st.sampled_from([Lag(), Lag(30.0), Lag(30.0, chance=0.5)]),
    )
    def open(self, noise: float, lag: float, status: Lag) -> None:
        self.clock = Clock(start=1.79e9, elapsed=lambda: 0.0)
        behaviour = Behaviour(metadata_event_rate=noise, read_lag=lag)
        visibility = Visibility(status=status, tag=lag)
        self.account = Account(clock=self.clock, behaviour=behaviour, seed=1, visibility=visibility)
        self.ids = [
            self.account.add(DropletSpec(tags=("all", f"t{number}"), backups=number == 0)).id for number in range(4)
        ]
        self.accepted: dict[int, Action] = {}
        self.ended: dict[int, Action] = {}

    @rule(number=DROPLETS, type=st.sampled_from(sorted(RULES)), outcome=OUTCOMES)
    def act(self, number: int, type: str, outcome: Outcome) -> None:
        droplet_id = self.ids[number]
        busy = self.account.pending(droplet_id)
        result = self.account.initiate(droplet_id, type, PARAMETERS.get(type, {}), outcome=outcome)
        if busy:
            assert isinstance(result, Refusal)
            assert result.message == "Droplet already has a pending event."
        if isinstance(result, Action):
            self.accept(result)

    @rule(tag=st.sampled_from(["all", "t1", "none"]), type=st.sampled_from(sorted(BULK_TYPES)))
    def act_by_tag(self, tag: str, type: str) -> None:
        results = self.account.initiate_by_tag(tag, type, PARAMETERS.get(type, {}))
        assert not isinstance(results, Refusal)
        assert len({action.droplet_id for action in results}) == len(results)
        for action in results:
            self.accept(action)

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 20.0, 300.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def wait_until_views_have_caught_up(self) -> None:
        self.clock.advance(10_000.0)
        droplets = list(self.account.droplets.values())
        assert [self.account.shown_droplet(droplet.id) for droplet in droplets] == droplets
        assert list(self.account.listed_droplets()) == list(self.account.tagged("all")) == droplets

    def accept(self, action: Action) -> None:
        assert action.status == "in-progress"
        assert action.id > 2**31
        assert all(action.id > earlier for earlier in self.accepted)
        self.accepted[action.id] = action

    @invariant()
    def every_action_is_sound(self) -> None:
        now = self.clock.now()
        actions = self.account.actions
        assert list(actions) == sorted(actions)
        for action in actions.values():
            assert action.status in ("in-progress", "completed", "errored")
            assert (action.completed is None) is (action.status == "in-progress")
            if action.completed is None:
                assert action.due > now
            else:
                assert action.started <= action.completed <= now

    @invariant()
    def nothing_is_lost_and_no_end_is_taken_back(self) -> None:
        actions = self.account.actions
        assert set(self.accepted) <= set(actions)
        for action_id, end in self.ended.items():
            assert actions[action_id] == end
        self.ended = {action.id: action for action in actions.values() if action.is_finished}

    @invariant()
    def no_droplet_has_two_events_at_once(self) -> None:
        for droplet_id in self.ids:
            history = self.account.actions_of(droplet_id)
            assert sum(not action.is_finished for action in history) <= 1
            for later, earlier in pairwise(history):
                assert earlier.due <= later.started

    @invariant()
    def lists_are_newest_first_and_whole(self) -> None:
        actions = self.account.actions
        page, total = self.account.action_page(None, 0, 10_000)
        hidden = [a for a in actions.values() if a.started > self.clock.now() - self.account.behaviour.read_lag]
        assert total == len(page) == len(actions) - len(hidden)
        assert [action.id for action in page] == sorted((a for a in actions if actions[a] not in hidden), reverse=True)

    @invariant()
    def droplets_are_sound(self) -> None:
        for droplet in self.account.droplets.values():
            assert droplet.status in ("active", "off")
            assert droplet.disk <= droplet.size.disk
            assert len(droplet.snapshot_ids) == len(set(droplet.snapshot_ids))
            assert ("backups" in droplet.features) is (droplet.backup_policy is not None)


AccountMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestAccountMachine = AccountMachine.TestCase
