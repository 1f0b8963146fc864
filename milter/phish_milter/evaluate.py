"""
Measure the filter on mail whose right treatment is known.

``run()`` scans a manifest, ``measure()`` turns the results into figures (pure), and
``print_tables()`` and ``as_json()`` show them.
"""

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from phish_milter.checks import SYMBOLS
from phish_milter.mailfiles import Expectation, Judged, MailFile, Unreadable, examine, mail_of
from phish_milter.policy import Action, ScoredFinding
from phish_milter.safe import present, show
from phish_milter.settings import Settings
from phish_milter.street import Street

# Below this starting processes takes longer than scanning.
ALONE = 50
_CHUNK = 8
# Findings listed for a worst case; the strongest explain it.
_TOLD_FINDINGS = 5
# Tables are not squeezed where the output goes to a file.
_FILE_WIDTH = 160

ATTACK, LEGIT = "attack", "legit"


@dataclass(frozen=True, slots=True)
class Trial:
    """One file with what was expected and what came of it."""

    expected: Expectation
    result: Judged | Unreadable

    @property
    def action(self) -> Action | None:
        """What would be done, None where the file was not scanned."""
        return self.result.verdict.action if isinstance(self.result, Judged) else None

    @property
    def caught(self) -> bool:
        """Whether the action is at least what was expected."""
        return self.action is not None and self.action >= Action.parse(self.expected.at_least)

    @property
    def harmed(self) -> bool:
        """Whether the action is more than what is right."""
        return self.action is not None and self.action > Action.parse(self.expected.at_most)

    @property
    def brand_verdict(self) -> str:
        """Verdict on the brand the expectation is about, ``none`` without one."""
        if isinstance(self.result, Unreadable):
            return "none"
        brands = self.result.verdict.brands
        return next((str(b.verdict) for b in brands if b.brand == self.expected.brand), "none")

    @property
    def agrees(self) -> bool:
        """Whether the brand verdict is one of those expected."""
        right = self.expected.brand_verdicts
        return self.action is not None and (not right or self.brand_verdict in right)

    @property
    def symbols(self) -> frozenset[str]:
        """Names of the symbols that fired."""
        if isinstance(self.result, Unreadable):
            return frozenset()
        return frozenset(item.finding.symbol.name for item in self.result.verdict.findings)


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Counts over some trials.

    Attributes:
        n: All of them.
        caught: With at least the action expected.
        tagged: Tagged or worse.
        harmed: With more than the action that is right.
        agrees: With a right brand verdict.
        missing: Not scanned.
    """

    kind: str
    family: str
    n: int
    caught: int
    tagged: int
    harmed: int
    agrees: int
    missing: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """
    How well "at least *action*" tells attacks from legitimate mail.

    Attributes:
        attacks, legitimate: Messages that get at least *action*.
        precision, recall: Between 0 and 1; None where there is nothing to divide by.
    """

    action: str
    attacks: int
    legitimate: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Firing:
    """On how many messages of which kind a symbol fired."""

    symbol: str
    role: str
    attack: int
    legit: int
    other: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that went wrong, how badly, and in which words."""

    trial: Trial
    badness: tuple[int, float]
    problem: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one run; *failed* is how many trials went wrong, *worst* the gravest."""

    families: tuple[Tally, ...]
    totals: tuple[Tally, ...]
    thresholds: tuple[Threshold, ...]
    symbols: tuple[Firing, ...]
    failed: int
    worst: tuple[Failure, ...]


def run(manifest: Path, entries: Sequence[Expectation], settings: Settings) -> list[Trial]:
    """Scan all files of *manifest*, on all CPUs where that pays, in their order."""
    mails = [mail_of(entry, manifest) for entry in entries]
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        results = progress.track(_results(mails, settings), len(mails), description="scanning")
        return [Trial(entry, result) for entry, result in zip(entries, results, strict=True)]


def _results(mails: Sequence[MailFile], settings: Settings) -> Iterator[Judged | Unreadable]:
    processes = settings.scanner.processes
    if processes == 1 or len(mails) < ALONE:
        street = Street(settings)
        yield from (examine(mail, street, settings) for mail in mails)
        return
    Street(settings)  # what is wrong with the brand packs shows here, in words
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, context, _Worker.start, (settings,)) as pool:
        yield from pool.map(_Worker.examine, mails, repeat(settings), chunksize=_CHUNK)


class _Worker:
    """A process that scans; it builds its scanner once."""

    street: Street

    @classmethod
    def start(cls, settings: Settings) -> None:
        cls.street = Street(settings)

    @classmethod
    def examine(cls, mail: MailFile, settings: Settings) -> Judged | Unreadable:
        return examine(mail, cls.street, settings)


def measure(trials: Sequence[Trial], worst: int = 10) -> Evaluation:
    """Turn trials into figures, with the *worst* gravest failures."""
    families: dict[tuple[str, str], list[Trial]] = {}
    kinds: dict[str, list[Trial]] = {}
    for trial in trials:
        families.setdefault((trial.expected.kind, trial.expected.family), []).append(trial)
        kinds.setdefault(trial.expected.kind, []).append(trial)
    failures = sorted(_failures(trials), key=lambda f: f.badness, reverse=True)
    return Evaluation(
        families=tuple(_tally(*key, group) for key, group in sorted(families.items())),
        totals=tuple(_tally(kind, "", group) for kind, group in sorted(kinds.items())),
        thresholds=tuple(_thresholds(kinds.get(ATTACK, []), kinds.get(LEGIT, []))),
        symbols=tuple(_firings(trials)),
        failed=len(failures),
        worst=tuple(failures[:worst]),
    )


def _tally(kind: str, family: str, trials: Sequence[Trial]) -> Tally:
    return Tally(
        kind,
        family,
        n=len(trials),
        caught=sum(trial.caught for trial in trials),
        tagged=sum((trial.action or Action.ACCEPT) >= Action.TAG for trial in trials),
        harmed=sum(trial.harmed for trial in trials),
        agrees=sum(trial.agrees for trial in trials),
        missing=sum(trial.action is None for trial in trials),
    )


def _thresholds(attacks: Sequence[Trial], legitimate: Sequence[Trial]) -> Iterator[Threshold]:
    for action in (Action.TAG, Action.QUARANTINE, Action.REJECT):
        hits = sum((trial.action or Action.ACCEPT) >= action for trial in attacks)
        errors = sum((trial.action or Action.ACCEPT) >= action for trial in legitimate)
        precision, recall = _ratio(hits, hits + errors), _ratio(hits, len(attacks))
        yield Threshold(str(action), hits, errors, precision, recall)


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _firings(trials: Iterable[Trial]) -> Iterator[Firing]:
    counts: dict[str, Counter[str]] = {ATTACK: Counter(), LEGIT: Counter(), "": Counter()}
    for trial in trials:
        counts.get(trial.expected.kind, counts[""]).update(trial.symbols)
    for name, symbol in SYMBOLS.items():
        fired = [counts[kind][name] for kind in (ATTACK, LEGIT, "")]
        yield Firing(name, str(symbol.role), *fired)


def _failures(trials: Iterable[Trial]) -> Iterator[Failure]:
    for trial in trials:
        expected, result = trial.expected, trial.result
        if isinstance(result, Unreadable):
            yield Failure(trial, (9, 0.0), f"not scanned: {result.error}")
            continue
        action, score = result.verdict.action, result.verdict.score
        if trial.harmed:
            over = action - Action.parse(expected.at_most)
            yield Failure(
                trial, (3 + over, score), f"harmed: {action}, at most {expected.at_most} is right"
            )
        elif not trial.caught:
            under = Action.parse(expected.at_least) - action
            yield Failure(
                trial, (2 + under, -score), f"missed: {action}, at least {expected.at_least}"
            )
        elif not trial.agrees:
            right = " or ".join(expected.brand_verdicts)
            yield Failure(trial, (1, 0.0), f"brand verdict {trial.brand_verdict}, not {right}")


def as_json(result: Evaluation) -> Mapping[str, Any]:
    """Return the figures ready for ``json.dumps``."""
    return {
        "families": [asdict(tally) for tally in result.families],
        "totals": [asdict(tally) for tally in result.totals],
        "thresholds": [asdict(threshold) for threshold in result.thresholds],
        "symbols": [asdict(firing) for firing in result.symbols],
        "failed": result.failed,
        "worst": [_failure_json(failure) for failure in result.worst],
    }


def _failure_json(failure: Failure) -> Mapping[str, Any]:
    return {
        "file": failure.trial.expected.file,
        "problem": failure.problem,
        "why": failure.trial.expected.why,
        "findings": [
            {"symbol": item.finding.symbol.name, "score": item.score}
            for item in _strongest(failure.trial)
        ],
    }


def _strongest(trial: Trial) -> list[ScoredFinding]:
    if isinstance(trial.result, Unreadable):
        return []
    findings = trial.result.verdict.findings
    return sorted(findings, key=lambda item: abs(item.score), reverse=True)[:_TOLD_FINDINGS]


def print_tables(result: Evaluation) -> None:
    """Print the figures for people on standard output."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    console.print(_family_table([*result.families, *result.totals]))
    console.print(_threshold_table(result.thresholds))
    console.print(_symbol_table(result.symbols))
    console.print(f"worst cases ({len(result.worst)} of {result.failed})")
    for failure in result.worst:
        for line in _told(failure):
            console.print(line, soft_wrap=True)


def _table(*columns: str, left: int) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", no_wrap=True)
    return table


def _family_table(tallies: Iterable[Tally]) -> Table:
    columns = ("family", "kind", "n", "caught", "tagged+", "harmed", "verdict", "missing")
    table = _table(*columns, left=2)
    for t in tallies:
        caught = f"{t.caught}/{t.n}" if t.kind == ATTACK else "-"
        cells = (show(t.family or "all"), show(t.kind), t.n, caught, t.tagged, t.harmed)
        table.add_row(*map(str, cells), f"{t.agrees}/{t.n}", str(t.missing))
    return table


def _threshold_table(thresholds: Iterable[Threshold]) -> Table:
    table = _table("at least", "attacks", "legitimate", "precision", "recall", left=1)
    for t in thresholds:
        figures = (_percent(t.precision), _percent(t.recall))
        table.add_row(t.action, str(t.attacks), str(t.legitimate), *figures)
    return table


def _percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1%}"


def _symbol_table(firings: Iterable[Firing]) -> Table:
    table = _table("symbol", "role", "attack", "legit", "other", left=2)
    for f in firings:
        table.add_row(f.symbol, f.role, str(f.attack), str(f.legit), str(f.other))
    return table


def _told(failure: Failure) -> Iterator[str]:
    expected = failure.trial.expected
    yield f"- {show(expected.file)}: {show(failure.problem)}"
    if expected.why:
        yield f"    expected because: {show(expected.why)}"
    for item in _strongest(failure.trial):
        finding = item.finding
        yield f"    {item.score:+5.1f} {finding.symbol.name}: {present(finding.evidence, 120)}"
