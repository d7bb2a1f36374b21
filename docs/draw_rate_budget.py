"""Draws pictures/rate-budget.svg from the code that paces requests: ``python docs/draw_rate_budget.py``.

``SlidingWindows`` takes the time as an argument. So an hour is computed at once, with the same result each time.
"""

from __future__ import annotations

from pathlib import Path

from gradient_async.http.windows import DOCUMENTED_WINDOWS, SlidingWindows

PICTURE = Path(__file__).parent / "pictures" / "rate-budget.svg"
SECONDS_TO_ANSWER = 0.2

WIDTH, HEIGHT = 860, 360
TOP, BOTTOM = 84, 306
PANELS = ((64, 410), (500, 846))

STYLE = """
  .paper { fill: #ffffff } .grid { stroke: #d5dbe3 } text { fill: #1b2430; font: 13px system-ui, sans-serif }
  .quiet { fill: #5b6675 } .head { font-weight: 600; font-size: 14px }
  .sent { stroke: #2f77c9; stroke-width: 2.5; fill: none } .in-blue { fill: #2266b3 }
  .reserved { stroke: #b26a00; stroke-width: 2; fill: none; stroke-dasharray: 6 4 } .in-amber { fill: #9a5b00 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .grid { stroke: #323b47 } text { fill: #e8edf3 } .quiet { fill: #9aa5b3 }
    .sent { stroke: #4d94e8 } .in-blue { fill: #7db3f2 } .reserved { stroke: #e0a030 } .in-amber { fill: #ffcf70 }
  }
"""


def sent_at(requests: int, *, reserve: float = 0.0) -> list[float]:
    """Return the seconds at which a number of waiting requests are sent."""
    windows = SlidingWindows(DOCUMENTED_WINDOWS, reserve)
    now = 0.0
    sent: list[float] = []
    answers: list[float] = []
    while len(sent) < requests:
        free_at = windows.free_at(now)
        if free_at <= now:
            windows.start()
            sent.append(now)
            answers.append(now + SECONDS_TO_ANSWER)
            continue
        now = min([free_at, *answers[:1]])
        while answers and answers[0] <= now:
            windows.end(answers.pop(0))
    return sent


def panel(index: int, head: str, lines: list[tuple[str, list[float]]], minutes: int, tick: int, most: int) -> str:
    """Return a panel: sent requests over time, one line for each setting."""
    left, right = PANELS[index]

    def x_of(seconds: float) -> float:
        return left + (right - left) * seconds / (60 * minutes)

    def y_of(count: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * count / most

    parts = [f'<text class="head" x="{left}" y="52">{head}</text>']
    for count in range(0, most + 1, most // 4):
        parts.append(f'<path class="grid" d="M{left} {y_of(count):.1f}H{right}"/>')
        parts.append(f'<text class="quiet" x="{left - 8}" y="{y_of(count) + 4:.1f}" text-anchor="end">{count:,}</text>')
    parts += [
        f'<text class="quiet" x="{x_of(60 * minute):.1f}" y="326" text-anchor="middle">{minute}</text>'
        for minute in range(0, minutes + 1, tick)
    ]
    parts.append(f'<text class="quiet" x="{(left + right) / 2}" y="346" text-anchor="middle">minutes</text>')
    for name, times in lines:
        path = f"M{left} {BOTTOM}"
        for number, moment in enumerate(times, 1):
            is_last_of_burst = number == len(times) or times[number] > moment
            is_first_of_burst = number == 1 or times[number - 2] < moment
            if is_first_of_burst:
                path += f"H{x_of(moment):.1f}"
            if is_last_of_burst:
                path += f"V{y_of(number):.1f}"
        parts.append(f'<path class="{name}" d="{path}H{right}"/>')
    return "\n".join(parts)


def picture() -> str:
    """Return the picture as SVG."""
    whole, with_reserve, fleet = sent_at(1000), sent_at(1000, reserve=0.2), sent_at(6000)
    legend = f"""<text class="in-blue" x="{PANELS[0][0] + 10}" y="104">the whole budget:</text>
<text class="in-blue" x="{PANELS[0][0] + 10}" y="122">250 a minute</text>
<text class="in-amber" x="{PANELS[0][0] + 224}" y="242">with reserve=0.2:</text>
<text class="in-amber" x="{PANELS[0][0] + 224}" y="260">200 a minute</text>
<text class="in-blue" x="{PANELS[1][0] + 112}" y="146">5,000 in the hour: wait</text>"""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" \
aria-label="Requests sent over time: 1,000 requests take 3 minutes, 6,000 take 63">
<style>{STYLE}</style>
<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>
<text class="quiet" x="{PANELS[0][0]}" y="26">Requests sent, when all are there at minute 0</text>
{panel(0, "1,000 requests: the minute decides", [("reserved", with_reserve), ("sent", whole)], 5, 1, 1000)}
{panel(1, "6,000 requests: the hour decides", [("sent", fleet)], 75, 15, 6000)}
{legend}
</svg>
"""


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
