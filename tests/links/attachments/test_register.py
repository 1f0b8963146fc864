import gzip
from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO

import pypdf
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from pypdf.annotations import Link

from phish_milter.links.attachments import register as subject
from phish_milter.message.model import Anchor, Part

URL = "https://evil.example/login"


def part(content_type: str, data: bytes, filename: str = "") -> Part:
    return Part("1.2", content_type, filename, "attachment", "", data)


def links(
    parts: Iterable[Part], budget: subject.Budget | None = None
) -> tuple[list[str], set[str]]:
    defects: set[str] = set()
    found = subject.anchors_of(parts, budget or subject.Budget(), defects)
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


def transparent(image: Image.Image) -> Image.Image:
    """Black modules on nothing at all."""
    empty = Image.new("RGBA", image.size, (0, 0, 0, 0))
    empty.paste((0, 0, 0, 255), mask=ImageOps.invert(image))
    return empty


@pytest.mark.parametrize(
    ("content_type", "filename"),
    [
        ("application/pdf", "a.pdf"),
        ("application/octet-stream", "a.pdf"),
        ("application/octet-stream", "invoice"),  # readers look inside
    ],
)
def test_pdf_annotation(content_type: str, filename: str) -> None:
    found, _ = links([part(content_type, pdf(URL), filename)])

    assert found == [f"pdf:link {URL}"]


def test_pdf_too_broken_to_open() -> None:
    found, defects = links(
        [part("application/pdf", b"%PDF-1.4\n<< /URI (" + URL.encode() + b") >>")]
    )

    assert (found, defects) == ([f"pdf:link {URL}"], {"pdf-broken"})


def test_pdf_encrypted() -> None:
    assert links([part("application/pdf", pdf(URL, password="x"))]) == ([], {"pdf-encrypted"})


def test_pdf_budget() -> None:
    three = [part("application/pdf", pdf(URL))] * 3

    found, defects = links(three, subject.Budget(pdf_files=2))

    assert (len(found), defects) == (2, {"pdf-not-searched"})
    assert links(three, subject.Budget(pdf_bytes=10)) == ([], {"pdf-too-large"})


CALENDAR = (
    b"BEGIN:VEVENT\r\nUID:1@uid.example\r\nDESCRIPTION:Join: https://evil.exa\r\n"
    b" mple/a\\nNotes: https://notes.example/b\\, now\r\nURL;VALUE=URI:https://url.example/c\r\n"
    b'X-ALT-DESC;FMTTYPE=text/html:<a href="https://alt.example/d">x</a>\r\nEND:VEVENT\r\n'
)


@pytest.mark.parametrize(
    ("content_type", "filename"),
    [("text/calendar", ""), ("application/ics", ""), ("application/octet-stream", "x.ICS")],
)
def test_calendar(content_type: str, filename: str) -> None:
    found, _ = links([part(content_type, CALENDAR, filename)])

    assert [entry.removeprefix("calendar ") for entry in dict.fromkeys(found)] == [
        "https://evil.example/a",  # unfolded
        "https://notes.example/b",  # an escaped comma ends it
        "https://url.example/c",
        "https://alt.example/d",
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('<svg><a href="https://evil.example/a">x</a></svg>', ["svg https://evil.example/a"]),
        ('<svg><a xlink:href="https://evil.example/?a=1&amp;b">x</a></svg>',
         ["svg https://evil.example/?a=1&b"]),
        ('<svg><script>window.location.href = "https://evil.example/"</script></svg>',
         ["svg:script https://evil.example/"]),
        (f'<svg><script>location=atob("{b64encode(URL.encode()).decode()}")</script></svg>',
         [f"svg:script {URL}"]),
        ('<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>', []),  # an honest one
    ],
)  # fmt: skip
def test_drawing(content: str, found: list[str]) -> None:
    assert links([part("image/svg+xml", content.encode())])[0] == found
    packed = part("application/octet-stream", gzip.compress(content.encode()), "a.svgz")
    assert links([packed])[0] == found


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

    found, defects = links(many, subject.Budget(pictures=3))

    assert (len(found), defects) == (3, {"picture-not-searched"})
    assert links(many, subject.Budget(picture_bytes=100)) == ([], {"picture-too-large"})
    assert links(many, subject.Budget(picture_pixels=100)) == ([], set())


def test_link_budget() -> None:
    data = b"".join(b"DESCRIPTION:https://evil.example/%d\r\n" % n for n in range(20))

    found, defects = links([part("text/calendar", data)], subject.Budget(links=5))

    assert (len(found), defects) == (5, {"attachment-links-not-searched"})


@pytest.mark.parametrize("content_type", ["text/plain", "application/zip", "application/json"])
def test_other_parts_cost_nothing(content_type: str) -> None:
    assert links([part(content_type, b"https://evil.example/")]) == ([], set())


@given(
    st.sampled_from([b"%PDF-1.5\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF"]),
    st.binary(max_size=300),
)
def test_hostile_bytes_never_raise(start: bytes, rest: bytes) -> None:
    links([part("application/octet-stream", start + rest + b"\x00" * 100)])


@given(st.data())
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([pdf(URL), picture(code())])))
    for _ in range(data.draw(st.integers(1, 10))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))

    found, _ = links([part("application/octet-stream", bytes(whole))])

    assert all(isinstance(entry, str) for entry in found)


def test_anchors_of_one_part() -> None:
    spending = subject.Spending(subject.Budget())

    assert list(subject.anchors(part("application/pdf", pdf(URL)), spending)) == [
        Anchor("pdf:link", URL)
    ]
