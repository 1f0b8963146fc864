"""Answers of DNS about the domains of a mail, and what they make suspicious."""

import pytest

from phish_milter.detection.checks import domain_facts
from phish_milter.dns.questions import Answer, Answers, DomainsAsked, Status

PARKING = frozenset({"parked.example"})
NONE, GONE = Answer(Status.NODATA), Answer(Status.NXDOMAIN)
UNKNOWN = Answer(Status.UNKNOWN, reason="timeout")


def found(*values: str) -> Answer:
    return Answer(Status.FOUND, values)


def symbols(asked: DomainsAsked, **answers: Answer) -> list[str]:
    name = asked.sender or asked.links[0]
    table = Answers({(name, type_): answer for type_, answer in answers.items()})
    return [f.symbol.name for f in domain_facts.check(asked, table, PARKING)]


@pytest.mark.parametrize(
    ("mx", "address", "expected"),
    [
        (found("10 mx.example."), NONE, []),
        (NONE, found("192.0.2.1"), []),  # RFC 5321 section 5.1
        (found("0 ."), found("192.0.2.1"), ["SENDER_DOMAIN_NO_MAIL"]),  # RFC 7505
        (NONE, NONE, ["SENDER_DOMAIN_NO_MAIL"]),
        (NONE, UNKNOWN, []),
        (GONE, GONE, ["SENDER_DOMAIN_GONE"]),
        (UNKNOWN, NONE, []),
    ],
)
def test_the_sender(mx: Answer, address: Answer, expected: list[str]) -> None:
    asked = DomainsAsked(sender="shop.example")

    assert symbols(asked, MX=mx, A=address, AAAA=NONE) == expected


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (found("ns1.shop.example."), []),
        (found("ns1.parked.example.", "ns2.parked.example."), ["LINK_DOMAIN_PARKED"]),  # once
        (GONE, ["LINK_DOMAIN_GONE"]),
        (UNKNOWN, []),
    ],
)
def test_a_link(servers: Answer, expected: list[str]) -> None:
    assert symbols(DomainsAsked(("shop.example",)), NS=servers) == expected


def test_each_question_is_about_what_was_asked() -> None:
    asked = [*domain_facts.questions(DomainsAsked(("a.example",), "b.example"))]

    assert [(q.name, q.type) for q in asked] == [
        ("b.example", "MX"),
        ("b.example", "A"),
        ("b.example", "AAAA"),
        ("a.example", "NS"),
    ]
