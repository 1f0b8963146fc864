"""
Failure of DNS x class of mail x claim -> action: the table of docs/authentication.md.

The whole pipeline against a real name server; on_unverifiable is ``defer`` in the first
action of a cell and the shipped ``tag`` in the second.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.judge import judge
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.load import load_settings
from phish_milter.settings.model import Settings
from support.dns import NameServer, serving
from support.signing import mail, record, sign

ROOT = Path(__file__).parent.parent.parent
ZONE = {
    "k._domainkey.pypi.org": {"TXT": [record()]},
    "_dmarc.pypi.org": {"TXT": ["v=DMARC1; p=reject"]},
}
HOME = "Hello,\r\n\r\nsee https://pypi.org/manage/projects/\r\n"
AWAY = "Hello,\r\n\r\nsee https://shop.example.com/x\r\n"

GENUINE = sign(mail("PyPI <noreply@pypi.org>", HOME))
AUTHENTIC_TALK = sign(mail("PyPI <noreply@pypi.org>", AWAY))
MAILS = {
    "genuine": GENUINE,
    "genuine, foreign link": AUTHENTIC_TALK,
    "genuine, gateway banner": GENUINE.replace(b"Hello,", b"[EXTERNAL]\r\n\r\nHello,"),
    "exact spoof, unsigned": mail("PyPI <noreply@pypi.org>", AWAY),
    "exact spoof, junk signature": AUTHENTIC_TALK.replace(b"shop.", b"evil."),
    "exact spoof, no link": mail("PyPI <noreply@pypi.org>", "Hello.\r\n"),
    "look-alike": mail("PyPI <noreply@pypi-helpcentre.org>", HOME),
    "ordinary": mail("Anna <anna@shop.example.com>", AWAY),
}
FAULTS = ("", "silent", "servfail", "refused", "truncated-everywhere")

# class of mail: actions with DNS at work, then while DNS fails; defer / tag
TABLE = {
    "genuine": (("accept", "accept"), ("defer", "tag")),  # unknown is not guilty
    "genuine, foreign link": (("accept", "accept"), ("defer", "tag")),  # not even so
    "genuine, gateway banner": (("tag", "tag"), ("defer", "tag")),  # broken, leads home
    "exact spoof, unsigned": (("quarantine", "quarantine"), ("quarantine", "quarantine")),
    "exact spoof, junk signature": (("quarantine", "quarantine"), ("defer", "tag")),
    "exact spoof, no link": (("tag", "tag"), ("tag", "tag")),  # missing for good: no defer
    "look-alike": (("quarantine", "quarantine"), ("quarantine", "quarantine")),  # needs no DNS
    "ordinary": (("accept", "accept"), ("accept", "accept")),  # asks no DNS
}


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    with serving(NameServer(ZONE)) as running:
        yield running


def settings(tmp_path: Path, server: NameServer, unverifiable: str) -> Settings:
    path = tmp_path / "phish-milter.toml"
    path.write_text(
        f'[dns]\nnameservers = ["127.0.0.1"]\nport = {server.port}\ntimeout_seconds = 0.25\n'
        f'[policy]\nceiling = "reject"\nquarantine = 6.0\non_unverifiable = "{unverifiable}"\n'
    )
    return load_settings(path, SYMBOLS)


@pytest.mark.parametrize("fault", FAULTS)
def test_matrix(fault: str, server: NameServer, tmp_path: Path) -> None:
    server.faults = {"": fault} if fault else {}
    found = {name: ["", ""] for name in MAILS}
    for at, unverifiable in enumerate(("defer", "tag")):
        chosen = settings(tmp_path, server, unverifiable)
        pipeline = Pipeline(chosen)
        for name, raw in MAILS.items():
            verdict = judge(pipeline.scan(raw, Envelope()), Envelope(), chosen)
            found[name][at] = str(verdict.action)

    assert {n: tuple(a) for n, a in found.items()} == {
        n: row[bool(fault)] for n, row in TABLE.items()
    }


def test_ordinary_mail_asks_dns_nothing(server: NameServer, tmp_path: Path) -> None:
    server.faults = {}
    server.asked.clear()

    Pipeline(settings(tmp_path, server, "tag")).scan(MAILS["ordinary"], Envelope())

    assert server.asked == []


def test_the_docs_show_this_table() -> None:
    shown = (ROOT / "docs" / "authentication.md").read_text()

    for name, (well, failing) in TABLE.items():
        cells = [" / ".join(dict.fromkeys(cell)) for cell in (well, failing)]
        assert f"| {name} | {cells[0]} | {cells[1]} |" in shown
