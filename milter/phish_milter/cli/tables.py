"""The figures of ``evaluate`` as plain tables for people."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table

from phish_milter.evaluation.cases import ATTACK
from phish_milter.evaluation.figures import (
    TOLD_FINDINGS,
    Evaluation,
    Failure,
    Firing,
    Sighting,
    Tally,
    Threshold,
    percent,
)
from phish_milter.text.escaping import present, show

# Tables are not squeezed where the output goes to a file.
_FILE_WIDTH = 160


def console() -> Console:
    """Return where tables for people go: standard output, without markup."""
    out = Console(markup=False, highlight=False, emoji=False)
    if not out.is_terminal:
        out.width = _FILE_WIDTH
    return out


def print_tables(result: Evaluation) -> None:
    """Print the figures for people on standard output."""
    out = console()
    out.print(family_table([*result.families, *result.totals]))
    out.print(_threshold_table(result.thresholds))
    out.print(_symbol_table(result.symbols))
    out.print(f"worst cases ({len(result.worst)} of {result.failed})")
    for failure in result.worst:
        for line in _told(failure):
            out.print(line, soft_wrap=True)


def print_sightings(found: Iterable[Sighting]) -> None:
    """Print where symbols fired, one line a message."""
    out = console()
    for s in found:
        line = (
            f"{s.symbol} {s.score:+.1f} {show(s.file)} ({show(s.kind)}, {s.action}): {s.evidence}"
        )
        out.print(line, soft_wrap=True)


def table(*columns: str, left: int) -> Table:
    """Return an empty table whose first *left* columns hold text, the others numbers."""
    rows = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        rows.add_column(column, justify="left" if number < left else "right", no_wrap=True)
    return rows


def family_table(tallies: Iterable[Tally]) -> Table:
    """Return the counts, one line each."""
    columns = ("family", "kind", "n", "caught", "tagged+", "harmed", "verdict", "missing")
    rows = table(*columns, left=2)
    for t in tallies:
        caught = f"{t.caught}/{t.n}" if t.kind == ATTACK else "-"
        cells = (show(t.family or "all"), show(t.kind), t.n, caught, t.tagged, t.harmed)
        rows.add_row(*map(str, cells), f"{t.agrees}/{t.n}", str(t.missing))
    return rows


def _threshold_table(thresholds: Iterable[Threshold]) -> Table:
    rows = table("at least", "attacks", "legitimate", "precision", "recall", left=1)
    for t in thresholds:
        figures = (percent(t.precision), percent(t.recall))
        rows.add_row(t.action, str(t.attacks), str(t.legitimate), *figures)
    return rows


def _symbol_table(firings: Iterable[Firing]) -> Table:
    rows = table("symbol", "role", "attack", "legit", "other", "precision", left=2)
    for f in firings:
        counts = (str(f.attack), str(f.legit), str(f.other))
        rows.add_row(f.symbol, f.role, *counts, percent(f.precision))
    return rows


def _told(failure: Failure) -> Iterator[str]:
    expected = failure.case.expected
    yield f"- {show(expected.file)}: {show(failure.problem)}"
    if expected.why:
        yield f"    expected because: {show(expected.why)}"
    for item in failure.case.strongest[:TOLD_FINDINGS]:
        finding = item.finding
        yield f"    {item.score:+5.1f} {finding.symbol.name}: {present(finding.evidence, 120)}"
