"""
Our own verification in two halves: questions asked in the gateway, crypto in a scanner.

The questions follow from the envelope and the header alone; the answers travel with the
message, so that no scanner ever waits for DNS.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from phish_milter.authentication.arc import MESSAGE_SIGNATURE, SEAL, arc_tags, verify_chain
from phish_milter.authentication.canonical import Wire
from phish_milter.authentication.dkim import (
    BODY_CHANGED,
    FIELD,
    TOO_LARGE,
    signature_tags,
    verify_signatures,
)
from phish_milter.authentication.dkim_keys import key_question
from phish_milter.authentication.dmarc import dmarc_questions, evaluate
from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.authentication.results_header import trusted_upstream
from phish_milter.authentication.spf import (
    Asker,
    check_sender,
    spf_identity,
    spf_question,
)
from phish_milter.authentication.tag_list import signed_domains
from phish_milter.dns.questions import NO_ANSWERS, Answers, Kind, Question
from phish_milter.domains.names import parents
from phish_milter.message.headline import authors
from phish_milter.message.model import Envelope, HeaderField, Message

#: Authors of one message whose domains are asked for; a proof needs exactly one.
MAX_AUTHORS = 4
#: Reason of a result: the upstream's word stands for ours.
SEEN = "as a trusted verifier saw it before"
_OPEN_REASONS = frozenset({BODY_CHANGED, TOO_LARGE})


@dataclass(frozen=True, slots=True)
class Rules:
    """
    When and whom to believe.

    Attributes:
        verify: ``auto``, ``always`` (whatever an upstream said of DKIM) or ``never``.
        trusted_ids: Authserv-ids whose results are believed.
        trusted_sealers: ``d=`` of ARC seals that are believed.
        everything: Verify mail of every author, for our own header field.
        domains: Author domains, and what lies below them, for which a proof matters.
    """

    verify: str = "auto"
    trusted_ids: frozenset[str] = frozenset()
    trusted_sealers: frozenset[str] = frozenset()
    everything: bool = False
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What the gateway learned from DNS for one message.

    Attributes:
        answers: Answers to ``questions``, and to what SPF asked on top.
        spf: Result of SPF.
    """

    answers: Answers = NO_ANSWERS
    spf: Result = Result.SKIPPED


def needed(fields: Sequence[HeaderField], rules: Rules) -> bool:
    """
    Whether *fields* call for a verification of our own.

    That is where an author is at a relevant domain, or everybody's mail when we write a
    field of our own; ordinary mail asks DNS nothing.  An upstream that spoke spares us
    nothing: its word can be forged where it does not clean up, a signature cannot.
    """
    if rules.verify == "never":
        return False
    above = (name for domain in _authors(fields) for name in parents(domain))
    return rules.everything or not rules.domains.isdisjoint(above)


def questions(fields: Sequence[HeaderField], envelope: Envelope) -> tuple[Question, ...]:
    """Return everything that DNS has to say about a message, as far as known in advance."""
    signatures = signature_tags(f.raw for f in fields if f.name == FIELD)
    seals = arc_tags((f.name, f.raw) for f in fields if f.name in (SEAL, MESSAGE_SIGNATURE))
    asked = [
        *(key_question(tags, Kind.DKIM) for tags in signatures),
        *(
            question
            for domain in _authors(fields)[:MAX_AUTHORS]
            for question in dmarc_questions(domain)
        ),
        *spf_question(envelope),
        *(key_question(tags, Kind.ARC) for tags in seals),
    ]
    return tuple(dict.fromkeys(question for question in asked if question is not None))


def gather(fields: Sequence[HeaderField], envelope: Envelope, asker: Asker) -> Evidence:
    """Ask everything about one message; blocks for at most the budget of *asker*."""
    asker.ask(questions(fields, envelope))
    spf = check_sender(envelope, asker)
    return Evidence(asker.ask(()), spf)


def authenticate(
    raw: bytes,
    message: Message,
    envelope: Envelope,
    evidence: Evidence | None,
    rules: Rules,
    *,
    now: float,
    truncated: bool = False,
) -> Authentication:
    """
    Return all that is known about the origin of a message.

    Args:
        raw: The whole message, header and body.
        message: The same, parsed.
        envelope: What SMTP said.
        evidence: What the gateway learned; None when it did not ask.
        rules: Whom to believe.
        now: Seconds since 1970.
        truncated: *raw* is not the whole message, so that no signature can verify.
    """
    upstream = trusted_upstream(message.fields, rules.trusted_ids)
    known = upstream or Authentication(signed_domains=signed_domains(message.fields))
    if evidence is None or not needed(message.fields, rules):
        return known
    seen = known.dkim if rules.verify != "always" else ()
    wire, names = Wire.of(raw), [f.name for f in message.fields]
    if not truncated:
        chain = verify_chain(wire, names, evidence.answers, rules.trusted_sealers, now)
        known = replace(known, arc=chain.result, arc_dkim=chain.dkim)
    verified = verify_signatures(wire, names, evidence.answers, now, truncated=truncated)
    dkim = _settled(verified, seen)
    own = replace(known, source="own", dkim=dkim, spf=evidence.spf)
    return _with_policy(own, message, envelope, evidence)


def _with_policy(
    own: Authentication, message: Message, envelope: Envelope, evidence: Evidence
) -> Authentication:
    authors = {author.domain for author in message.senders}
    if len(authors) != 1:
        return replace(own, dmarc=Result.PERMERROR if authors else Result.NONE)
    spf = (own.spf, spf_identity(envelope))
    found = evaluate(authors.pop(), own.dkim, spf, evidence.answers)
    policy = f"{found.policy} pct={found.pct}" if found.policy else ""
    return replace(own, dmarc=found.result, dmarc_policy=policy)


def _settled(own: tuple[DkimResult, ...], seen: Iterable[DkimResult]) -> tuple[DkimResult, ...]:
    """
    Return our *own* verdicts, and the upstream's passes in place of those we cannot give.

    That is where a key could not be had, or where the domain did sign this header but the
    body was changed after the upstream saw it, for every signature of the domain: of several
    we do not know which one the upstream means, and one that we found made up or revoked
    stays so.  What one of them does not cover here is not covered by the upstream's word.
    """
    left = {r.domain for r in own} - {r.domain for r in own if not _leaves_open(r)}
    passed = tuple(r for r in seen if r.result is Result.PASS and r.domain in left)
    replaced = {r.domain for r in passed}
    return (
        *(r for r in own if r.domain not in replaced),
        *(_as_seen(r, [one for one in own if one.domain == r.domain]) for r in passed),
    )


def _as_seen(seen: DkimResult, own: Sequence[DkimResult]) -> DkimResult:
    return replace(
        seen,
        reason=SEEN,
        uncovered=seen.uncovered.union(*(r.uncovered for r in own)),
        whole_body=seen.whole_body and all(r.whole_body for r in own),
    )


def _leaves_open(result: DkimResult) -> bool:
    return result.result is Result.TEMPERROR or result.reason in _OPEN_REASONS


def _authors(fields: Iterable[HeaderField]) -> list[str]:
    """Return the domains of the authors, each once."""
    return list(dict.fromkeys(author.domain for author in authors(fields) if author.domain))
