"""A histogram of scores as inline SVG, with the thresholds marked and the actions as colours."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from phish_milter.evaluation.cases import Case
from phish_milter.policy.decision import Action, Policy

# Geometry in SVG units; the drawing scales with the page.
_WIDTH, _HEIGHT = 960, 190
_LEFT, _RIGHT, _TOP, _FLOOR = 12, 12, 34, 162
# A bin is one point wide up to this many bins, then wider.
_MOST_BINS = 60
_GAP = 0.12
# The lowest bar must be seen beside one of thousands.
_LEAST_HEIGHT = 4.0
# Labels of the axis: about this many.
_LABELS = 12


def histogram(cases: Sequence[Case], policy: Policy, most: float) -> str:
    """
    Return an SVG element that shows the scores of *cases*, from 0 to *most*.

    Trials that were not scanned are left out.
    """
    width = max(1.0, math.ceil((most + 1) / _MOST_BINS))
    scale = (_WIDTH - _LEFT - _RIGHT) / (math.floor(most / width) + 1) / width
    bins = _bins(cases, width)
    tallest = max((sum(actions.values()) for actions in bins.values()), default=1)
    parts = [
        *_axis(most, width, scale),
        *(
            part
            for at, actions in sorted(bins.items())
            for part in _bar(at, actions, width, scale, tallest)
        ),
        *_thresholds(policy, scale, most),
    ]
    title = f"scores of {len(cases)} messages"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def _bins(cases: Sequence[Case], width: float) -> dict[int, Counter[Action]]:
    bins: dict[int, Counter[Action]] = {}
    for case in cases:
        if case.score is not None and case.action is not None:
            bins.setdefault(math.floor(max(case.score, 0.0) / width), Counter())[case.action] += 1
    return bins


def _bar(
    at: int, actions: Counter[Action], width: float, scale: float, tallest: int
) -> Iterator[str]:
    """Yield one bar: its height by its count, its colours by the shares of the actions."""
    n = sum(actions.values())
    room = _FLOOR - _TOP - 14
    height = max(room * math.log1p(n) / math.log1p(tallest), _LEAST_HEIGHT)
    x, wide = _LEFT + at * width * scale, width * scale
    told = ", ".join(f"{count} {action}" for action, count in sorted(actions.items()))
    span = f"{at * width:g}" if width == 1 else f"{at * width:g} to {(at + 1) * width:g}"
    yield f"<g><title>score {span}: {told}</title>"
    floor = float(_FLOOR)
    for action, count in sorted(actions.items()):
        part = height * count / n
        floor -= part
        left, across = f"{x + wide * _GAP / 2:.1f}", f"{wide * (1 - _GAP):.1f}"
        place = f'x="{left}" y="{floor:.1f}" width="{across}" height="{part:.1f}"'
        yield f'<rect class="{action}" {place}/>'
    yield f'<text class="n" x="{x + wide / 2:.1f}" y="{floor - 4:.1f}">{n}</text></g>'


def _axis(most: float, width: float, scale: float) -> Iterator[str]:
    yield f'<line class="axis" x1="{_LEFT}" y1="{_FLOOR}" x2="{_WIDTH - _RIGHT}" y2="{_FLOOR}"/>'
    bins = math.floor(most / width) + 1
    step = max(1, math.ceil(bins / _LABELS))
    for at in range(0, bins, step):
        x = _LEFT + at * width * scale
        yield f'<line class="axis" x1="{x:.1f}" y1="{_FLOOR}" x2="{x:.1f}" y2="{_FLOOR + 4}"/>'
        yield f'<text x="{x:.1f}" y="{_FLOOR + 16}">{at * width:g}</text>'


def _thresholds(policy: Policy, scale: float, most: float) -> Iterator[str]:
    dials = (
        (Action.TAG, policy.tag),
        (Action.QUARANTINE, policy.quarantine),
        (Action.REJECT, policy.reject),
    )
    for action, score in dials:
        if score <= most + 1:
            x = _LEFT + score * scale
            yield f'<line class="at" x1="{x:.1f}" y1="{_TOP - 14}" x2="{x:.1f}" y2="{_FLOOR}"/>'
            yield f'<text class="at" x="{x + 4:.1f}" y="{_TOP - 6}">{action} {score:g}</text>'
