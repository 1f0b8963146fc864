"""What is odd about where a mail leads."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from phish_milter.detection.anomalies import organisations
from phish_milter.detection.anomalies.destinations import (
    Destinations,
    is_hosted,
    is_literal,
    is_short,
)
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.domains.host_lists import shipped
from phish_milter.domains.registrable import registrable, registrable_icann
from phish_milter.links.model import Link
from phish_milter.resources import phrases, words
from phish_milter.text.folding import fold

_STORES = "object-stores.txt"
_LOGIN_WORDS = "login-words.txt"
_REDIRECTORS = "public-redirectors.txt"
# A file that readers download; anything else in a store is shown as a page.
_FILE = re.compile(r"\.(?!html?(?:[?#]|$)|php)[a-z0-9]{2,5}(?:[?#]|$)", re.IGNORECASE)
# A URL in the parameter of another one, on whose site no page is shown for it.
_URL_PARAMETER = re.compile(
    r"[?&](?:adurl|dest|destination|go|goto|link|next|q|r|redir|redirect|redirect_url|site|target|"
    r"to|u|url)=(?:https?(?::|%3a)|(?:/|%2f){2})",
    re.IGNORECASE,
)
# Sharing a page is what these parameters are for.
_SHARING = re.compile(r"share|intent/|bookmark|compose|submit", re.IGNORECASE)
_WORDS = re.compile(r"[.-]")
# A mail that leads to more owners is a digest, and some of those live on such platforms.
_MOST_OWNERS = 5


@lru_cache(maxsize=1)
def _unsubscribing() -> re.Pattern[str]:
    wordings = sorted(map(fold, phrases("unsubscribe-words.txt")))
    return re.compile("|".join(map(re.escape, wordings)))


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    shipped(_STORES)
    shipped(_REDIRECTORS)
    words(_LOGIN_WORDS)
    _unsubscribing()


def target_anomalies(destinations: Destinations) -> Iterator[SeenAnomaly]:
    """Yield what is odd about the targets in *destinations*, each anomaly once."""
    if not destinations.clickable:
        return
    foreign = destinations.foreign
    if len({link.domain for link in destinations.actions}) <= _MOST_OWNERS:
        yield from _hosted(foreign)
    yield from _shortened(destinations)
    yield from _first(Anomaly.PUBLIC_REDIRECT, map(_sent_on, foreign))
    yield from _gathered(destinations)
    yield from _first(Anomaly.ADDRESS_TARGET, map(_literal, destinations.clickable))
    yield from _first(Anomaly.PUNYCODE_LABEL, map(_punycode, foreign))
    yield from _first(Anomaly.LOGIN_LABEL, map(_login, _strangers(destinations)))


def _strangers(destinations: Destinations) -> list[Link]:
    return [link for link in destinations.foreign if not destinations.is_known(link)]


def _first(anomaly: Anomaly, found: Iterable[str]) -> Iterator[SeenAnomaly]:
    evidence = next(filter(None, found), "")
    if evidence:
        yield SeenAnomaly(anomaly, evidence)


def _hosted(foreign: Iterable[Link]) -> Iterator[SeenAnomaly]:
    for link in foreign:
        if shipped(_STORES).matches(link.host) and not _FILE.search(link.path.partition("?")[0]):
            yield SeenAnomaly(Anomaly.STORAGE_TARGET, f"page in raw storage at {link.host}")
            return
    for link in foreign:
        if is_hosted(link) and not shipped(_STORES).matches(link.host):
            yield SeenAnomaly(
                Anomaly.HOSTED_TARGET, f"page that anybody can publish at {link.host}"
            )
            return


def _shortened(destinations: Destinations) -> Iterator[SeenAnomaly]:
    actions = destinations.actions
    if destinations.hyperlinks and all(_hides(link) for link in actions) and actions:
        yield SeenAnomaly(Anomaly.SHORTENED_ONLY, f"nothing but {actions[0].host} behind words")
    for link in destinations.foreign:
        if _offers_to_stop(link) and (is_short(link) or is_hosted(link)):
            yield SeenAnomaly(Anomaly.UNSUBSCRIBE_HIDDEN, f"{link.shown[:60]!r} opens {link.host}")
            return


def _hides(link: Link) -> bool:
    """Whether a shortener's link stands behind words instead of in sight."""
    return is_short(link) and link.shown_host != link.host


def _offers_to_stop(link: Link) -> bool:
    return bool(link.shown) and bool(_unsubscribing().search(fold(link.shown)))


def _gathered(destinations: Destinations) -> Iterator[SeenAnomaly]:
    """Everything a mail leads to is one stranger's, perhaps even the way to unsubscribe."""
    if (
        not destinations.hyperlinks
        or not destinations.foreign
        or len(destinations.foreign) < len(destinations.actions)
    ):
        return
    if len({link.domain for link in destinations.actions}) > 1 or any(
        is_short(link) or destinations.is_known(link) for link in destinations.actions
    ):
        return
    domain = destinations.actions[0].domain
    if any(map(_offers_to_stop, destinations.actions)):
        if destinations.is_signers(destinations.actions[0]):
            return
        yield SeenAnomaly(
            Anomaly.BULK_ELSEWHERE, f"every link, also to unsubscribe, leads to {domain}"
        )
    elif all(link.domain == domain for link in destinations.clickable):
        yield SeenAnomaly(Anomaly.ONE_FOREIGN_TARGET, f"every link leads to {domain}")


def _sent_on(link: Link) -> str:
    """Return how *link* uses somebody's redirector to reach a stranger."""
    for wrapper in link.wrappers:
        if _is_public(wrapper) and not link.unresolved:
            return f"{wrapper} sends on to {link.host}"
    if link.candidates and not link.wrappers and _URL_PARAMETER.search(link.path):
        others = [c for c in link.candidates if registrable(c) != link.domain]
        if others and not _SHARING.search(link.target):
            return f"{link.host} sends on to {others[0]}"
    return ""


def _is_public(wrapper: str) -> bool:
    """Whether *wrapper* is a site that everybody uses, under any country's name."""
    owner = registrable_icann(wrapper).partition(".")[0]
    return any(map(shipped(_REDIRECTORS).matches, (wrapper, f"{owner}.*")))


def _literal(link: Link) -> str:
    hidden = is_literal(link) and link.source.startswith("html:") and link.host not in link.shown
    return f"{link.shown[:60]!r} opens {link.host}" if hidden else ""


def _punycode(link: Link) -> str:
    """Return a coded label below a domain in plain letters: nobody types such a name."""
    below = link.host.removesuffix(registrable_icann(link.host))
    return f"{link.host} hides other letters" if "xn--" in below else ""


def _login(link: Link) -> str:
    labels = _WORDS.split(link.host)[:-1]
    word = next((label for label in labels if label in words(_LOGIN_WORDS)), "")
    if not word or organisations.is_known(link.host):
        return ""
    return f"{word!r} in {link.host}, a stranger's"
