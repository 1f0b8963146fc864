"""Debian's OpenDKIM and OpenDMARC before and after us, in one Postfix."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import signing, verifiers
from support.daemon import running
from support.postfix import lab_postfix
from support.smtp import SmtpClient, mail

pytestmark = pytest.mark.e2e

HOST = "mx.example.net"
OURS = "filter.example.net"
OTHER = "dmarc.example.net"
# No DNS: a signature is proved by what OpenDKIM says or not at all.
SETTINGS = """
[site]
authserv_id = "{name}"
[policy]
ceiling = "reject"
[scanner]
workers = 1
[dns]
nameservers = ["127.0.0.1"]
port = 9
[authentication]
add_results_header = {add}
{trusted}
"""
TRUSTING = f'trusted_authserv_ids = ["{HOST}"]'
BRAND = signing.mail("PyPI <noreply@pypi.org>")
SIGNED = signing.sign(BRAND)
FORGED = f"Authentication-Results: {HOST}; dkim=pass header.d=pypi.org\r\n".encode()


US, ADDING, TRUSTING_US = "silent", "adding", "trusting"
DAEMONS = {
    US: SETTINGS.format(name=HOST, add="false", trusted=""),
    ADDING: SETTINGS.format(name=OURS, add="true", trusted=""),
    TRUSTING_US: SETTINGS.format(name=OURS, add="false", trusted=TRUSTING),
}


@dataclass
class Chain:
    """A Postfix, every filter there is by its name, and what Postfix delivers."""

    postfix: lab_postfix.PrivatePostfix
    sink: lab_postfix.Sink
    sockets: Mapping[str, str]

    def order(self, *names: str) -> None:
        """Have Postfix ask the filters *names*, in that order."""
        self.postfix.set(smtpd_milters=", ".join(self.sockets[name] for name in names))

    def through(self, marker: str, raw: bytes) -> lab_postfix.Delivered:
        """Send *raw* and return what arrived."""
        with SmtpClient(self.postfix.port) as smtp:
            code, text = smtp.message(raw)
        assert code == 250, text
        return self.sink.wait(marker)

    def verdict_on(self, marker: str, raw: bytes) -> str:
        """Return what the filter says of the brand in *raw*, which it may not hold or refuse."""
        delivered = self.through(marker, f"X-Marker: {marker}\r\n".encode() + raw)
        (verdict,) = delivered.headers("X-Phish-Milter-Verdict")
        return verdict.rpartition("pypi:")[2]


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    if reason := lab_postfix.missing() or verifiers.missing():
        pytest.skip(reason)
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phish-milter-")))
        root.chmod(0o755)  # Postfix' user has to reach it
        sockets = {}
        for name, text in DAEMONS.items():
            (root / name).mkdir(mode=0o755)
            daemon = stack.enter_context(running(root / name, text, real=True))
            sockets[name] = f"unix:{daemon.socket}"
        for name in (HOST, OTHER):
            (root / name).mkdir()
            port = stack.enter_context(verifiers.opendmarc(root / name, name, [HOST]))
            sockets[f"opendmarc {name}"] = f"inet:127.0.0.1:{port}"
        port = stack.enter_context(verifiers.opendkim(root, HOST))
        sockets["opendkim"] = f"inet:127.0.0.1:{port}"
        yield Chain(*stack.enter_context(lab_postfix.private_postfix("")), sockets)


def writers(delivered: lab_postfix.Delivered) -> set[tuple[str, str]]:
    """Return name of the writer and first method of every field of results."""
    fields = [value.split(";") for value in delivered.headers("Authentication-Results")]
    return {(parts[0].strip(), parts[1].strip().partition("=")[0]) for parts in fields}


DKIM, DMARC = "opendkim", f"opendmarc {HOST}"


@pytest.mark.parametrize("us", [US, ADDING])
@pytest.mark.parametrize("place", [0, 1, 2], ids=["before them", "between them", "behind them"])
def test_everybody_s_results_arrive(chain: Chain, us: str, place: int) -> None:
    names = [DKIM, DMARC]
    names.insert(place, us)
    chain.order(*names)
    marker = f"all-{us}-{place}"

    delivered = chain.through(marker, mail(marker))

    assert delivered.headers("X-Phish-Milter-Verdict")
    written = writers(delivered)
    assert {(HOST, "dkim"), (HOST, "dmarc")} <= written
    assert (OURS in {writer for writer, _ in written}) == (us == ADDING)


@pytest.mark.parametrize(
    "names",
    [(DKIM, TRUSTING_US, DMARC), (DKIM, f"opendmarc {OTHER}", TRUSTING_US)],
    ids=["opendmarc behind us", "opendmarc before us under a name of its own"],
)
def test_the_word_of_opendkim_proves_and_a_forged_one_does_not(
    chain: Chain, names: tuple[str, ...]
) -> None:
    chain.order(*names)

    assert chain.verdict_on(f"signed-{len(names[1])}", SIGNED) == "genuine"
    assert chain.verdict_on(f"forged-{len(names[1])}", FORGED + BRAND) != "genuine"


def test_under_one_name_the_word_of_opendkim_is_hidden_by_that_of_opendmarc(chain: Chain) -> None:
    chain.order(DKIM, DMARC, TRUSTING_US)

    assert chain.verdict_on("hidden", SIGNED) == "unverifiable"


def test_before_opendkim_a_field_under_its_name_is_what_the_sender_wrote(chain: Chain) -> None:
    chain.order(TRUSTING_US, DKIM, DMARC)

    assert chain.verdict_on("sender", FORGED + BRAND) != "genuine"
