"""Links of calendar entries (RFC 5545): whatever their text properties name."""

import re
from collections.abc import Iterator

from phish_milter.links import plain_text
from phish_milter.links.attachments.budget import Spending
from phish_milter.links.attachments.format import Format
from phish_milter.message.model import Anchor, Part

_FOLD = re.compile(r"\r?\n[ \t]")
# Properties whose value a calendar shows or opens; identifiers and stamps hold hosts as well.
_SHOWN = re.compile(
    r"^(?:DESCRIPTION|LOCATION|SUMMARY|COMMENT|URL|ATTACH|CONFERENCE|CONTACT"
    r"|X-ALT-DESC|X-GOOGLE-CONFERENCE|X-MICROSOFT-[A-Z-]{1,60})[^:\r\n]{0,300}:(.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_HREF = re.compile(r"href\s{0,4}=\s{0,4}[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([nN,;\\])")


def anchors(part: Part, spending: Spending) -> Iterator[Anchor]:
    """Yield the links of the calendar in *part*."""
    if not spending.take("calendar", spending.budget.texts):
        return
    content = part.data[: spending.budget.text_bytes].decode("utf-8", "replace")
    for value in _SHOWN.findall(_FOLD.sub("", content)):
        readable = _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)
        for url in _HREF.findall(readable):
            yield Anchor("calendar", url)
        for found in plain_text.find(readable):
            yield Anchor("calendar", found.url)


FORMAT = Format(
    read=anchors, types=frozenset({"text/calendar", "application/ics"}), suffixes=(".ics",)
)
