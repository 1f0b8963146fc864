"""Results of authentication, in the words of RFC 8601 plus ``skipped``."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """A result of RFC 8601 section 2.7, or ``skipped`` when nobody looked."""

    PASS = "pass"  # noqa: S105 - a result word of RFC 8601, not a password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    SKIPPED = "skipped"


class Disbelief(StrEnum):
    """Why a field of a trusted id is not believed; the label of a metric."""

    FURTHER = "further"  # it stands below the topmost one
    SPELLING = "spelling"  # the id is written as the verifier does not write it
    FORM = "form"  # no strictly well-formed field


@dataclass(frozen=True, slots=True)
class DkimResult:
    """
    One DKIM signature (RFC 6376).

    Attributes:
        domain: Its ``d=``, lower case.
        result: Outcome of the verification.
        reason: Why, when not a pass ("body hash did not verify"), else "".
        uncovered: Which of From, Subject, To, Date, MIME-Version, Content-Type and
            Reply-To are present, in lower case, and not covered.
        whole_body: It has no ``l=``.
    """

    domain: str
    result: Result
    reason: str = ""
    uncovered: frozenset[str] = frozenset()
    whole_body: bool = True


@dataclass(frozen=True, slots=True)
class Authentication:
    """
    All that is known about the origin of one message.

    Attributes:
        spf, dmarc, arc: Results; ``arc`` is the state of the chain.
        dkim: One entry per signature looked at.
        source: Who said so: ``upstream``, ``own`` or "" when nobody.
        arc_dkim: Passes that a trusted ARC sealer recorded, proven by the chain.
        signed_domains: ``d=`` of every DKIM-Signature field present, looked at or not.
        dmarc_policy: What the owner of the author's domain asks for where DMARC fails, such
            as ``quarantine pct=100``; "" without a record or when we did not look.
    """

    spf: Result = Result.SKIPPED
    dkim: tuple[DkimResult, ...] = ()
    dmarc: Result = Result.SKIPPED
    arc: Result = Result.SKIPPED
    source: str = ""
    arc_dkim: tuple[DkimResult, ...] = ()
    signed_domains: tuple[str, ...] = ()
    dmarc_policy: str = ""
