"""Codes of domain block lists: which of them list a domain, and which only refuse."""

import pytest

from phish_milter.detection.checks import block_list
from phish_milter.dns.questions import Answer, Answers, DomainsAsked, Status

ZONE = "dbl.lists.test"


@pytest.mark.parametrize(
    ("codes", "listed"),
    [
        (("127.0.1.5",), True),
        (("127.0.0.2", "127.0.0.4"), True),  # several codes are one finding
        (("127.255.255.254",), False),  # asked through a public resolver
        (("127.0.0.1",), False),  # asked too much
        (("127.0.1.255",), False),  # no domain
        (("203.0.113.7",), False),  # a resolver that answers everything
        ((), False),
    ],
)
def test_codes(codes: tuple[str, ...], listed: bool) -> None:
    status = Status.FOUND if codes else Status.NXDOMAIN
    answers = Answers({(f"shop.example.{ZONE}", "A"): Answer(status, codes)})

    found = [*block_list.check(DomainsAsked(("shop.example",)), answers, (ZONE,))]

    assert [f.symbol.name for f in found] == ["DNSBL_LISTED"] * listed


def test_every_list_is_asked_about_every_domain_once() -> None:
    asked = DomainsAsked(("a.example", "b.example"), "mail.a.example")

    names = [question.name for question in block_list.questions(asked, (ZONE, "surbl.test"))]

    assert names == [
        f"a.example.{ZONE}",
        f"b.example.{ZONE}",
        "a.example.surbl.test",
        "b.example.surbl.test",
    ]
