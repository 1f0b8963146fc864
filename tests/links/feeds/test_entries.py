import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links.feeds.entries import entries_of


@pytest.mark.parametrize(
    ("line", "entries"),
    [
        (b"0.0.0.0\tbad.com\tworse.com  ads.bad.org # both\r\n", "bad.com worse.com ads.bad.org"),
        (b"127.0.0.1 localhost localhost.localdomain\n", ""),  # the machine itself
        (b"::1 ip6-localhost ip6-loopback\n", ""),
        (b"255.255.255.255\tbroadcasthost\n", ""),
        (b"fe80::1%lo0 localhost\n", ""),
        (b"0.0.0.0 0.0.0.0\n", ""),
        (b"localhost\n", ""),
        (b"||bad.com^\r\n", "bad.com"),  # for ad blockers
        (b"! Title: bad hosts\n", ""),
        (b"[Adblock Plus 2.0]\n", ""),
        (b"\xef\xbb\xbfbad.com\r\n", "bad.com"),  # written on Windows
        (b"\xef\xbb\xbf# bad hosts\r\n", ""),
        (b"# id,dateadded,url,url_status,link\r\n", ""),
        (b"# see, among others, https://lists.example/\r\n", ""),
        (
            b'"7","2026-01-01 10:00:00","http://bad.com/a,b.sh","online","elf, x","https://l.org/7/"\r\n',
            "bad.com/a,b.sh",
        ),
        (b"7,2026-01-01,http://bad.com/a,online\n", "bad.com/a"),  # CSV without quotes
        (b"bad.com # one, see http://l.org/\n", "bad.com"),
        (b"http://bad.com/a,b\n", "bad.com/a,b"),  # a comma within a URL
    ],
)
def test_lines_of_published_lists(line: bytes, entries: str) -> None:
    assert entries_of(line, frozenset()) == (entries.split(), [])


def test_a_shared_name_leaves_the_others_of_its_line() -> None:
    entries, faults = entries_of(b"0.0.0.0 bad.com github.io\n", frozenset({"github.io"}))

    assert entries == ["bad.com"]
    assert "shared" in faults[0]


@given(st.binary(max_size=200))
def test_no_line_is_too_strange(line: bytes) -> None:
    entries, _ = entries_of(line, frozenset({"com"}))

    assert all(entry == entry.strip() != "" for entry in entries)
