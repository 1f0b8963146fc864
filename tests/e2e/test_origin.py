"""The daemon with its real scanners: the gateway asks DNS, a scanner verifies."""

from collections.abc import Iterator

import pytest

from support import signing
from support.daemon import Daemon, running
from support.dns import NameServer, serving
from support.milter_client import Answer, MilterClient, inserted

VERDICT, RESULTS = "X-Phish-Milter-Verdict", "Authentication-Results"
ZONE = {
    "k._domainkey.pypi.org": {"TXT": [signing.record()]},
    "_dmarc.pypi.org": {"TXT": ["v=DMARC1; p=quarantine; adkim=s"]},
}
CONFIG = """
[policy]
ceiling = "reject"
[site]
authserv_id = "mx.example.net"
[scanner]
workers = 1
[dns]
nameservers = ["127.0.0.1"]
port = {port}
"""


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with serving(NameServer(ZONE)) as names:
        yield names


@pytest.fixture(scope="module")
def daemon(names: NameServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    text = CONFIG.format(port=names.port)
    with running(tmp_path_factory.mktemp("origin"), text, real=True) as daemon:
        yield daemon


def send(daemon: Daemon, raw: bytes) -> Answer:
    header, _, body = raw.partition(b"\r\n\r\n")
    lines = header.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")
    fields = [(name, value) for name, _, value in (line.partition(b":") for line in lines)]
    with MilterClient(str(daemon.socket)) as client:
        client.connect()
        client.helo()
        return client.message(*fields, body=body, sender=b"<a@ses.pypi.org>")


def brands(answer: Answer) -> str:
    return inserted(answer).get(VERDICT, "").partition("brands=")[2]


def test_a_good_signature_proves_the_origin(daemon: Daemon) -> None:
    answer = send(daemon, signing.sign(signing.mail("PyPI <noreply@pypi.org>")))

    assert answer.code == "a"
    assert brands(answer) == "pypi:genuine"


def test_a_changed_body_breaks_the_proof_and_is_not_yet_an_attack(daemon: Daemon) -> None:
    raw = signing.sign(signing.mail("PyPI <noreply@pypi.org>"))
    answer = send(daemon, raw + b"-- \r\nscanned by somebody\r\n")

    assert brands(answer) == "pypi:unverifiable"
    assert inserted(answer)[VERDICT].startswith(" action=tag")


def test_ordinary_mail_asks_dns_nothing(daemon: Daemon, names: NameServer) -> None:
    before = len(names.asked)
    send(daemon, signing.mail("Nora <nora@harbour-studio.example>"))

    assert len(names.asked) == before


def test_questions_are_counted(daemon: Daemon) -> None:
    send(daemon, signing.sign(signing.mail("PyPI <noreply@pypi.org>")))

    assert daemon.metric("phish_milter_lookups_total") > 0


def test_a_reload_changes_whom_to_ask_and_our_own_field_is_written(
    daemon: Daemon, names: NameServer
) -> None:
    text = CONFIG.format(port=names.port) + "[authentication]\nadd_results_header = true\n"
    generation = daemon.metric("phish_milter_config_generation")
    daemon.configure(text)
    daemon.signal(1)
    daemon.until(lambda: daemon.metric("phish_milter_config_generation") == generation + 1)
    answer = send(daemon, signing.sign(signing.mail("PyPI <noreply@pypi.org>")))

    assert inserted(answer)[RESULTS].startswith(" mx.example.net;\n ")
    assert "dkim=pass header.d=pypi.org" in inserted(answer)[RESULTS]
    assert "dmarc=pass (p=quarantine pct=100) header.from=pypi.org" in inserted(answer)[RESULTS]
