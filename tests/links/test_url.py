import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links import url as subject
from phish_milter.links.model import Trick


@pytest.mark.parametrize(
    ("written", "host", "tricks", "candidates"),
    [
        ("https://pypi.example/a?b#c", "pypi.example", set(), ()),  # nothing to quarrel about
        ("HTTPS://Host.EXAMPLE./", "host.example", set(), ()),  # case and root dot
        ("https:evil.example", "evil.example", set(), ()),  # no slashes: browsers add them
        ("https:///evil.example", "evil.example", set(), ()),  # urllib sees no host
        ("https:/\\evil.example/", "evil.example", {Trick.BACKSLASH}, ()),  # as good as //
        (
            "http://evil.example\\@brand.example/",
            "evil.example",
            {Trick.BACKSLASH},
            ("brand.example",),  # what urllib takes for the host
        ),
        (
            "https://brand.example@evil.example/",
            "evil.example",
            {Trick.USERINFO},
            ("brand.example",),  # what a reader takes for the host
        ),
        (
            "https://brand.example:443@evil.example/login",
            "evil.example",
            {Trick.USERINFO},
            ("brand.example",),  # with a port for camouflage
        ),
        (
            "https://brand.example%2Flogin@evil.example/",
            "evil.example",
            {Trick.USERINFO},
            ("brand.example",),  # an encoded slash ends what a reader takes for the host
        ),
        ("https://[x]@evil.example/", "evil.example", {Trick.USERINFO}, ()),  # urllib raises
        ("http://3405803837/x", "203.0.113.61", {Trick.IP_LITERAL}, ()),  # decimal
        ("http://0xCB00713D/", "203.0.113.61", {Trick.IP_LITERAL}, ()),  # hexadecimal
        ("http://0313.0.0161.075/", "203.0.113.61", {Trick.IP_LITERAL}, ()),  # octal
        ("http://203.0.113.61/", "203.0.113.61", {Trick.IP_LITERAL}, ()),  # dotted
        ("http://[2001:db8::1]/", "[2001:db8::1]", {Trick.IP_LITERAL}, ()),  # version 6
        ("http://127.0.0.1:8000/", "127.0.0.1", set(), ()),  # the reader's own machine
        ("http://192.168.1.20/", "192.168.1.20", set(), ()),  # the reader's own network
        ("http://localhost:3000/", "localhost", set(), ()),  # developers' mail is full of it
        ("https://ev\til.exa\r\nmple/x", "evil.example", {Trick.CONTROL}, ()),  # dropped
        ("https://ev\u200bil.example/", "evil.example", {Trick.CONTROL}, ()),  # zero width
        ("https://ev\u200dil.example/", "evil.example", {Trick.CONTROL}, ()),  # joiner
        ("https://host.example/a\tb", "host.example", set(), ()),  # sloppy, but only the path
        ("https://evil%2eexample/", "evil.example", {Trick.ENCODED_HOST}, ()),  # encoded dot
        ("https://evil\u3002example/", "evil.example", {Trick.UNICODE_HOST}, ()),  # ideographic
        ("https://\uff45vil.example/", "evil.example", {Trick.UNICODE_HOST}, ()),  # fullwidth
        ("https://\u24d4vil.example/", "evil.example", {Trick.UNICODE_HOST}, ()),  # circled
        ("https://m\u00fcnchen.example/", "xn--mnchen-3ya.example", set(), ()),  # honest IDN
        ("https://\u0440aul.example/", "xn--aul-zed.example", {Trick.MIXED_SCRIPT}, ()),
        (
            "https://\u043f\u0440\u0438\u043c\u0435\u0440.example/",
            "xn--e1afmkfd.example",
            set(),  # all Cyrillic
            (),
        ),
        ("https://host.example:444/", "host.example", {Trick.ODD_PORT}, ()),
        ("https://host.example:8443/", "host.example", set(), ()),  # common enough
        ("//host.example/x", "host.example", set(), ()),  # clients open it with https
        ("\\\\host.example\\x", "host.example", {Trick.BACKSLASH}, ()),
        ("www.host.com/login", "www.host.com", set(), ()),  # clients add the scheme
        ("host.com:8443/x", "host.com", set(), ()),  # a port, not a scheme
        (
            "javascript:location='https://evil.example/x'",
            "",
            {Trick.SCRIPT},
            ("evil.example",),
        ),
        ("JaVa\nscript:alert(1)", "", {Trick.SCRIPT}, ()),  # browsers drop the newline
        (
            "data:text/html;base64,PGEgaHJlZj0iaHR0cHM6Ly9ldmlsLmV4YW1wbGUvIj4=",
            "",
            {Trick.DATA},
            ("evil.example",),
        ),
        ("data:text/html,<a href='https://evil.example/'>", "", {Trick.DATA}, ("evil.example",)),
        ("ms-word:ofe|u|https://evil.example/x", "", set(), ("evil.example",)),  # opens Word
        ("https://evil.example:99999/", "", set(), ("evil.example",)),  # opens nowhere
    ],
)
def test_parse(written: str, host: str, tricks: set[Trick], candidates: tuple[str, ...]) -> None:
    parsed = subject.parse(written)

    assert parsed is not None
    assert (parsed.host, set(parsed.tricks), parsed.candidates) == (host, tricks, candidates)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "#top",  # stays on the page
        "mailto:someone@host.example",
        "tel:+15550100",
        "cid:image001",
        "index.html",  # relative, and there is no base
        "data:image/png;base64,iVBORw0KGgo=",  # a picture leads nowhere
        "http://",
        "http://a b/",
        "http://\udcff.example/",  # an undecodable byte
    ],
)
def test_parse_leads_nowhere(written: str) -> None:
    assert subject.parse(written) is None


@pytest.mark.parametrize(
    ("written", "base", "href"),
    [
        ("login", "https://evil.example/a/", "https://evil.example/a/login"),
        ("/login", "https://evil.example/a/", "https://evil.example/login"),
        ("//other.example/", "https://evil.example/", "https://other.example/"),
        ("https://host.example/", "https://evil.example/", "https://host.example/"),  # absolute
        ("login", "not a base", None),
        ("login", "mailto:a@host.example", None),
    ],
)
def test_parse_with_base(written: str, base: str, href: str | None) -> None:
    parsed = subject.parse(written, base)

    assert (None if parsed is None else parsed.href) == href


def test_path_has_query_and_fragment() -> None:
    parsed = subject.parse("https://host.example/a/b?c=d#e")

    assert parsed is not None
    assert (parsed.path, parsed.pathname, parsed.query) == ("/a/b?c=d#e", "/a/b", "c=d")


def test_huge_url_is_cut() -> None:
    parsed = subject.parse("https://host.example/" + "a" * 1_000_000)

    assert parsed is not None
    assert len(parsed.href) <= subject.MOST_CHARACTERS


@given(st.text(max_size=80), st.sampled_from(["", "https://", "http:\\\\", "//", "data:", "x://"]))
def test_parse_never_raises(rest: str, scheme: str) -> None:
    parsed = subject.parse(scheme + rest, "https://base.example/")

    assert parsed is None or parsed.host == parsed.host.lower()


@pytest.mark.parametrize("broken", ["%50", "%0A", "\n", " ", "%20"])
def test_the_base64_of_a_data_link_may_be_broken_up(broken: str) -> None:
    body = base64.b64encode(b'<a href="https://evil.example/">Pay</a>').decode()
    at = body.index("P") if broken == "%50" else 8
    text = body[:at] + broken + body[at + (broken == "%50") :]

    parsed = subject.parse(f"data:text/html;base64,{text}")

    assert parsed is not None
    assert parsed.candidates == ("evil.example",)
