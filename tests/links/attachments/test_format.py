"""Formats: what is declared, named or recognised as one of them is read by its module."""

import pytest

from phish_milter.links.attachments.format import Format
from phish_milter.links.attachments.register import FORMATS
from support.files import URL, links, part, pdf

CALENDAR = f"BEGIN:VEVENT\r\nURL:{URL}\r\n".encode()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_is_met_by_a_lower_case_type_or_suffix(format_: Format) -> None:
    assert all(type_ == type_.lower() and "/" in type_ for type_ in format_.types)
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in format_.suffixes)
    assert format_.types or format_.suffixes or format_.recognises


def test_no_two_formats_claim_the_same() -> None:
    claims = [claim for format_ in FORMATS for claim in (*format_.types, *format_.suffixes)]

    assert len(claims) == len(set(claims))


@pytest.mark.parametrize(
    ("content_type", "filename", "data", "found"),
    [
        ("application/pdf", "", pdf(URL), "pdf:link"),
        ("application/octet-stream", "x.ICS", CALENDAR, "calendar"),
        ("text/plain", "x.ics", CALENDAR, "calendar"),  # programs open it by its name
        ("application/x-anything", "x.bin", pdf(URL), "pdf:link"),  # and look inside
        ("application/octet-stream", "x.bin", CALENDAR, ""),
        ("application/octet-stream", ".", CALENDAR, ""),
    ],
)
def test_a_part_is_read_as_what_it_is(
    content_type: str, filename: str, data: bytes, found: str
) -> None:
    assert links([part(content_type, data, filename)])[0] == ([f"{found} {URL}"] if found else [])
