"""What other settings would change: one set of mails judged under two configurations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from phish_milter.evaluation.cases import Case, rejudged, run
from phish_milter.evaluation.figures import Tally, measure
from phish_milter.evaluation.manifest import Expectation
from phish_milter.settings.model import Settings
from phish_milter.settings.types import Affects

# What a scan does not depend on: from a finished one the verdict can be replayed.
_REPLAYED = frozenset(Settings.affecting(Affects.POLICY, Affects.OUTPUT, Affects.RESTART))

FIXED, BROKEN, NEUTRAL = "fixed", "broken", ""


@dataclass(frozen=True, slots=True)
class Shift:
    """
    A symbol that counts for something else than before.

    Attributes:
        before, after: What it added to the score, None where it did not fire.
    """

    symbol: str
    before: float | None
    after: float | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+{self.symbol}"
        if self.after is None:
            return f"-{self.symbol}"
        return f"{self.symbol} {self.before:g}->{self.after:g}"


@dataclass(frozen=True, slots=True)
class State:
    """What became of a message; *action* is ``not scanned`` where nothing did."""

    action: str
    score: float | None
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """
    A message with another action or another verdict than before.

    Attributes:
        effect: ``broken`` where it was treated right and is no more, ``fixed`` the other
            way round, empty where it was and is right, or was and is wrong.
        shifts: Symbols that count for something else, in the order of their names.
    """

    file: str
    kind: str
    family: str
    effect: str
    before: State
    after: State
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two configurations side by side.

    Attributes:
        before, after: Counts per kind of mail.
        changes: The messages that change, the broken ones first.
        rescored: Messages whose score moved while action and verdicts stayed.
    """

    before: tuple[Tally, ...]
    after: tuple[Tally, ...]
    changes: tuple[Change, ...]
    rescored: int


def same_scan(a: Settings, b: Settings) -> bool:
    """Return whether *a* and *b* differ in nothing that scanning depends on."""
    return _REPLAYED.issuperset(a.differing(b))


def run_both(
    manifest: Path, entries: Sequence[Expectation], a: Settings, b: Settings
) -> tuple[list[Case], list[Case]]:
    """Return what becomes of *entries* under *a* and under *b*; scans twice only if it must."""
    before = run(manifest, entries, a)
    if same_scan(a, b):
        return before, [rejudged(case, b) for case in before]
    return before, run(manifest, entries, b)


def compare(before: Sequence[Case], after: Sequence[Case]) -> Comparison:
    """Compare two runs over the same manifest."""
    pairs = list(zip(before, after, strict=True))
    changes = [_change(*pair) for pair in pairs if _differ(*pair)]
    rescored = sum(a.score != b.score and not _differ(a, b) for a, b in pairs)
    order = (BROKEN, FIXED, NEUTRAL)
    changes.sort(key=lambda change: order.index(change.effect))
    return Comparison(measure(before).totals, measure(after).totals, tuple(changes), rescored)


def _differ(a: Case, b: Case) -> bool:
    return (a.action, a.brand_verdicts) != (b.action, b.brand_verdicts)


def _change(a: Case, b: Case) -> Change:
    effect = NEUTRAL if a.right == b.right else FIXED if b.right else BROKEN
    expected, shifts = a.expected, tuple(_shifts(a, b))
    return Change(
        expected.file, expected.kind, expected.family, effect, _state(a), _state(b), shifts
    )


def _state(case: Case) -> State:
    action = "not scanned" if case.action is None else str(case.action)
    return State(action, case.score, case.brand_verdicts)


def _shifts(a: Case, b: Case) -> Iterator[Shift]:
    before, after = _weights(a), _weights(b)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Shift(name, before.get(name), after.get(name))


def _weights(case: Case) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in case.findings:
        name = item.finding.symbol.name
        weights[name] = round(weights.get(name, 0.0) + item.score, 3)
    return weights


def as_json(result: Comparison) -> Mapping[str, Any]:
    """Return the comparison ready for ``json.dumps``."""
    return {
        "before": [asdict(tally) for tally in result.before],
        "after": [asdict(tally) for tally in result.after],
        "rescored": result.rescored,
        "changes": [asdict(change) for change in result.changes],
    }
