"""DMARC (RFC 7489, RFC 9091): the record that applies to a domain, alignment, and the result."""

from collections.abc import Iterable
from dataclasses import dataclass

from phish_milter.authentication.model import DkimResult, Result
from phish_milter.authentication.tag_list import parse_tags
from phish_milter.dns.questions import Answer, Answers, Kind, Question, Status, dns_name
from phish_milter.domains.registrable import registrable

_POLICIES = frozenset({"none", "quarantine", "reject"})
_FULL = 100


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """
    A DMARC record.

    Attributes:
        p, sp, np: Policy of the domain, of its subdomains, and of those that do not
            exist; *sp* and *np* already fall back as the RFCs say.
        pct: Percentage of failing mail the policy is asked for.
        strict_dkim, strict_spf: ``adkim=s`` and ``aspf=s``.
    """

    p: str
    sp: str
    np: str
    pct: int = _FULL
    strict_dkim: bool = False
    strict_spf: bool = False


@dataclass(frozen=True, slots=True)
class Dmarc:
    """
    Result of one message.

    Attributes:
        result: ``none`` without a record, ``temperror`` when DNS did not tell.
        policy: What the owner asks for: none, quarantine or reject; "" without a record.
        pct: Of how many per cent of failing mail.
    """

    result: Result
    policy: str = ""
    pct: int = _FULL


def dmarc_questions(domain: str) -> tuple[Question, ...]:
    """Return the questions for a header From at *domain*."""
    name, organisation = dns_name(domain), registrable(dns_name(domain))
    if not name:
        return ()
    asked = [Question(f"_dmarc.{d}", "TXT", Kind.DMARC) for d in {name: 0, organisation: 0}]
    if name != organisation:
        asked.append(Question(name, "MX", Kind.DMARC))
    return tuple(asked)


def evaluate(
    domain: str,
    dkim: Iterable[DkimResult],
    spf: tuple[Result, str],
    answers: Answers,
) -> Dmarc:
    """
    Return the DMARC result of a header From at *domain*.

    *spf* is the result and the domain it is about.
    """
    record, inherited, unknown = _find(domain, answers)
    if record is None:
        return Dmarc(Result.TEMPERROR if unknown else Result.NONE)
    passes = [r.domain for r in dkim if r.result is Result.PASS]
    results = [r.result for r in dkim] + [spf[0]]
    aligned = any(is_aligned(d, domain, strict=record.strict_dkim) for d in passes) or (
        spf[0] is Result.PASS and is_aligned(spf[1], domain, strict=record.strict_spf)
    )
    if aligned:
        result = Result.PASS
    else:
        result = Result.TEMPERROR if Result.TEMPERROR in results else Result.FAIL
    policy = _policy(domain, record, answers) if inherited else record.p
    return Dmarc(result, policy, record.pct)


def is_aligned(identifier: str, author: str, *, strict: bool) -> bool:
    """Whether *identifier* is aligned with *author* (RFC 7489 section 3.1)."""
    one, other = dns_name(identifier), dns_name(author)
    if not one or not other:
        return False
    return one == other if strict else registrable(one) == registrable(other)


def parse_record(text: str) -> PolicyRecord | None:
    """
    Read one TXT record; None when it is no DMARC record or holds no policy to apply.

    A record without a valid ``p=`` counts as ``p=none`` if it asks for reports (section
    6.6.3 of RFC 7489).  The version has to come first.
    """
    tags = parse_tags(text.encode("latin-1", "replace"))
    if next(iter(tags.items()), None) != ("v", "DMARC1"):
        return None
    p = tags.get("p", "").lower()
    if p not in _POLICIES:
        if "rua" not in tags:
            return None
        p = "none"
    sp = _known(tags.get("sp", ""), p)
    return PolicyRecord(
        p=p,
        sp=sp,
        np=_known(tags.get("np", ""), sp),
        pct=_percent(tags.get("pct", "")),
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
    )


def _find(domain: str, answers: Answers) -> tuple[PolicyRecord | None, bool, bool]:
    """Return the record, whether it is that of the organisation above, and if DNS kept quiet."""
    own = answers.get(f"_dmarc.{domain}", "TXT")
    record = _only(own)
    if record is not None or own.unknown:
        return record, False, own.unknown
    organisation = registrable(dns_name(domain))
    if organisation == dns_name(domain):
        return None, False, False
    above = answers.get(f"_dmarc.{organisation}", "TXT")
    return _only(above), True, above.unknown


def _only(answer: Answer) -> PolicyRecord | None:
    """Return the record of *answer*; several of them are as good as none."""
    written = [v for v in answer.values if v.startswith("v=DMARC1")]
    return parse_record(written[0]) if len(written) == 1 else None


def _policy(domain: str, record: PolicyRecord, answers: Answers) -> str:
    """Return what applies to a subdomain: ``np`` if it does not exist (RFC 9091)."""
    missing = answers.get(domain, "MX").status is Status.NXDOMAIN
    return record.np if missing else record.sp


def _known(word: str, otherwise: str) -> str:
    return word.lower() if word.lower() in _POLICIES else otherwise


def _percent(text: str) -> int:
    valid = text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= _FULL
    return int(text) if valid else _FULL
