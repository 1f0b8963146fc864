"""One table of figures for lab, cases and corpora, and the misses behind it, kind by kind."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from phish_milter.evaluation.cases import Case
from phish_milter.evaluation.figures import TOLD_FINDINGS, measure
from phish_milter.policy.decision import Action
from phish_milter.text.escaping import present, show

_HEADINGS = ("set", "kind", "n", "as expected", "tagged", "held", "harmed", "verdicts")
_UNKNOWN = "-"  # nobody has written down what is right for each mail of a corpus


@dataclass(frozen=True, slots=True)
class Row:
    """
    Figures about the mails of one kind in one set.

    Attributes:
        caught: With at least the action expected.
        tagged: Tagged or worse.
        held: Held or refused.
        harmed: With more than the action that is right.
        agrees: With a right brand verdict.
    """

    where: str
    kind: str
    n: int
    tagged: int
    held: int
    caught: int | None = None
    harmed: int | None = None
    agrees: int | None = None


def rows(where: str, trials: Sequence[Case]) -> Iterator[Row]:
    """Yield one row for each kind of mail among *trials*."""
    for total in measure(trials).totals:
        of_kind = (t for t in trials if t.expected.kind == total.kind)
        held = sum((t.action or Action.ACCEPT) >= Action.QUARANTINE for t in of_kind)
        yield Row(
            where,
            total.kind,
            total.n,
            total.tagged,
            held,
            total.caught,
            total.harmed,
            total.agrees,
        )


def table(figures: Iterable[Row]) -> list[str]:
    """Return *figures* as lines of one table; counts stand beside their shares."""
    cells = [_HEADINGS, *map(_cells, figures)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]


def _cells(row: Row) -> tuple[str, ...]:
    counts = (row.caught, row.tagged, row.held, row.harmed, row.agrees)
    return (row.where, row.kind, str(row.n), *(_share(count, row.n) for count in counts))


def _share(count: int | None, n: int) -> str:
    return _UNKNOWN if count is None else f"{count} ({count / n:.1%})" if n else str(count)


def misses(trials: Iterable[Case]) -> Iterator[str]:
    """Yield, family by family, the mails that did not get what is right, and why."""
    families: dict[str, list[Case]] = {}
    for trial in trials:
        families.setdefault(trial.expected.family, []).append(trial)
    for family, members in sorted(families.items()):
        wrong = [trial for trial in members if not trial.right]
        if wrong:
            yield f"  {family}: {len(wrong)} of {len(members)} wrong"
            yield from map(_told, wrong)


def _told(trial: Case) -> str:
    what = "harmed" if trial.harmed else "missed" if not trial.caught else "other verdict"
    action = "not scanned" if trial.action is None else trial.action
    score = "" if trial.score is None else f" at {trial.score:g}"
    return f"    {what} {show(trial.expected.file)}: {action}{score}; {because(trial)}"


def because(trial: Case) -> str:
    """Return the strongest findings of *trial* in one line."""
    told = [
        f"{item.finding.symbol.name} {present(item.finding.evidence, 60)}"
        for item in trial.strongest[:TOLD_FINDINGS]
    ]
    return "; ".join(told) or "nothing was found"
