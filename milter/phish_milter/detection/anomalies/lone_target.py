"""Mail that leads nowhere but to one stranger, and how that stranger's host looks."""

import re
from collections.abc import Iterator, Sequence

from phish_milter.detection.anomalies import organisations
from phish_milter.detection.anomalies.destinations import Destinations, is_hosted, is_short
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.detection.anomalies.obfuscated_letters import is_random
from phish_milter.domains.host_lists import trackers
from phish_milter.domains.registrable import registrable_icann
from phish_milter.links.model import Link
from phish_milter.message.model import Document, Message
from phish_milter.resources import words

_CHEAP = "cheap-suffixes.txt"
_MOST_ORGANISATIONS = 2  # of a picture mail: the page, and one to unsubscribe
_FEWEST_LETTERS = 200  # of a mail that says something in words
_PICTURE = re.compile(rb"<img\b", re.IGNORECASE)
_MOST_OF_PAGE = 256 * 1024  # bytes; styles stand before the picture
# A stretch of a URL that no person chose, and what makes it one: letters and digits in turns.
_STRETCH = re.compile(r"[A-Za-z0-9_-]{24,400}")
_TURN = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_LEAST_TURNS = 5
_LEAST_TEXTS = 2  # to go on and to stop
_NO_DIGIT = re.compile("[g-zG-Z]")  # of a hexadecimal number, which honest pages are filed under
_MOST_PATH = 1000  # characters


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    words(_CHEAP)
    trackers()


def lone_target_anomalies(message: Message, where: Destinations) -> Iterator[SeenAnomaly]:
    """
    Yield picture mail and lone odd targets of strangers.

    A stranger is neither an author nor a signer, nor a mail service that counts clicks.
    Links whose host stands in sight hide nothing.
    """
    strangers = where.foreign
    if not where.hyperlinks or not strangers or len(strangers) < len(where.actions):
        return
    if any(where.is_signers(link) or _counts_clicks(link) for link in strangers):
        return
    owners = {registrable_icann(link.host) for link in strangers}
    if len(owners) <= _MOST_ORGANISATIONS and _is_picture(message):
        yield SeenAnomaly(Anomaly.PICTURE_MAIL, f"a picture, few words, opens {strangers[0].host}")
    hidden = [link for link in strangers if link.shown_host != link.host]
    if len(owners) == 1 and hidden:
        found = (_odd_host(link) or _odd_path(link, hidden, where) for link in hidden)
        if how := next(filter(None, found), ""):
            yield SeenAnomaly(Anomaly.LONE_ODD_TARGET, how)


def _odd_host(link: Link) -> str:
    """Return why nobody who has a name would lead to the host of *link*, "" if anybody might."""
    if is_short(link) and not organisations.is_known(link.host):
        return f"{link.host} hides where it leads"
    if is_hosted(link):
        return f"anybody publishes at {link.host}"
    if organisations.is_known(link.host):
        return ""
    if any(is_random(label) for label in link.host.split(".")[:-1]):
        return f"{link.host} looks drawn by lot"
    if link.host.rpartition(".")[2] in words(_CHEAP):
        return f"{link.host} is under a suffix that costs next to nothing"
    return ""


def _odd_path(link: Link, links: Sequence[Link], where: Destinations) -> str:
    """
    Return the token in *link* that says nothing, "" when there is none or it has its reason.

    Services that send for others count clicks by such tokens, one for each link.  So where
    the author signed, only one token behind several texts is odd.
    """
    if organisations.is_known(link.host):
        return ""
    if where.signs_itself:
        texts = {other.shown for other in links if other.target == link.target}
        if len(texts) < _LEAST_TEXTS:
            return ""
    token = next(filter(_is_opaque, _STRETCH.findall(link.path[:_MOST_PATH])), "")
    return f"{token[:40]!r} in a link to {link.host}" if token else ""


def _is_opaque(stretch: str) -> bool:
    return bool(_NO_DIGIT.search(stretch)) and len(_TURN.findall(stretch)) >= _LEAST_TURNS


def _counts_clicks(link: Link) -> bool:
    return trackers().matches(link.host, link.path)


def _is_picture(message: Message) -> bool:
    shown = [d for d in message.documents if not d.attached and not d.nested]
    if max(map(_letters, shown), default=0) >= _FEWEST_LETTERS:
        return False
    pages = (part.data for part in message.parts if part.content_type == "text/html")
    return any(_PICTURE.search(page, 0, _MOST_OF_PAGE) for page in pages)


def _letters(document: Document) -> int:
    return sum(map(str.isalpha, document.visible))
