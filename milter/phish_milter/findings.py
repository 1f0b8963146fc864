"""The vocabulary between checks and policy: symbols, their roles, and findings."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a symbol contributes to the argument "this mail pretends to be the brand"."""

    CLAIM = "claim"
    CONTRADICTION = "contradiction"
    LURE = "lure"
    ALIBI = "alibi"
    SUSPICION = "suspicion"


@dataclass(frozen=True, slots=True)
class Symbol:
    """
    One thing a check can say; the name is public and never reused for another meaning.

    Attributes:
        name: UPPER_SNAKE, what operators see and override scores by.
        role: The part the symbol plays in a verdict.
        summary: One line for operators.
        score: Default weight, overridable by ``[scores]``.
        check: The check that raises it: its module's ``__name__``, of which the last part is kept.
        survives_alibi: The brand's proof of origin does not cover this fact
            (an added Reply-To, content uploaded by others); it can still tag.
        enforced: The fact may quarantine without any brand (an ``enforce`` feed).
        conveyed: An honest platform brought the mail and would suffer from a rejection.
    """

    name: str
    role: Role
    summary: str
    score: float
    check: str
    survives_alibi: bool = False
    enforced: bool = False
    conveyed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "check", self.check.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A symbol that fired on one message.

    Attributes:
        symbol: What was found.
        evidence: What a human can check, such as ``pypj.org = pypi.org with i->j``.
            It may hold text of the message: escape it before showing it.
        brand: Id of the brand it is about; None for a suspicion.
    """

    symbol: Symbol
    evidence: str
    brand: str | None = None


class Proof(StrEnum):
    """
    State of the proof of origin for one brand whose exact domain the header From names.

    ``FAILED`` and ``MISSING`` are permanent, ``UNKNOWN`` is a temporary DNS failure,
    ``SKIPPED`` means that nobody tried to verify.
    """

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    @property
    def broken(self) -> bool:
        """Whether somebody looked for the proof and did not get it."""
        return self in (Proof.FAILED, Proof.MISSING, Proof.UNKNOWN)
