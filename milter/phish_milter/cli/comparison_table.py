"""Two configurations side by side, for people."""

from collections.abc import Iterator

from phish_milter.cli.tables import console, family_table
from phish_milter.evaluation.comparison import Change, Comparison, State
from phish_milter.text.escaping import show


def print_comparison(result: Comparison) -> None:
    """Print totals and changes for people on standard output."""
    out = console()
    for title, tallies in (("before", result.before), ("after", result.after)):
        out.print(title)
        out.print(family_table(tallies))
    number = len(result.changes)
    out.print(
        f"{number} {'message changes' if number == 1 else 'messages change'} action or verdict, "
        f"{result.rescored} more only the score"
    )
    for change in result.changes:
        for line in _told(change):
            out.print(line, soft_wrap=True)


def _told(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    what = [_arrow(before.action, after.action), f"score {_arrow(_points(before), _points(after))}"]
    if before.verdicts != after.verdicts:
        what.append(_arrow(_words(before), _words(after)))
    group = show(f"{change.kind} {change.family}".strip())
    yield f"{change.effect:<6} {show(change.file)} ({group}): {', '.join(what)}"
    if change.shifts:
        yield f"       {', '.join(map(str, change.shifts))}"


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} -> {after}"


def _points(state: State) -> str:
    return "-" if state.score is None else f"{state.score:g}"


def _words(state: State) -> str:
    return ", ".join(state.verdicts) or "none"
