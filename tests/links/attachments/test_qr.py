"""Codes in pictures, of every format and look."""

from base64 import b64encode

import pytest
from PIL import Image, ImageOps

from phish_milter.links.attachments.budget import Budget
from support.files import URL, code, links, part, picture


def transparent(image: Image.Image) -> Image.Image:
    """Black modules on nothing at all."""
    empty = Image.new("RGBA", image.size, (0, 0, 0, 0))
    empty.paste((0, 0, 0, 255), mask=ImageOps.invert(image))
    return empty


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (picture(code()), "as it is"),
        (picture(code().convert("1")), "two colours"),
        (picture(code(scale=12).convert("RGB"), "JPEG"), "lossy"),
        (picture(code().convert("P"), "GIF"), "palette"),
        (picture(code(), "WEBP"), "WebP"),
        (picture(ImageOps.invert(code())), "light on dark"),
        (picture(transparent(code())), "transparent background"),
        (picture(code().rotate(30, expand=True, fillcolor=255)), "turned"),
        (picture(code(scale=70)), "larger than needed"),
    ],
)
def test_qr(data: bytes, why: str) -> None:
    assert links([part("image/png", data)])[0] == [f"qr {URL}"], why


def test_qr_embedded_in_html() -> None:
    html = b'<img src="data:image/png;base64,' + b64encode(picture(code())) + b'">'

    assert links([part("text/html", html)])[0] == [f"qr {URL}"]


@pytest.mark.parametrize("text", ["WIFI:S:net;T:WPA;P:x;;", "BEGIN:VCARD", "TICKET-0001"])
def test_qr_without_link(text: str) -> None:
    assert links([part("image/png", picture(code(text)))]) == ([], set())


def test_picture_budget() -> None:
    many = [part("image/png", picture(code(f"https://evil.example/{n}"))) for n in range(5)]

    found, defects = links(many, Budget(pictures=3))

    assert (len(found), defects) == (3, {"picture-not-searched"})
    assert links(many, Budget(picture_bytes=100)) == ([], {"picture-too-large"})
    assert links(many, Budget(picture_pixels=100)) == ([], set())
