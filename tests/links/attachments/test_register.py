"""All attachments of a mail: what each is, one budget for all, and nothing that raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links.attachments import register as subject
from phish_milter.links.attachments.budget import Budget, Spending
from phish_milter.message.model import Anchor
from support.files import URL, code, links, part, pdf, picture


def test_link_budget() -> None:
    data = b"".join(b"DESCRIPTION:https://evil.example/%d\r\n" % n for n in range(20))

    found, defects = links([part("text/calendar", data)], Budget(links=5))

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
    spending = Spending(Budget())

    assert list(subject.anchors(part("application/pdf", pdf(URL)), spending)) == [
        Anchor("pdf:link", URL)
    ]
