"""The reader's own address inside a link."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from phish_milter.detection.anomalies.destinations import Destinations
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Message

_MOST_LINKS = 60  # looked into; the first ones are enough to see how all are made
_MOST_PATH = 2048
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
# What a base64 or hexadecimal address looks like from outside: 12 bytes at least.
_BASE64 = re.compile(r"[A-Za-z0-9+_-]{16,400}")
_HEX = re.compile(r"(?:[2-7][0-9A-Fa-f]){10,130}")
_MOST_TOKENS = 12  # of one link


def recipient_anomalies(
    message: Message, envelope: Envelope, destinations: Destinations
) -> Iterator[SeenAnomaly]:
    """Yield links to strangers that carry the address of the reader."""
    links = destinations.foreign[:_MOST_LINKS]
    if not links:
        return
    yield from _encoded(links)
    readers = _readers(message, envelope)
    for link in links:
        path = unquote(link.path[:_MOST_PATH]).lower()
        named = next((r for r in readers if r in path), "") if "@" in path else ""
        if named:
            place = path.partition("#")[2]
            anomaly = Anomaly.READER_ENCODED if named in place else Anomaly.READER_NAMED
            yield SeenAnomaly(anomaly, f"{named} in a link to {link.host}")
            return


def _readers(message: Message, envelope: Envelope) -> tuple[str, ...]:
    """Return the addresses of those the mail went to, as far as it says so."""
    shown = " ".join(field.value[:1000] for field in message.all("to")[:3])
    return tuple(dict.fromkeys(a.lower() for a in (*envelope.rcpt_to, *_ADDRESS.findall(shown))))


def _encoded(links: Sequence[Link]) -> Iterator[SeenAnomaly]:
    for link in links:
        if address := _hidden_address(link.path[:_MOST_PATH]):
            yield SeenAnomaly(
                Anomaly.READER_ENCODED, f"{address[:80]} encoded in a link to {link.host}"
            )
            return


def _hidden_address(path: str) -> str:
    """Return an address that *path* holds in an encoding meant not to be seen."""
    for token in _BASE64.findall(path)[:_MOST_TOKENS]:
        for decoded in (_from_base64(token), _from_hex(token)):
            if _ADDRESS.fullmatch(decoded):
                return decoded
    return ""


def _from_base64(token: str) -> str:
    text = token.replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(text[: len(text) // 4 * 4], validate=True)
        raw += base64.b64decode(text[len(raw) // 3 * 4 :] + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return ""
    return raw.decode("ascii", "ignore").rstrip("\n")


def _from_hex(token: str) -> str:
    return bytes.fromhex(token).decode("ascii", "ignore") if _HEX.fullmatch(token) else ""
