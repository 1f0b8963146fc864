"""Which mail needs DNS for its origin, and what it is asked then."""

from collections.abc import Iterator

import pytest

from phish_milter.detection.brands.pack import load_packs
from phish_milter.dns.resolver import Resolver
from phish_milter.message.model import Envelope
from phish_milter.scanning.origin_lookups import OriginLookups, header_fields, rules_of
from phish_milter.settings.model import Settings
from support.dns import NameServer, serving
from support.signing import record

PYPI = load_packs((), ("pypi",))
ZONE = {"k._domainkey.pypi.org": {"TXT": [record()]}}
SIGNED = [
    ("From", b" PyPI <noreply@pypi.org>\r\n"),
    ("DKIM-Signature", b" v=1; a=rsa-sha256; d=pypi.org; s=k; h=from; bh=x; b=x\r\n"),
]
STRANGER = [("From", b" Anna <anna@shop.example>\r\n")]


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[NameServer]:
    with serving(NameServer(ZONE)) as running:
        yield running


def lookups(server: NameServer, **authentication: object) -> OriginLookups:
    settings = Settings.model_validate({"authentication": authentication})
    resolver = Resolver(("127.0.0.1",), server.port, 0.6)
    return OriginLookups(resolver, rules_of(settings, PYPI))


def test_only_mail_of_a_protected_brand_needs_dns(server: NameServer) -> None:
    asking = lookups(server)

    assert asking.needed(header_fields(SIGNED))
    assert not asking.needed(header_fields(STRANGER))


def test_never_asks_nothing(server: NameServer) -> None:
    assert not lookups(server, verify="never").needed(header_fields(SIGNED))


def test_the_evidence_holds_the_answer_about_the_key(server: NameServer) -> None:
    evidence = lookups(server).evidence(header_fields(SIGNED), Envelope())

    answer = evidence.answers.get("k._domainkey.pypi.org", "TXT")
    assert answer.values == (record(),)


def test_rules_say_whom_the_settings_trust() -> None:
    rules = rules_of(
        Settings.model_validate({"authentication": {"trusted_authserv_ids": ("mx.example",)}}), PYPI
    )

    assert rules.trusted_ids == {"mx.example"}
    assert "pypi.org" in rules.domains
