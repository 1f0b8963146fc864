"""What is odd about how the author field itself is written (RFC 5322 section 3.4)."""

import re
from collections.abc import Iterator

from phish_milter.detection.anomalies.destinations import Destinations
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.message.address import strip_comments
from phish_milter.message.model import Message

_LONGEST = 2000  # characters of a field looked at
# Commas inside these separate nothing.
_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*+"|=\?[^?\s]*+\?.\?[^?\s]*+\?=')
# The last item of "Vale, Robin <r@vale.example>": words, then the address.
_NAMED = re.compile(r"\s*[^\W\d_][^<>@]*<[^<>,\s]+@[^<>,\s]+>\s*")


def author_field_anomalies(message: Message, where: Destinations) -> Iterator[SeenAnomaly]:
    """
    Yield a comma item of From that holds no address, in a mail that leads to strangers.

    Programs quote a name that holds a comma.  People who set up a program sometimes do not,
    "Vale, Robin <r@vale.example>": so that shape says nothing where the author signed.
    """
    if not where.foreign:
        return
    for field in message.all("from"):
        text = field.raw[:_LONGEST].decode("latin-1")
        item = _without_address(text) if "," in text else ""
        if item and not (where.signs_itself and _NAMED.fullmatch(_items(text)[-1])):
            yield SeenAnomaly(Anomaly.ITEM_NO_ADDRESS, f"From holds {item[:80]!r} and a comma")
            return


def _items(text: str) -> list[str]:
    return strip_comments(_CLOSED.sub("Q", text)).split(",")


def _without_address(text: str) -> str:
    """Return the first item of *text* that says something and holds no address, or ""."""
    items = _items(text)
    found = (item.strip() for item in items if "@" not in item)
    return next(filter(None, found), "") if len(items) > 1 else ""
