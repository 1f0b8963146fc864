"""
Measure the filter on mail whose right treatment is known.

Pure: ``measure()`` turns finished trials into figures, ``sightings()`` says where a symbol
fired, ``as_json()`` hands figures to machines.  Scanning is done in ``trials``, showing in
``tables`` and ``html_report``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from phish_milter.detection.checks import SYMBOLS
from phish_milter.evaluation.cases import ATTACK, LEGIT, Trial
from phish_milter.evaluation.mail_files import Unreadable
from phish_milter.policy.decision import Action
from phish_milter.text.escaping import present

# Findings listed for a worst case; the strongest explain it.
TOLD_FINDINGS = 5


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
    """
    On how many messages of which kind a symbol fired.

    Attributes:
        precision: Attacks among the attacks and legitimate mails it fired on; None where it
            fired on neither.
    """

    symbol: str
    role: str
    attack: int
    legit: int
    other: int
    precision: float | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message on which a symbol fired, with its weight there and its first evidence."""

    symbol: str
    file: str
    kind: str
    action: str
    score: float
    evidence: str


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
        attack, legit, other = (counts[kind][name] for kind in (ATTACK, LEGIT, ""))
        precision = _ratio(attack, attack + legit)
        yield Firing(name, str(symbol.role), attack, legit, other, precision)


def sightings(trials: Iterable[Trial], symbols: Collection[str]) -> Iterator[Sighting]:
    """Yield every message on which one of *symbols* fired, once for each."""
    for trial in trials:
        seen: set[str] = set()
        for item in trial.findings:
            name = item.finding.symbol.name
            if name in symbols and name not in seen:
                seen.add(name)
                expected, action = trial.expected, str(trial.action)
                told = present(item.finding.evidence)
                yield Sighting(name, expected.file, expected.kind, action, item.score, told)


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
            for item in failure.trial.strongest[:TOLD_FINDINGS]
        ],
    }


def percent(ratio: float | None) -> str:
    """Return *ratio* for people, a dash where there is none."""
    return "-" if ratio is None else f"{ratio:.1%}"
