"""QR codes in attached and embedded pictures."""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

import zxingcpp
from PIL import Image, WebPImagePlugin

from phish_milter.links import plain_text
from phish_milter.links.attachments.budget import Spending
from phish_milter.links.attachments.format import Format
from phish_milter.message.decode import base64_forgiving
from phish_milter.message.model import Anchor, Part

_CODES = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)
_STARTS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
# Pillow loads its common formats when first asked, WebP only on request.
_FORMATS = ("PNG", "JPEG", "GIF", WebPImagePlugin.WebPImageFile.format, "BMP")
_SMALLEST = 21  # modules on a side of the smallest QR code
_LARGEST = 1000  # pixels on a side are plenty for a code; more costs time only
_FEWEST_BYTES = 100  # tracking pixels are smaller
_WHITE = 255
_QUIET_ZONE = 16  # pixels of white around codes that were cropped to their edge
_INLINE = re.compile(
    rb"data:image/(?:png|jpe?g|gif|webp|bmp);base64,([A-Za-z0-9+/=\s%]{100,600000})", re.IGNORECASE
)
_BLANKS = re.compile(rb"[\s%]+")
# What Pillow raises on broken files.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
           MemoryError, struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip


def warm() -> None:
    """Load the picture formats now (about 50 ms), so that no message pays for it."""
    Image.preinit()


def anchors(part: Part, spending: Spending) -> Iterator[Anchor]:
    """Yield the links of the codes in the picture *part*."""
    return _anchors(part.data, spending)


def inline_anchors(part: Part, spending: Spending) -> Iterator[Anchor]:
    """Yield the links of the codes in pictures embedded in the HTML of *part*."""
    if b"data:image/" not in part.data:
        return
    for found in _INLINE.finditer(part.data):
        yield from _anchors(base64_forgiving(found[1]), spending)


def _anchors(data: bytes, spending: Spending) -> Iterator[Anchor]:
    budget = spending.budget
    if len(data) < _FEWEST_BYTES:
        return
    if len(data) > budget.picture_bytes:
        spending.defects.add("picture-too-large")
        return
    if not spending.take("picture", budget.pictures):
        return
    try:
        content = _codes(data, budget.picture_pixels)
    except _BROKEN:
        spending.defects.add("picture-broken")
        return
    for code in content:
        for found in plain_text.find(code):
            yield Anchor("qr", found.url)


def _codes(data: bytes, most_pixels: int) -> list[str]:
    with Image.open(BytesIO(data), formats=_FORMATS) as opened:
        width, height = opened.size
        if min(width, height) < _SMALLEST or width * height > most_pixels:
            return []
        opened.draft("L", (_LARGEST, _LARGEST))
        picture = _flat(opened)
    margin = 2 * _QUIET_ZONE
    framed = Image.new("L", (picture.width + margin, picture.height + margin), _WHITE)
    framed.paste(picture, (_QUIET_ZONE, _QUIET_ZONE))
    found = zxingcpp.read_barcodes(framed, formats=_CODES, try_rotate=False)
    return [code.text for code in found]


def _flat(picture: Image.Image) -> Image.Image:
    """Return *picture* small and in grey, on white where a mail client lets the page through."""
    seen_through = "A" in picture.getbands() or "transparency" in picture.info
    factor = -(-max(picture.size) // _LARGEST)
    wanted = "RGBA" if seen_through else "L"
    small = picture.convert(wanted).reduce(factor) if factor > 1 else picture.convert(wanted)
    if not seen_through:
        return small
    white = Image.new("L", small.size, _WHITE)
    white.paste(small.convert("L"), mask=small.getchannel("A"))
    return white


def _is_picture(data: bytes) -> bool:
    return data.startswith(_STARTS)


PICTURE = Format(
    read=anchors,
    types=frozenset(f"image/{kind}" for kind in ("png", "jpeg", "jpg", "gif", "webp", "bmp")),
    recognises=_is_picture,
)
PAGE = Format(read=inline_anchors, types=frozenset({"text/html"}))
