"""
What each family of attacks is held by: the verdicts again with something left out.

This is an ablation, no retraining.  Nothing here was fitted by a machine; what was chosen by
people with the development mails before their eyes are wordings, weights and which checks
there are, and each of these is taken away in turn.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from phish_milter.detection.checks import CHECKS, SYMBOLS
from phish_milter.evaluation.cases import ATTACK, LEGIT, Case, rejudged
from phish_milter.evaluation.mail_files import Judged
from phish_milter.findings import Finding, Role
from phish_milter.settings.model import Settings

# Checks that look for wordings of lures, and all that look for wordings of any kind.
LURES = frozenset({"lure"})
WORDINGS = LURES | {"signature", "template_wording", "subject_tag"}
# One weight for all symbols of a role, of the size that such a symbol has by default.
FLAT = {
    Role.CLAIM: 2.0,
    Role.CONTRADICTION: 4.0,
    Role.LURE: 1.0,
    Role.ALIBI: 0.0,
    Role.SUSPICION: 2.5,
}


@dataclass(frozen=True, slots=True)
class Row:
    """
    What is left after something was left out.

    Attributes:
        harmed: Legitimate messages with more than the action that is right.
        lost: Attacks no more caught, per family.
    """

    left_out: str
    caught: int
    attacks: int
    harmed: int
    lost: Counter[str]


def ablations(cases: Sequence[Case], settings: Settings) -> Iterator[Row]:
    """Yield what each omission costs; *cases* were judged under *settings*."""
    yield _row("nothing", cases, cases)
    yield _row("all lure wordings", cases, _without(cases, settings, LURES))
    yield _row("all wordings", cases, _without(cases, settings, WORDINGS))
    for title, scores in _weights():
        yield _row(title, cases, _weighed(cases, settings, scores))
    flat = _weighed(_without(cases, settings, WORDINGS), settings, dict(_flat()))
    yield _row("all wordings, and one weight for each role", cases, flat)
    for check in CHECKS:
        name = check.__name__.rpartition(".")[2]
        yield _row(f"check `{name}`", cases, _without(cases, settings, {name}))
    for name in SYMBOLS:
        yield _row(f"weight of `{name}`", cases, _weighed(cases, settings, {name: 0.0}))


def _weights() -> Iterator[tuple[str, dict[str, float]]]:
    yield "weights: one for each role", dict(_flat())
    for factor in (0.8, 1.25):
        scores = {name: s.score * factor for name, s in SYMBOLS.items()}
        yield f"weights: all times {factor:g}", scores


def _flat() -> Iterator[tuple[str, float]]:
    return ((name, FLAT[symbol.role]) for name, symbol in SYMBOLS.items())


def _without(
    cases: Sequence[Case], settings: Settings, checks: frozenset[str] | set[str]
) -> list[Case]:
    def stays(finding: Finding) -> bool:
        return finding.symbol.check not in checks

    return [rejudged(_filtered(case, stays), settings) for case in cases]


def _filtered(case: Case, stays: Callable[[Finding], bool]) -> Case:
    if not isinstance(case.result, Judged):
        return case
    scan = replace(case.result.scan, findings=tuple(filter(stays, case.result.scan.findings)))
    return replace(case, result=replace(case.result, scan=scan))


def _weighed(cases: Sequence[Case], settings: Settings, scores: dict[str, float]) -> list[Case]:
    other = settings.model_copy(update={"scores": {**settings.scores, **scores}})
    return [rejudged(case, other) for case in cases]


def _row(left_out: str, before: Sequence[Case], after: Sequence[Case]) -> Row:
    attacks = [t for t in after if t.expected.kind == ATTACK]
    pairs = zip(before, after, strict=True)
    lost = Counter(
        a.expected.family
        for a, b in pairs
        if a.expected.kind == ATTACK and a.caught and not b.caught
    )
    harmed = sum(t.harmed for t in after if t.expected.kind == LEGIT)
    return Row(left_out, sum(t.caught for t in attacks), len(attacks), harmed, lost)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table; rows that cost nothing are counted in its last line."""
    yield "| Left out | Attacks caught | Legitimate harmed | Families that lose |"
    yield "|---|---:|---:|---|"
    silent = 0
    for row in rows:
        single = row.left_out.startswith(("check", "weight of"))
        if single and not row.lost and not row.harmed:
            silent += 1
            continue
        lost = ", ".join(f"{family} {n}" for family, n in row.lost.most_common()) or "none"
        yield f"| {row.left_out} | {row.caught} of {row.attacks} | {row.harmed} | {lost} |"
    yield f"| each of {silent} other checks and weights | all | 0 | none |"
