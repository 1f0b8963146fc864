"""Footers of mailing lists: who may add a link without contradicting the author."""

import pytest

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.detection.list_platforms import list_host, pages, platforms
from phish_milter.domains.registrable import is_registered_name
from phish_milter.message.model import Message
from phish_milter.message.parse import Limits, parse


def mail(list_id: str) -> Message:
    return parse(f"From: a@b.example\r\nList-Id: {list_id}\r\n\r\n".encode(), Limits())


def signed(domain: str, result: Result = Result.PASS) -> Authentication:
    return Authentication(source="own", dkim=(DkimResult(domain, result),))


GROUP = "Orchard <orchard.googlegroups.com>"


@pytest.mark.parametrize(
    ("list_id", "known", "expected"),
    [
        (GROUP, signed("googlegroups.com"), ("groups.google.com",)),
        (GROUP, signed("googlegroups.com", Result.FAIL), ()),  # written by anybody
        (GROUP, signed("attacker.com"), ()),
        (GROUP, Authentication(signed_domains=("googlegroups.com",)), ()),  # nobody looked
        ("<orchard.attacker.com>", signed("attacker.com"), ()),  # nobody's platform
        ("<orchard.attacker.com>", signed("googlegroups.com"), ()),  # another list
        ("<x.googlegroups.com.attacker.com>", signed("googlegroups.com"), ()),
        ("", signed("googlegroups.com"), ()),
    ],
)
def test_pages_of_a_platform(
    list_id: str, known: Authentication, expected: tuple[str, ...]
) -> None:
    assert pages(mail(list_id), known) == expected


def test_the_identifier_stands_last_in_angle_brackets() -> None:
    assert list_host(mail("<a.example> Orchard <B.example>")) == "b.example"
    assert list_host(mail("Orchard")) == ""


def test_every_shipped_host_exists() -> None:
    for signer, hosts in platforms().items():
        assert all(map(is_registered_name, (signer, *hosts))), signer
