"""
Proof of origin: does a signature of the brand's owner cover what the reader sees?

SPF is never a proof: senders share their providers' addresses with every customer.
"""

from collections.abc import Iterable

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.authentication.signed_parts import REPLIES, covers_body, uncovered
from phish_milter.authentication.tag_list import parse_tags, tag_domain
from phish_milter.detection.brands.model import Alignment, Brand, OwnedDomain
from phish_milter.domains.names import is_within, parents
from phish_milter.domains.registrable import registrable
from phish_milter.findings import Proof
from phish_milter.message.model import Message


def proof(message: Message, authentication: Authentication, brand: Brand) -> Proof:
    """
    Return the state of the proof that *brand* wrote *message*.

    ``SKIPPED`` where the header From names no domain of the brand, since nothing is
    to be proved then, and where nobody looked at a signature that could prove it.
    """
    authors = [author.domain for author in message.senders]
    owned = [(a, domain) for a in authors if (domain := owner(a, brand)) is not None]
    if not owned:
        return Proof.SKIPPED
    if message.from_fields != 1 or len(authors) != 1:
        return Proof.FAILED  # readers are shown any of several authors
    return _state(message, authentication, *owned[0])


def relevant_domains(brands: Iterable[Brand]) -> frozenset[str]:
    """Return the domains of *brands* and of the platforms that may speak about them."""
    out: set[str] = set()
    for brand in brands:
        out.update(brand.domains)
        out.update(domain for speaker in brand.speakers for domain in speaker.from_domains)
    return frozenset(out)


def refuted(authentication: Authentication, domain: str) -> bool:
    """
    Whether somebody looked for a signature of *domain* and none held.

    Nobody having looked, and a temporary failure, refute nothing.
    """
    looked = authentication.source == "own" or bool(authentication.dkim)
    return looked and not _signed(authentication, domain, Result.PASS, Result.TEMPERROR)


def held(authentication: Authentication, domain: str) -> bool:
    """Whether a signature of *domain*, or of its organisation, verified."""
    return _signed(authentication, domain, Result.PASS)


def _signed(authentication: Authentication, domain: str, *results: Result) -> bool:
    wanted = registrable(domain)
    return any(r.result in results and registrable(r.domain) == wanted for r in authentication.dkim)


def owner(domain: str, brand: Brand) -> OwnedDomain | None:
    """Return the most specific domain of *brand* that *domain* is or belongs to."""
    for name in parents(domain):
        found = brand.domains.get(name)
        if found is not None and (name == domain or found.subdomains):
            return found
    return None


def acceptable(signer: str, author: str, domain: OwnedDomain) -> bool:
    """Whether a signature with ``d=`` *signer* can prove a From at *author*."""
    known = signer in domain.signers
    if not known and not (domain.subdomains and is_within(signer, domain.signers)):
        return False
    if domain.alignment is Alignment.STRICT:
        return signer == author
    return registrable(signer) == registrable(author)


def _state(
    message: Message, authentication: Authentication, author: str, domain: OwnedDomain
) -> Proof:
    signed = [d for d in authentication.signed_domains if acceptable(d, author, domain)]
    dkim = [r for r in authentication.dkim if acceptable(r.domain, author, domain)]
    arc = [r for r in authentication.arc_dkim if acceptable(r.domain, author, domain)]
    if any(_proves(r, domain) and _shown_cover(message, authentication, r, domain) for r in dkim):
        return Proof.PASSED
    if any(_proves(r, domain) and _all_cover(message, r, domain.unsigned) for r in arc):
        return Proof.PASSED
    if not dkim and signed and (unnamed := _unnamed(authentication)):
        dkim = [unnamed]
    if any(r.result is Result.TEMPERROR for r in (*dkim, *arc)):
        return Proof.UNKNOWN
    if dkim:
        return Proof.FAILED
    return Proof.SKIPPED if signed else Proof.MISSING


def _proves(result: DkimResult, domain: OwnedDomain) -> bool:
    enough = result.uncovered - {REPLIES} <= domain.unsigned and result.whole_body
    return result.result is Result.PASS and enough


def _shown_cover(
    message: Message, authentication: Authentication, result: DkimResult, domain: OwnedDomain
) -> bool:
    return authentication.source != "upstream" or _all_cover(message, result, domain.unsigned)


def _all_cover(message: Message, result: DkimResult, spared: frozenset[str]) -> bool:
    """
    Check the cover of signatures that somebody else verified.

    Which of several signatures of a domain passed is not known, so all have to cover,
    and one that we cannot read covers nothing.  A signature that the upstream took out
    of the message is taken at its word.
    """
    visible = [parse_tags(f.raw) for f in message.all("dkim-signature")]
    names = [f.name for f in message.fields]
    return all(visible) and all(
        uncovered(tags, names) - {REPLIES} <= spared and covers_body(tags)
        for tags in visible
        if tag_domain(tags) == result.domain
    )


def covers_replies(message: Message, authentication: Authentication, brand: Brand) -> bool:
    """
    Whether the signature that proves *brand* covers every Reply-To.

    Where nobody verified, a signature's word is taken: nothing is proven by it then.
    """
    author = next((author.domain for author in message.senders), "")
    domain = owner(author, brand)
    if domain is None:
        return False
    if authentication.source == "own":
        own = (r for r in authentication.dkim if acceptable(r.domain, author, domain))
        return any(_proves(r, domain) and REPLIES not in r.uncovered for r in own)
    names = [f.name for f in message.fields]
    visible = [parse_tags(f.raw) for f in message.all("dkim-signature")]
    fitting = [t for t in visible if acceptable(tag_domain(t), author, domain)]
    return bool(fitting) and all(REPLIES not in uncovered(tags, names) for tags in fitting)


def _unnamed(authentication: Authentication) -> DkimResult | None:
    """
    Return what was said about a signature that no result names, None when nothing was.

    Verifiers write ``dkim=fail`` without a domain and leave out what they did not try,
    but once they said anything about DKIM, they looked.
    """
    unnamed = [r for r in authentication.dkim if not r.domain]
    if not unnamed and authentication.dkim:
        return DkimResult("", Result.NONE)
    temporary = [r for r in unnamed if r.result is Result.TEMPERROR]
    return next(iter(temporary or unnamed), None)
