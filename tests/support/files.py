"""Files as programs make them, and what is found in them."""

from collections.abc import Iterable
from io import BytesIO

import pypdf
import zxingcpp
from PIL import Image
from pypdf.annotations import Link

from phish_milter.links.attachments.budget import Budget
from phish_milter.links.attachments.register import anchors_of
from phish_milter.message.model import Part

URL = "https://evil.example/login"


def part(content_type: str, data: bytes, filename: str = "") -> Part:
    return Part("1.2", content_type, filename, "attachment", "", data)


def links(parts: Iterable[Part], budget: Budget | None = None) -> tuple[list[str], set[str]]:
    defects: set[str] = set()
    found = anchors_of(parts, budget or Budget(), defects)
    return [f"{anchor.source} {anchor.url}" for _, anchor in found], defects


def pdf(*urls: str, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for url in urls:
        writer.add_blank_page(200, 200)
        writer.add_annotation(len(writer.pages) - 1, Link(rect=(0, 0, 50, 50), url=url))
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def code(text: str = URL, scale: int = 4) -> Image.Image:
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=scale)
    pixels = memoryview(drawn)
    assert pixels.shape is not None
    return Image.frombytes("L", (pixels.shape[1], pixels.shape[0]), bytes(pixels))


def picture(image: Image.Image, kind: str = "PNG") -> bytes:
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()
