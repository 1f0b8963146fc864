"""Every mailbox that some client could see, from well-formed to hostile address fields."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.address import parse_mailboxes

# Differences below this are the clock's.
NOISE_SECONDS = 0.005

Seen = list[tuple[str, str]]


def read(text: str) -> tuple[list[tuple[str, str]], list[str], bool]:
    found = parse_mailboxes(text, 100)
    return (
        [(m.display_name, m.address) for m in found.authors],
        [m.address for m in found.shown],
        "malformed-from" in found.defects,
    )


@pytest.mark.parametrize(
    ("text", "authors", "shown"),
    [
        ("a@b.example", [("", "a@b.example")], []),
        ("Ann <a@B.Example>", [("Ann", "a@b.example")], []),  # domain in lower case
        ("<A.B@b.example>", [("", "A.B@b.example")], []),  # local part as written
        ('"Ann, Bee" <a@b.example>', [("Ann, Bee", "a@b.example")], []),
        (r'"Ann \"X\"" <a@b.example>', [('Ann "X"', "a@b.example")], []),  # quoted pairs
        ("a@b.example (Ann)", [("Ann", "a@b.example")], []),  # the old way to name
        ("Ann (her (nested) name) <a@b.example>", [("Ann", "a@b.example")], []),
        ("Ann <a@b.example>, c@d.example", [("Ann", "a@b.example"), ("", "c@d.example")], []),
        ("Team: a@b.example, c@d.example;", None, []),  # a group
        ("<@relay.example,@b.example:a@c.example>", [("", "a@c.example")], []),  # source route
        ('<"a b"@c.example>', [("", '"a b"@c.example')], []),  # quoted local part
        ("< a @ b . example >", [("", "a@b.example")], []),  # space inside (RFC 5322, 4.4)
        ("<a(x)@b.example(y)>", [("", "a@b.example")], []),  # comments inside
        ("Ann <a@b.example.>", [("Ann", "a@b.example")], []),  # trailing dot
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")], []),  # address literal
        ("=?utf-8?q?Ann_=3Ca=40x=2Eexample=3E?= <a@b.example>", None, ["a@x.example"]),
        ("=?utf-8?q?Ann=2C?= =?utf-8?q?_Bee?= <a@b.example>", [("Ann, Bee", "a@b.example")], []),
        ("a@bücher.example", [("", "a@xn--bcher-kva.example")], []),  # IDN
    ],
)
def test_wellformed(text: str, authors: Seen | None, shown: list[str]) -> None:
    found_authors, found_shown, malformed = read(text)

    if authors is not None:
        assert found_authors == authors
    assert found_authors
    assert found_shown == shown
    assert not malformed or ":" in text


@pytest.mark.parametrize(
    ("text", "authors", "shown"),
    [
        (
            "Brand <no@brand.example> <x@evil.example>",
            [("Brand", "no@brand.example"), ("Brand", "x@evil.example")],
            [],  # clients differ on which of the two they show
        ),
        (
            '"Brand <no@brand.example>" <x@evil.example>',
            [("Brand <no@brand.example>", "x@evil.example")],
            ["no@brand.example"],  # the name shows an address that is not the author's
        ),
        (
            "x@evil.example (no@brand.example)",
            [("no@brand.example", "x@evil.example")],
            ["no@brand.example"],
        ),
        ("Ann, Bee <a@b.example>", [("Ann, Bee", "a@b.example")], []),  # unquoted comma
        ("Brand a@b.example", [("Brand", "a@b.example")], []),  # no angle brackets
        ("Brand <a@b.example", [("Brand", "a@b.example")], []),  # never closed
        ('"Brand <a@b.example>', [("Brand", "a@b.example")], []),  # quote never closed
        ("Brand,(<a@b.example>)", [("Brand", "a@b.example")], []),  # seen in phishing
        ("Brand <>", [("Brand", "")], []),  # a name alone is shown too
        ("Brand <brand.example>", [("Brand brand.example", "")], []),
        ("Brand", [("Brand", "")], []),
        ("=?utf-8?q?Brand_<a=40b=2Eexample>?=", [("Brand", "a@b.example")], []),  # all encoded
        (
            "no@brand.example@evil.example",
            [("", "no@brand.example"), ("", "no@brand.example@evil.example")],
            [],  # readers see the first half, servers use the second
        ),
        (
            "<no@brand.example@evil.example>",
            [("", "no@brand.example@evil.example")],
            ["no@brand.example"],
        ),
    ],
)
def test_malformed(text: str, authors: Seen, shown: list[str]) -> None:
    found_authors, found_shown, _ = read(text)

    assert found_authors == authors
    assert found_shown == shown


@pytest.mark.parametrize(
    "text",
    ["Brand <a@b.example> <x@evil.example>", "Brand <a@b.example", "Brand", "Brand a@b.example"],
)
def test_malformed_is_a_defect(text: str) -> None:
    assert read(text)[2]


def test_empty_field_has_no_author_and_no_defect() -> None:
    assert read("") == ([], [], False)


def test_more_addresses_than_the_budget() -> None:
    found = parse_mailboxes("a@b.example," * 50, 10)

    assert len(found.authors) == 10
    assert "too-many-addresses" in found.defects


@given(st.text(alphabet=st.sampled_from('<>@",;:()\\ ab.=?qü\t'), max_size=200) | st.text())
def test_never_raises_and_keeps_the_budget(text: str) -> None:
    found = parse_mailboxes(text, 5)

    assert len(found.authors) + len(found.shown) < 5 + len(text)
    assert all(not m.shown_only for m in found.authors)
    assert all(m.shown_only for m in found.shown)


@pytest.mark.parametrize("bait", ["<", "@", "a", '"', "(", ",", "a@", '<"', "<a(", "=?q?", "(a@"])
def test_bait_is_linear(bait: str) -> None:
    """Four times the text takes about four times as long; quadratic code takes 16 times."""
    short, long = (bait * (size // len(bait)) for size in (50_000, 200_000))

    def seconds(text: str) -> float:
        begun = time.process_time()
        parse_mailboxes(text, 100)
        return time.process_time() - begun

    # The quickest of several runs has the least of other processes' noise in it.
    quickest = [min(seconds(text) for _ in range(5)) for text in (short, long)]

    assert quickest[1] < 10 * quickest[0] + NOISE_SECONDS
