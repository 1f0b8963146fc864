"""Links and redirects of SVG drawings: browsers open them as pages, with scripts."""

import re
import zlib
from collections.abc import Iterator
from html import unescape

from phish_milter.links.attachments.budget import Spending
from phish_milter.links.attachments.format import Format
from phish_milter.message.decode import base64_forgiving
from phish_milter.message.model import Anchor, Part

_HREF = re.compile(
    r"(?<![.\w])(?:href|action|src)\s{0,8}=\s{0,8}[\"']([^\"']{1,4096})", re.IGNORECASE
)
_SCRIPTED = re.compile(
    r"(?:location(?:\.href)?\s{0,8}=|location\.(?:replace|assign)\s{0,8}\(|\bopen\s{0,8}\("
    r"|fetch\s{0,8}\(|url\s{0,8}=)\s{0,8}[\"'`]?\s{0,8}(https?:[^\"'`\s<>)]{1,4096})",
    re.IGNORECASE,
)
_CODED = re.compile(r"\batob\s{0,8}\(\s{0,8}[\"'`]([A-Za-z0-9+/=]{8,8000})", re.IGNORECASE)
_PLAIN_URL = re.compile(r"https?://[^\s\"'`<>)]{4,2000}", re.IGNORECASE)
_WEB = ("http:", "https:", "//", "javascript:", "data:text/html")
_PASSWORD = re.compile(r"<input[^<>]{0,200}\btype\s{0,8}=\s{0,8}[\"']?password", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31


def anchors(part: Part, spending: Spending) -> Iterator[Anchor]:
    """Yield where the drawing in *part* leads, by links, forms and scripts."""
    if not spending.take("drawing", spending.budget.texts):
        return
    content = _content(part.data, spending.budget.text_bytes)
    secret = _PASSWORD.search(content) is not None
    for url in _HREF.findall(content):
        target = unescape(url).strip()
        if target.lower().startswith(_WEB):
            yield Anchor("svg", target, asks_secret=secret)
    for url in _SCRIPTED.findall(content):
        yield Anchor("svg:script", unescape(url))
    for coded in _CODED.findall(content):
        for url in _PLAIN_URL.findall(_decoded(coded)):
            yield Anchor("svg:script", url)


def _content(data: bytes, most: int) -> str:
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(_GZIP_WINDOW).decompress(data, most)
        except zlib.error:
            return ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[:most].decode("utf-16", "replace")
    return data[:most].decode("utf-8", "replace")


def _decoded(coded: str) -> str:
    return base64_forgiving(coded).decode("utf-8", "replace")


FORMAT = Format(read=anchors, types=frozenset({"image/svg+xml"}), suffixes=(".svg", ".svgz"))
