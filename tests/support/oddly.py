"""Mails in short for the tests of anomalies."""

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.detection.anomalies.destinations import Destinations, destinations
from phish_milter.links.inventory import inventory
from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Message
from phish_milter.message.parse import Limits, parse


def mail(
    html: str = "", *, sender: str = "Office <desk@orchard.com>", subject: str = "Papers"
) -> Message:
    """Return a mail with *html* as its body."""
    text = (
        f"From: {sender}\nTo: Dev <dev@example.net>\nSubject: {subject}\nMIME-Version: 1.0\n"
        f"Content-Type: text/html; charset=utf-8\n\n<p>Text</p>{html}\n"
    )
    return parse(text.replace("\n", "\r\n").encode(), Limits())


def linked(*links: tuple[str, str]) -> str:
    """Return HTML with a hyperlink for each (URL, text)."""
    return " ".join(f'<a href="{url}">{text}</a>' for url, text in links)


def links_of(message: Message) -> tuple[Link, ...]:
    """Return the link inventory of *message*."""
    return inventory(message).links


def where(message: Message, *signers: str) -> Destinations:
    """Return the sorted links of *message*, whose signatures of *signers* and no other held."""
    results = tuple(DkimResult(signer, Result.PASS) for signer in signers)
    return destinations(message, links_of(message), Authentication(source="own", dkim=results))


ENVELOPE = Envelope("203.0.113.9", "mx.example", "", ("dev@example.net",))
