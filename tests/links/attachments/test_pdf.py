"""PDF documents: links of pages, broken and locked files, limits."""

import pytest

from phish_milter.links.attachments.budget import Budget
from support.files import URL, links, part, pdf


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

    found, defects = links(three, Budget(pdf_files=2))

    assert (len(found), defects) == (2, {"pdf-not-searched"})
    assert links(three, Budget(pdf_bytes=10)) == ([], {"pdf-too-large"})
