"""
A link is written so that readers or parsers misjudge where it leads.

Why it matters:
    Honest software writes honest URLs.  These forms exist to show one host and open
    another.

Fires on:
    `https://pypi.org@example.net/`, `http://3405803837/`, hosts with backslashes,
    control characters, fullwidth letters or mixed scripts.

Stays silent on:
    Quoted and code text (a pip log may hold `https://user:pass@mirror/`), plain
    internationalised hosts, user names on ordinary hosts without a host-like form.

Known evasions:
    Plain URLs, which the other checks judge; tricks that need a redirector to run.
"""

from collections.abc import Iterator

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.links.model import Link, Trick


def _suspicion(name: str, score: float, summary: str) -> Symbol:
    return Symbol(name, Role.SUSPICION, summary, score, "url_trick")


URL_USERINFO = _suspicion("URL_USERINFO", 3.0, "Link hides its host behind a user name")
URL_IP_LITERAL = _suspicion("URL_IP_LITERAL", 1.5, "Link leads to an address literal")
URL_OBFUSCATED = _suspicion("URL_OBFUSCATED", 3.0, "Link's host is written in disguise")
URL_MIXED_SCRIPT = _suspicion("URL_MIXED_SCRIPT", 2.0, "Link's host mixes scripts")
URL_ODD_PORT = _suspicion("URL_ODD_PORT", 1.0, "Link leads to an unusual port")
URL_ACTIVE = _suspicion("URL_ACTIVE", 2.0, "Link carries a page or script in itself")
BRAND_IN_USERINFO = Symbol(
    name="BRAND_IN_USERINFO",
    role=Role.CONTRADICTION,
    summary="Link shows the brand's host and opens another",
    score=4.0,
    check=__name__,
)
SYMBOLS = (
    URL_USERINFO,
    URL_IP_LITERAL,
    URL_OBFUSCATED,
    URL_MIXED_SCRIPT,
    URL_ODD_PORT,
    URL_ACTIVE,
    BRAND_IN_USERINFO,
)

_SYMBOL_OF = {
    Trick.USERINFO: URL_USERINFO,
    Trick.IP_LITERAL: URL_IP_LITERAL,
    Trick.BACKSLASH: URL_OBFUSCATED,
    Trick.CONTROL: URL_OBFUSCATED,
    Trick.ENCODED_HOST: URL_OBFUSCATED,
    Trick.UNICODE_HOST: URL_OBFUSCATED,
    Trick.MIXED_SCRIPT: URL_MIXED_SCRIPT,
    Trick.ODD_PORT: URL_ODD_PORT,
    Trick.DATA: URL_ACTIVE,
    Trick.SCRIPT: URL_ACTIVE,
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield suspicions for any mail and a contradiction where a brand is shown."""
    for link in facts.links:
        if link.tricks and not link.quoted:
            for trick in sorted(link.tricks):
                symbol = _SYMBOL_OF.get(trick)
                if symbol and (trick is not Trick.USERINFO or link.candidates):
                    yield Finding(symbol, f"{link.written[:120]!r} opens {link.host}")
    for about in facts.brands:
        for judged in about.links:
            link = judged.link
            if judged.deceives and not link.quoted and judged.relation is not Relation.BRAND:
                yield Finding(BRAND_IN_USERINFO, _shown(link), about.brand.id)


def _shown(link: Link) -> str:
    return f"{link.written[:120]!r} opens {link.host}"
