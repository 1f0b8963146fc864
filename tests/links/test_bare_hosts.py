import pytest

from phish_milter.links import bare_hosts as subject


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("visit host-verify.com/login today", ["host-verify.com/login"]),
        ("evil.org.", ["evil.org"]),  # end of the sentence
        ("Evil.Example.Com", []),  # title case of a suffix: hardly a host
        ("EVIL.ORG", ["EVIL.ORG"]),
        ("www.evil.zip", ["www.evil.zip"]),  # www. says it is a host
        ("evil.zip/login", ["evil.zip/login"]),  # a path says so too
        ("evil.com:8443/x", ["evil.com:8443/x"]),
        ("evil.com:80", ["evil.com"]),
        ("evil.com?x=1", ["evil.com?x=1"]),
        ("Link:evil.com/x", ["evil.com/x"]),
        ("\u8bf7\u8bbf\u95eeevil.org\u67e5\u770b", ["evil.org"]),  # Chinese around it
        ("\u0435vil.org", ["\u0435vil.org"]),  # a Cyrillic letter
        ("\u0442\u0435\u0441\u0442.\u0440\u0444", ["\u0442\u0435\u0441\u0442.\u0440\u0444"]),
        ("xn--e1aybc.xn--p1ai", ["xn--e1aybc.xn--p1ai"]),
        ("163.com", ["163.com"]),  # digits only, and a host
    ],
)
def test_hosts(text: str, hosts: list[str]) -> None:
    assert [text[span.start : span.end] for span in subject.bare_hosts(text)] == hosts


@pytest.mark.parametrize(
    "text",
    [
        "setup.py",
        "README.md, install.sh, main.rs and archive.zip",
        "os.path.join",
        "self.name",
        "logger.info('x')",
        "match.group(1)",
        "1.2.3 and v1.0.dev",
        "first.last@host.org",
        "first.name+tag@host.org",
        "src/host.com/x",  # a path
        "C:\\host.com",
        "std::host.com",
        "the end.In the next",  # a missing blank
        "\u0441\u043b\u043e\u0432\u043e.\u0421\u043b\u043e\u0432\u043e",  # the same in Russian
        "MANIFEST.in",
        "_dmarc.host.org",  # a DNS name, no web host
        "main.rs:12:5",
        "e.g. i.e. etc.",
        "co.uk",  # a suffix
        "host.invalid",
    ],
)
def test_lookalikes_of_hosts(text: str) -> None:
    assert list(subject.bare_hosts(text)) == []
