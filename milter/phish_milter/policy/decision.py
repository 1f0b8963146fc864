"""
Turn findings into a verdict.  Pure: a verdict can be replayed from a log line.

The order is: role-address bypass, our own failure, verdict rules, thresholds,
caps, ceiling.  Nothing here sees a message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType

from phish_milter.findings import Finding, Proof, Role


class Action(IntEnum):
    """What happens to a message, mildest first, so that ``min()`` is the milder."""

    ACCEPT = 0
    TAG = 1
    DEFER = 2
    QUARANTINE = 3
    REJECT = 4

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Action":
        """Return the action called *word*; raises ValueError for any other word."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"unknown action {word!r}") from None


#: What a score, a ceiling or an expectation may name; ``defer`` only answers what nobody can tell.
VERDICTS = tuple(action for action in Action if action is not Action.DEFER)


class BrandVerdictWord(StrEnum):
    """Verdict about one brand; ``none`` is the absence of an entry."""

    GENUINE = "genuine"
    IMPERSONATION = "impersonation"
    UNVERIFIABLE = "unverifiable"


class RoleRecipients(StrEnum):
    """How many recipients are role addresses such as abuse@."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The dials an operator turns.

    Attributes:
        tag, quarantine, reject: Inclusive score thresholds.
        ceiling: Strongest action ever taken.
        on_failure: Action when a fault of ours prevents a verdict.
        on_unverifiable: Action for a claim that is neither proved nor contradicted.
        scores: Overrides of the symbols' default scores, by symbol name.
    """

    tag: float = 4.0
    quarantine: float = 8.0
    reject: float = 15.0
    ceiling: Action = Action.TAG
    on_failure: Action = Action.ACCEPT
    on_unverifiable: Action = Action.TAG
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def score(self, finding: Finding) -> float:
        """Return the weight of *finding* under this policy."""
        return self.scores.get(finding.symbol.name, finding.symbol.score)

    def reached(self, score: float) -> Action:
        """Return the strongest action whose threshold *score* reaches."""
        steps = (
            (Action.REJECT, self.reject),
            (Action.QUARANTINE, self.quarantine),
            (Action.TAG, self.tag),
        )
        return next((action for action, at in steps if score >= at), Action.ACCEPT)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What the verdict depends on besides the findings.

    Attributes:
        proofs: State of the proof of origin per brand; absent means skipped.
        recipients: Whether role addresses are among the recipients.
    """

    proofs: Mapping[str, Proof] = field(default_factory=lambda: MappingProxyType({}))
    recipients: RoleRecipients = RoleRecipients.NONE


@dataclass(frozen=True, slots=True)
class ScoredFinding:
    """A finding with what it added to the score; 0 when excused or counted already."""

    finding: Finding
    score: float


@dataclass(frozen=True, slots=True)
class BrandVerdict:
    """Verdict and score for one brand."""

    brand: str
    verdict: BrandVerdictWord
    score: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    The answer for one message.

    Attributes:
        action: What is done.
        uncapped_action: What would be done with ceiling ``reject``.
        score: Largest brand score plus the suspicions.
        brands: Every brand whose verdict is not ``none``, by brand id.
        findings: All findings with the scores they got, in the order given.
    """

    action: Action
    uncapped_action: Action
    score: float = 0.0
    brands: tuple[BrandVerdict, ...] = ()
    findings: tuple[ScoredFinding, ...] = ()


def failure_verdict(policy: Policy) -> Verdict:
    """Return the verdict for a message that a fault of ours kept us from judging."""
    return Verdict(action=policy.on_failure, uncapped_action=policy.on_failure)


def decide(findings: Sequence[Finding], circumstances: Circumstances, policy: Policy) -> Verdict:
    """
    Score *findings* and choose an action.

    A symbol counts once per brand, with the first finding that raised it.
    """
    words = _verdict_words(findings)
    scored = _score(findings, words, policy)
    brands = tuple(
        BrandVerdict(brand, word, _sum(s.score for s in scored if s.finding.brand == brand))
        for brand, word in sorted(words.items())
    )
    suspicion = _sum(s.score for s in scored if s.finding.brand is None)
    score = _sum([max((b.score for b in brands), default=0.0), suspicion])
    uncapped = _for_recipients(_action(scored, words, score, circumstances, policy), circumstances)
    return Verdict(min(uncapped, policy.ceiling), uncapped, score, brands, scored)


def _verdict_words(findings: Iterable[Finding]) -> dict[str, BrandVerdictWord]:
    """Apply the verdict rules: no claim, claim + alibi, claim + contradiction, claim."""
    roles: dict[str, set[Role]] = {}
    for finding in findings:
        if finding.brand is not None:
            roles.setdefault(finding.brand, set()).add(finding.symbol.role)
    return {brand: _word(seen) for brand, seen in roles.items() if Role.CLAIM in seen}


def _word(roles: set[Role]) -> BrandVerdictWord:
    if Role.ALIBI in roles:
        return BrandVerdictWord.GENUINE
    if Role.CONTRADICTION in roles:
        return BrandVerdictWord.IMPERSONATION
    return BrandVerdictWord.UNVERIFIABLE


def _score(
    findings: Sequence[Finding], words: Mapping[str, BrandVerdictWord], policy: Policy
) -> tuple[ScoredFinding, ...]:
    """Weigh each finding; brand findings count only where the brand is claimed."""
    seen: set[tuple[str, str | None]] = set()
    scored = []
    for finding in findings:
        key = (finding.symbol.name, finding.brand)
        counts = key not in seen and _counts(finding, words)
        seen.add(key)
        scored.append(ScoredFinding(finding, policy.score(finding) if counts else 0.0))
    return tuple(scored)


def _counts(finding: Finding, words: Mapping[str, BrandVerdictWord]) -> bool:
    if finding.brand is None:
        return True
    word = words.get(finding.brand)
    if word is BrandVerdictWord.GENUINE:
        return finding.symbol.survives_alibi
    return word is not None and finding.symbol.role is not Role.ALIBI


def _action(
    scored: Sequence[ScoredFinding],
    words: Mapping[str, BrandVerdictWord],
    score: float,
    circumstances: Circumstances,
    policy: Policy,
) -> Action:
    if BrandVerdictWord.IMPERSONATION in words.values():
        return min(policy.reached(score), _impersonation_cap(scored, words))
    merits = _merits(scored, words, policy)
    if BrandVerdictWord.UNVERIFIABLE in words.values():
        return max(merits, _on_unverifiable(words, circumstances, policy))
    return merits


def _merits(
    scored: Sequence[ScoredFinding], words: Mapping[str, BrandVerdictWord], policy: Policy
) -> Action:
    """
    Judge what no claim and no alibi changes: suspicions and what survives an alibi.

    Claiming a brand must not shelter a mail from the tag its links would earn without
    the claim, and an alibi must never make things worse.
    """
    survivors = [
        _sum(s.score for s in scored if s.finding.brand == b and s.finding.symbol.survives_alibi)
        for b in words
    ]
    suspicions = _sum(s.score for s in scored if s.finding.brand is None)
    reached = policy.reached(_sum([max(survivors, default=0.0), suspicions]))
    enforced = any(s.finding.symbol.enforced for s in scored)
    return min(reached, Action.QUARANTINE if enforced else Action.TAG)


def _impersonation_cap(
    scored: Sequence[ScoredFinding], words: Mapping[str, BrandVerdictWord]
) -> Action:
    """
    Reject needs two contradictions of one brand from different checks.

    What an honest platform brings is never rejected: it would count the reader as gone.
    """
    if any(s.finding.symbol.conveyed for s in scored):
        return Action.QUARANTINE
    for brand, word in words.items():
        checks = {
            s.finding.symbol.check
            for s in scored
            if s.finding.brand == brand and s.finding.symbol.role is Role.CONTRADICTION
        }
        if word is BrandVerdictWord.IMPERSONATION and len(checks) > 1:
            return Action.REJECT
    return Action.QUARANTINE


def _on_unverifiable(
    words: Mapping[str, BrandVerdictWord], circumstances: Circumstances, policy: Policy
) -> Action:
    """
    Return exactly what the operator chose, accept where nobody tried to verify.

    Deferring helps only when asking again later can help: a temporary DNS failure.
    """
    proofs = [
        circumstances.proofs.get(brand, Proof.SKIPPED)
        for brand, word in words.items()
        if word is BrandVerdictWord.UNVERIFIABLE
    ]
    if not any(proof.broken for proof in proofs):
        return Action.ACCEPT
    if policy.on_unverifiable is Action.DEFER and Proof.UNKNOWN not in proofs:
        return Action.TAG
    return policy.on_unverifiable


def _for_recipients(action: Action, circumstances: Circumstances) -> Action:
    """Reports to role addresses arrive; with mixed recipients none is lost."""
    if circumstances.recipients is RoleRecipients.ALL:
        return Action.ACCEPT
    if circumstances.recipients is RoleRecipients.SOME:
        return min(action, Action.QUARANTINE)
    return action


def _sum(scores: Iterable[float]) -> float:
    """Add scores in an order-independent way, to the precision operators see."""
    return round(sum(sorted(scores)), 3)
