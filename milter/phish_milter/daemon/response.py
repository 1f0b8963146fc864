"""What a verdict means for the message: header edits, the reason for a hold, the reply; pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phish_milter.authentication.model import Authentication
from phish_milter.authentication.results_header import forged_indexes
from phish_milter.authentication.results_writing import write_results
from phish_milter.message.model import Envelope, HeaderField
from phish_milter.policy.decision import Action, BrandVerdict, BrandVerdictWord, Verdict
from phish_milter.policy.outcome import Stage

VERDICT_HEADER = "X-Phish-Milter-Verdict"
FINDINGS_HEADER = "X-Phish-Milter-Findings"
RESULTS_HEADER = "Authentication-Results"

# RFC 5322 section 2.1.1 recommends 78 characters for a line.
LINE = 78
# More symbols than any real mail raises; keeps the field far below what MTAs accept.
MAX_SYMBOLS = 60

_QUEUE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class DeleteHeader:
    """Remove the field number *index* (from 1, topmost first) among those called *name*."""

    name: str
    index: int


@dataclass(frozen=True, slots=True)
class InsertHeader:
    """Put a field above all others; *value* has no leading space, folds are LF and tab."""

    name: str
    value: str


Edit = DeleteHeader | InsertHeader


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply (RFC 5321, enhanced code RFC 3463)."""

    code: str
    enhanced: str
    text: str


def removals(
    fields: Sequence[HeaderField], own_id: str, trusted_ids: Iterable[str]
) -> tuple[DeleteHeader, ...]:
    """
    Return what has to go from *fields*, which came from outside: whatever claims to be ours.

    These are copies of our own fields, and Authentication-Results that bear *own_id*
    unless it is trusted (RFC 8601 section 5); "" where we write none ourselves, since a
    verifier in front of us may use the id of this host.  Deleting moves what follows up,
    so the last of a name comes first.
    """
    found = [
        DeleteHeader(name, index)
        for name in (VERDICT_HEADER, FINDINGS_HEADER)
        for index in range(sum(field.name == name.lower() for field in fields), 0, -1)
    ]
    forged = forged_indexes(fields, own_id, frozenset(trusted_ids))
    found += [DeleteHeader(RESULTS_HEADER, index) for index in sorted(forged, reverse=True)]
    return tuple(found)


def results_field(
    authserv_id: str, authentication: Authentication, header_from: str, envelope: Envelope
) -> InsertHeader:
    """Return our own Authentication-Results (RFC 8601)."""
    value = write_results(authserv_id, authentication, header_from=header_from, envelope=envelope)
    return InsertHeader(RESULTS_HEADER, value)


def additions(verdict: Verdict, failure: Stage | None = None) -> tuple[InsertHeader, ...]:
    """Return the fields that explain *verdict*; the one named last ends up topmost."""
    fields = [InsertHeader(VERDICT_HEADER, _verdict_value(verdict, failure))]
    if verdict.findings:
        fields.insert(0, InsertHeader(FINDINGS_HEADER, _findings_value(verdict)))
    return tuple(fields)


def _verdict_value(verdict: Verdict, failure: Stage | None) -> str:
    if failure:
        return f"action={verdict.action}; failure={failure}"
    words = [
        f"action={verdict.action}",
        f"uncapped={verdict.uncapped_action}",
        f"score={_score(verdict.score)}",
    ]
    if verdict.brands:
        words.append("brands=" + ",".join(f"{b.brand}:{b.verdict}" for b in verdict.brands))
    return _fold([f"{word};" for word in words[:-1]] + words[-1:], len(VERDICT_HEADER))


def _findings_value(verdict: Verdict) -> str:
    """List each symbol once with all that it added."""
    scores: dict[str, float] = {}
    for scored in verdict.findings:
        name = scored.finding.symbol.name
        scores[name] = scores.get(name, 0.0) + scored.score
    words = [f"{name}({_score(score)})" for name, score in scores.items()]
    if len(words) > MAX_SYMBOLS:
        words[MAX_SYMBOLS:] = ["..."]
    return _fold([f"{word}," for word in words[:-1]] + words[-1:], len(FINDINGS_HEADER))


def _fold(words: Iterable[str], name_length: int) -> str:
    """Join *words* by spaces, in lines that fit behind a field name."""
    lines: list[str] = []
    room = -1
    for word in words:
        if lines and room >= len(word) + 1:
            lines[-1] += f" {word}"
            room -= len(word) + 1
        else:
            lines.append(word)
            room = LINE - len(word) - (name_length + 2 if len(lines) == 1 else 1)
    return "\n\t".join(lines)


def _score(score: float) -> str:
    return f"{round(score, 2)}"


def hold_reason(verdict: Verdict) -> str:
    """Return why a message is held, for Postfix' log."""
    brands = ", ".join(f"{b.brand} {b.verdict}" for b in verdict.brands) or "suspicious links"
    return f"phish-milter: {brands}, score {_score(verdict.score)}"


def reply(verdict: Verdict, queue_id: str, failure: Stage | None = None) -> Reply | None:
    """
    Return what the remote side is told, None when the message is taken.

    The text is generic: a stable reason code and the queue id for the postmaster, and
    nothing of the message, which would teach a sender what to change.
    """
    identity = queue_id if _QUEUE_ID.fullmatch(queue_id) else "unknown"
    if verdict.action is Action.REJECT:
        text = "Message refused: it is not from whom it says it is from"
        return Reply("550", "5.7.1", f"{text} (reason {_reason(verdict.brands)}, id {identity})")
    if verdict.action is Action.DEFER:
        reason = "filter-failure" if failure else "unverifiable"
        text = "Message cannot be checked now, please try again later"
        return Reply("451", "4.7.1", f"{text} (reason {reason}, id {identity})")
    return None


def _reason(brands: Iterable[BrandVerdict]) -> str:
    """Return what a refusal is for; a brand that is genuine beside it is no reason."""
    words = {brand.verdict for brand in brands}
    reasons = (BrandVerdictWord.IMPERSONATION, BrandVerdictWord.UNVERIFIABLE)
    return next((f"brand-{word}" for word in reasons if word in words), "policy")
