"""SPF against a real name server, through our lookups."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phish_milter.authentication.spf import check_sender, spf_identity
from phish_milter.dns.questions import Answer, Answers, Question, Status
from phish_milter.dns.resolver import Resolver
from phish_milter.message.model import Envelope
from support.dns import NameServer, serving

IP, OTHER = "192.0.2.1", "198.51.100.9"


def spf(text: str) -> dict[str, list[str]]:
    return {"TXT": [f"v=spf1 {text}"]}


ZONE = {
    "ip.example": spf("ip4:192.0.2.0/24 -all"),
    "soft.example": spf("~all"),
    "neutral.example": spf("?all"),
    "include.example": spf("include:ip.example -all"),
    "redirect.example": spf("redirect=ip.example"),
    "a.example": {"A": [IP], **spf("a -all")},
    "mx.example": {"MX": ["10 a.example."], **spf("mx -all")},
    "six.example": spf("ip6:2001:db8::/32 -all"),
    "macro.example": spf("exists:%{ir}.%{v}.list.example -all"),
    "1.2.0.192.in-addr.list.example": {"A": ["127.0.0.2"]},
    "helo.example": spf("ip4:192.0.2.1 -all"),
    "two.example": {"TXT": ["v=spf1 -all", "v=spf1 +all"]},
    "mixed.example": {"TXT": ["google-site-verification=x", "v=spf1 ip4:192.0.2.1 -all"]},
    "typo.example": spf("ip4:192.0.2.1/ -all"),
    "unknown.example": spf("moo -all"),
    "nothing.example": {"A": [IP]},
    "dead.example": spf("include:x.silent.example -all"),
    "loop.example": spf("include:loop.example -all"),
    "many.example": spf(" ".join(f"include:n{i}.example" for i in range(12)) + " -all"),
    **{f"n{i}.example": spf("-all") for i in range(12)},
    "void.example": spf("a:v1.example a:v2.example a:v3.example ip4:192.0.2.1 -all"),
    "long.example": spf("ip4:192.0.2.1 " + "ip4:198.51.100.1 " * 500 + "-all"),
}
FAULTS = {"silent.example": "silent", "broken.example": "servfail"}


@pytest.fixture(scope="module")
def lookups() -> Iterator[Resolver]:
    with serving(NameServer(ZONE, dict(FAULTS))) as names:
        asker = Resolver(["127.0.0.1"], names.port, timeout_seconds=0.6)
        yield asker
        asker.close()


CASES = [
    # a row: domain of MAIL FROM, client, result, the reason
    ("ip.example", IP, "pass", "network listed"),
    ("ip.example", OTHER, "fail", "network not listed"),
    ("IP.Example", IP, "pass", "any case"),
    ("soft.example", IP, "softfail", "~all"),
    ("neutral.example", IP, "neutral", "?all"),
    ("include.example", IP, "pass", "include"),
    ("redirect.example", OTHER, "fail", "redirect"),
    ("a.example", IP, "pass", "a"),
    ("mx.example", IP, "pass", "mx"),
    ("six.example", "2001:db8::7", "pass", "IPv6"),
    ("macro.example", IP, "pass", "macros"),
    ("macro.example", OTHER, "fail", "macros, not there"),
    ("two.example", IP, "permerror", "two records"),
    ("mixed.example", IP, "pass", "another TXT beside"),
    ("typo.example", IP, "permerror", "syntax"),
    ("unknown.example", IP, "permerror", "unknown mechanism"),
    ("nothing.example", IP, "none", "no record"),
    ("nowhere.example", IP, "none", "no such domain"),
    ("a..example", IP, "none", "no domain name"),
    ("x.silent.example", IP, "temperror", "no answer"),
    ("broken.example", IP, "temperror", "server failure"),
    ("dead.example", IP, "temperror", "no answer further down"),
    ("loop.example", IP, "permerror", "includes itself"),
    ("many.example", IP, "permerror", "more than 10 terms that ask DNS"),
    ("void.example", IP, "permerror", "more than 2 void lookups"),
    ("long.example", IP, "none", "a record longer than any honest one"),
    ("ip.example", "unknown", "none", "no client address"),
    ("ip.example", "", "none", "local submission"),
]


@pytest.mark.parametrize(("domain", "ip", "result", "why"), CASES, ids=[row[-1] for row in CASES])
def test_mail_from(lookups: Resolver, domain: str, ip: str, result: str, why: str) -> None:
    envelope = Envelope(ip, "helo.example", f"joe@{domain}")
    assert check_sender(envelope, lookups.session()).value == result, why


def test_the_null_sender_is_judged_by_helo(lookups: Resolver) -> None:
    assert check_sender(Envelope(IP, "helo.example", ""), lookups.session()).value == "pass"
    assert check_sender(Envelope(OTHER, "helo.example", ""), lookups.session()).value == "fail"
    assert check_sender(Envelope(OTHER, "", ""), lookups.session()).value == "none"
    assert spf_identity(Envelope(IP, "Helo.Example.", "")) == "helo.example"


class OneRecord:
    """Answers every TXT question with one record: hostile DNS."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ask(self, questions: object) -> Answers:
        assert isinstance(questions, list)
        return Answers({(q.name, q.type): self._answer(q) for q in questions})

    def _answer(self, question: Question) -> Answer:
        values = (f"v=spf1 {self._text}",) if question.type == "TXT" else ()
        return Answer(Status.FOUND if values else Status.NXDOMAIN, values)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"a: /%{}.=~?-+ 1", "include:", "redirect=", "exp=", "mx", "ptr", "ip4:", "all", "é"]
        ),
        max_size=12,
    )
)
def test_no_record_raises(pieces: list[str]) -> None:
    text = "".join(pieces).encode().decode("latin-1")
    check_sender(Envelope(IP, "h.example", "a@b.example"), OneRecord(text))
