"""
The text of a link names one host and the link opens another.

Why it matters:
    Readers judge a link by the text they can see.  A message that prints the brand's
    address and opens another has no honest reason to do so.

Fires on:
    `<a href="https://pypi.example.net/">https://pypi.org/account/</a>`; without a
    brand, `<a href="https://evil.example/">https://bank.example/</a>` is a suspicion.

Stays silent on:
    Text that names no host, sentences that name a site, hosts of one owner, rewriters
    whose target is known, click trackers, and a tracker at the sender's own domain.

Known evasions:
    Text drawn as a picture.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import HOME, Facts
from phish_milter.domains.registrable import registrable
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.links.model import Link

LINK_TEXT_MISMATCH = Symbol(
    name="LINK_TEXT_MISMATCH",
    role=Role.CONTRADICTION,
    summary="Link text names the brand's host, link goes elsewhere",
    score=4.0,
    check=__name__,
)
SHOWN_HOST_DIFFERS = Symbol(
    name="SHOWN_HOST_DIFFERS",
    role=Role.SUSPICION,
    summary="Link text names a host, link goes to another owner's",
    score=2.0,
    check=__name__,
)
BRAND_HOST_SHOWN = Symbol(
    name="BRAND_HOST_SHOWN",
    role=Role.SUSPICION,
    summary="Link text names a protected brand's host, link goes elsewhere",
    score=4.0,
    check=__name__,
)
SYMBOLS = (LINK_TEXT_MISMATCH, BRAND_HOST_SHOWN, SHOWN_HOST_DIFFERS)

# "Open pypi.org" is an address with a word beside it; more words are a sentence.
_ADDRESS_WORDS = 2


def check(facts: Facts) -> Iterator[Finding]:
    """Yield contradictions for claimed brands and suspicions for everybody else."""
    imitated = set()
    for about in facts.brands:
        for judged in about.links:
            if judged.shows_brand and not judged.link.quoted and judged.relation not in HOME:
                imitated.add(judged.link)
                if about.claimed:
                    yield Finding(LINK_TEXT_MISMATCH, _evidence(judged.link), about.brand.id)
                elif not judged.link.unresolved and _is_address(judged.link):
                    yield Finding(BRAND_HOST_SHOWN, _evidence(judged.link))
    senders = {registrable(a.domain) for a in facts.message.authors}
    for link in facts.links:
        if link not in imitated and _differs(link) and link.domain not in senders:
            yield Finding(SHOWN_HOST_DIFFERS, _evidence(link))


def _is_address(link: Link) -> bool:
    """Whether the text is an address, and no sentence that names a site ("How crates.io grew")."""
    return "/" in link.shown or len(link.shown.split()) <= _ADDRESS_WORDS


def _differs(link: Link) -> bool:
    """Whether shown text and target name hosts of different owners, as far as known."""
    return bool(
        link.shown_host
        and link.host
        and not link.quoted
        and not link.unresolved
        and _is_address(link)
        and registrable(link.shown_host) != link.domain
    )


def _evidence(link: Link) -> str:
    return f"shows {link.shown_host}, opens {link.host}"
