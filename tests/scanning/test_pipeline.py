"""The whole way of a message in one process, with a real name server where it matters."""

from collections.abc import Iterator

import pytest

from phish_milter.message.model import Envelope
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.model import Settings
from support.commands import FAKE, PLAIN
from support.dns import NameServer, serving
from support.signing import mail, record, sign

ZONE = {"k._domainkey.pypi.org": {"TXT": [record()]}}


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[NameServer]:
    with serving(NameServer(ZONE)) as running:
        yield running


def symbols(raw: bytes, server: NameServer) -> set[str]:
    server.asked.clear()
    address = {"nameservers": ("127.0.0.1",), "port": server.port, "timeout_seconds": 0.6}
    pipeline = Pipeline(Settings.model_validate({"dns": address}))
    return {f.symbol.name for f in pipeline.scan(raw, Envelope()).findings}


def test_an_ordinary_mail_asks_nothing_and_finds_nothing(server: NameServer) -> None:
    assert symbols(PLAIN, server) == set()
    assert server.asked == []


def test_a_fake_is_seen_without_dns(server: NameServer) -> None:
    assert "LOOKALIKE_LINK" in symbols(FAKE, server)


def test_a_signed_notice_is_proven_and_a_changed_one_is_not(server: NameServer) -> None:
    genuine = sign(mail("PyPI <noreply@pypi.org>", "Hello,\r\n\r\nread this.\r\n"))

    assert "PROVEN_ORIGIN" in symbols(genuine, server)
    assert any("_domainkey" in name for name in server.asked)
    assert "PROVEN_ORIGIN" not in symbols(genuine.replace(b"read this", b"read that"), server)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\0" * 99, b"From", b": x\r\n\r\n"])
def test_what_is_hardly_a_message_is_scanned_all_the_same(raw: bytes, server: NameServer) -> None:
    assert symbols(raw, server) == set()
