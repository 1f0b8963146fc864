import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links import plain_text as subject


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("See https://host.example/a, or not.", ["https://host.example/a"]),
        ("(https://host.example/Foo_(bar))", ["https://host.example/Foo_(bar)"]),  # balanced
        ("'https://host.example/x'", ["https://host.example/x"]),
        ("**https://host.example/x**", ["https://host.example/x"]),  # Markdown bold
        ("[https://a.example](https://b.example)", ["https://a.example", "https://b.example"]),
        ("HTTP://HOST.EXAMPLE", ["HTTP://HOST.EXAMPLE"]),
        ("http:\\\\host.example\\x", ["http:\\\\host.example\\x"]),  # Outlook links it
        ("http://3405803837/login", ["http://3405803837/login"]),  # no dot at all
        ("https://[2001:db8::1]/x", ["https://[2001:db8::1]/x"]),
        ("git+https://host.example/a.git", ["https://host.example/a.git"]),
        (
            "https://host.example/?u=https://b.example",
            ["https://host.example/?u=https://b.example"],
        ),
        ("\u8bbf\u95eehttps://host.org\u67e5\u770b", ["https://host.org"]),  # no blanks in Chinese
        ("https://host.org\u3002\u7136\u540e", ["https://host.org"]),  # a full stop
        ("https://host\u3002org/x", ["https://host\u3002org/x"]),  # a dot of the host
        ("gopher://host.example/", []),  # no client opens it
        ("https:// http://", []),
    ],
)
def test_find_urls(text: str, written: list[str]) -> None:
    assert [found.written for found in subject.find(text)] == written


@pytest.mark.parametrize(
    "text",
    [
        "hxxps://evil.example/login",
        "hxxp://www.evil.com/login",
        "https://evil[.]com/login",
        "https://evil(.)com",
        "https://evil[dot]com",
        "evil[.]com",
        "evil[.]co.uk",
        "login@evil[.]com",
    ],
)
def test_defanged_indicators_are_no_links(text: str) -> None:
    assert subject.find(text) == []


@pytest.mark.parametrize(
    ("text", "label", "written"),
    [
        ("Verify now <https://evil.example/x>", "Verify now", "https://evil.example/x"),
        ("a\n  Log in<https://evil.example/x>", "Log in", "https://evil.example/x"),
        ("> Log in <https://evil.example/x>", "Log in", "https://evil.example/x"),
        ("<https://evil.example/x>", "", "https://evil.example/x"),
        ("<https://evil.example/\n  path\n>", "", "https://evil.example/path"),  # hard-wrapped
        ("<https://evil.example/\r\npath>", "", "https://evil.example/path"),
        ("<https://evil.example/\nand more text>", "", "https://evil.example/"),  # prose follows
        ("<https://evil.example/\n\nx>", "", "https://evil.example/"),  # a blank line ends it
        ("Log in: https://evil.example/x", "", "https://evil.example/x"),  # not in brackets
    ],
)
def test_angle_brackets(text: str, label: str, written: str) -> None:
    (found,) = subject.find(text)

    assert (found.label, found.written) == (label, written)


@pytest.mark.parametrize(
    ("text", "written", "broken_up"),
    [
        ("https://ev\u200bil.com/x", "https://evil.com/x", True),
        ("ev\u200bil.com/x", "evil.com/x", True),
        ("evil\u00ad.com", "evil.com", True),  # soft hyphen
        ("\u200bevil.com\u200b", "evil.com", False),  # around it: harmless
        ("\u200c\u00a0\u200c evil.com", "evil.com", False),  # padding of newsletters
    ],
)
def test_invisible_characters(text: str, written: str, broken_up: bool) -> None:
    (found,) = subject.find(text)

    assert (found.written, found.broken_up) == (written, broken_up)


def test_bare_host_gets_a_scheme() -> None:
    (found,) = subject.find("go to evil.com/login now")

    assert (found.written, found.url) == ("evil.com/login", "http://evil.com/login")


@pytest.mark.parametrize(
    ("shown", "host"),
    [
        ("host.org/account", "host.org"),
        ("https://host.org", "host.org"),
        ("Go to host.org now", "host.org"),
        ("Host.org", "host.org"),
        ("host\u3002org", "host.org"),  # ideographic full stop
        ("\uff48\uff4f\uff53\uff54\uff0e\uff4f\uff52\uff47", "host.org"),  # fullwidth
        ("h\u200bost.org", "host.org"),
        ("\u0440\u0443.org", "xn--p1ag.org"),
        ("Verify now", ""),
        ("setup.py", ""),
        ("Wait... what?", ""),
        ("someone@host.org", ""),
    ],
)
def test_host_shown(shown: str, host: str) -> None:
    assert subject.host_shown(shown) == host


def test_most_found() -> None:
    assert len(subject.find("host.com " * 50, most=7)) == 7


@given(st.text(alphabet=" \n<>()[].:/@ahtps\u200b\u3002\u4e00-_", max_size=200))
def test_find_never_raises(text: str) -> None:
    for found in subject.find(text):
        assert found.written
