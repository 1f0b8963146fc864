"""
Measure the filter on mail whose right treatment is known.

Pure: ``measure()`` turns finished cases into figures, ``sightings()`` says where a symbol
fired, ``as_json()`` hands figures to machines.  Scanning is done in ``cases``, showing in
``tables`` and ``html_report``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from phish_milter.detection.checks import SYMBOLS
from phish_milter.evaluation.cases import ATTACK, LEGIT, Case
from phish_milter.evaluation.mail_files import Unreadable
from phish_milter.policy.decision import Action
from phish_milter.text.escaping import present

# Findings listed for a worst case; the strongest explain it.
TOLD_FINDINGS = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Counts over some cases.

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
    """A case that went wrong, how badly, and in which words."""

    case: Case
    badness: tuple[int, float]
    problem: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one run; *failed* is how many cases went wrong, *worst* the gravest."""

    families: tuple[Tally, ...]
    totals: tuple[Tally, ...]
    thresholds: tuple[Threshold, ...]
    symbols: tuple[Firing, ...]
    failed: int
    worst: tuple[Failure, ...]


def measure(cases: Sequence[Case], worst: int = 10) -> Evaluation:
    """Turn cases into figures, with the *worst* gravest failures."""
    families: dict[tuple[str, str], list[Case]] = {}
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        families.setdefault((case.expected.kind, case.expected.family), []).append(case)
        kinds.setdefault(case.expected.kind, []).append(case)
    failures = sorted(_failures(cases), key=lambda f: f.badness, reverse=True)
    return Evaluation(
        families=tuple(_tally(*key, group) for key, group in sorted(families.items())),
        totals=tuple(_tally(kind, "", group) for kind, group in sorted(kinds.items())),
        thresholds=tuple(_thresholds(kinds.get(ATTACK, []), kinds.get(LEGIT, []))),
        symbols=tuple(_firings(cases)),
        failed=len(failures),
        worst=tuple(failures[:worst]),
    )


def _tally(kind: str, family: str, cases: Sequence[Case]) -> Tally:
    return Tally(
        kind,
        family,
        n=len(cases),
        caught=sum(case.caught for case in cases),
        tagged=sum((case.action or Action.ACCEPT) >= Action.TAG for case in cases),
        harmed=sum(case.harmed for case in cases),
        agrees=sum(case.agrees for case in cases),
        missing=sum(case.action is None for case in cases),
    )


def _thresholds(attacks: Sequence[Case], legitimate: Sequence[Case]) -> Iterator[Threshold]:
    for action in (Action.TAG, Action.QUARANTINE, Action.REJECT):
        hits = sum((case.action or Action.ACCEPT) >= action for case in attacks)
        errors = sum((case.action or Action.ACCEPT) >= action for case in legitimate)
        precision, recall = _ratio(hits, hits + errors), _ratio(hits, len(attacks))
        yield Threshold(str(action), hits, errors, precision, recall)


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _firings(cases: Iterable[Case]) -> Iterator[Firing]:
    counts: dict[str, Counter[str]] = {ATTACK: Counter(), LEGIT: Counter(), "": Counter()}
    for case in cases:
        counts.get(case.expected.kind, counts[""]).update(case.symbols)
    for name, symbol in SYMBOLS.items():
        attack, legit, other = (counts[kind][name] for kind in (ATTACK, LEGIT, ""))
        precision = _ratio(attack, attack + legit)
        yield Firing(name, str(symbol.role), attack, legit, other, precision)


def sightings(cases: Iterable[Case], symbols: Collection[str]) -> Iterator[Sighting]:
    """Yield every message on which one of *symbols* fired, once for each."""
    for case in cases:
        seen: set[str] = set()
        for item in case.findings:
            name = item.finding.symbol.name
            if name in symbols and name not in seen:
                seen.add(name)
                expected, action = case.expected, str(case.action)
                told = present(item.finding.evidence)
                yield Sighting(name, expected.file, expected.kind, action, item.score, told)


def _failures(cases: Iterable[Case]) -> Iterator[Failure]:
    for case in cases:
        expected, result = case.expected, case.result
        if isinstance(result, Unreadable):
            yield Failure(case, (9, 0.0), f"not scanned: {result.error}")
            continue
        action, score = result.verdict.action, result.verdict.score
        if case.harmed:
            over = action - Action.parse(expected.at_most)
            yield Failure(
                case, (3 + over, score), f"harmed: {action}, at most {expected.at_most} is right"
            )
        elif not case.caught:
            under = Action.parse(expected.at_least) - action
            yield Failure(
                case, (2 + under, -score), f"missed: {action}, at least {expected.at_least}"
            )
        elif not case.agrees:
            right = " or ".join(expected.brand_verdicts)
            yield Failure(case, (1, 0.0), f"brand verdict {case.brand_verdict}, not {right}")


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
        "file": failure.case.expected.file,
        "problem": failure.problem,
        "why": failure.case.expected.why,
        "findings": [
            {"symbol": item.finding.symbol.name, "score": item.score}
            for item in failure.case.strongest[:TOLD_FINDINGS]
        ],
    }


def percent(ratio: float | None) -> str:
    """Return *ratio* for people, a dash where there is none."""
    return "-" if ratio is None else f"{ratio:.1%}"
