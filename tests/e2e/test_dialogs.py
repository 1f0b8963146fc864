"""The milter protocol, step by step: what an MTA other than Postfix might say, too."""

import time
from collections.abc import Iterator

import pytest

from support.daemon import ACTING, Daemon, running
from support.milter_client import MilterClient, deleted, inserted

VERDICT, FINDINGS = "X-Phish-Milter-Verdict", "X-Phish-Milter-Findings"
NO_EXTENSIONS = 0  # an MTA that can skip nothing


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running(tmp_path_factory.mktemp("dialogs"), ACTING) as daemon:
        yield daemon


@pytest.fixture
def client(shared: Daemon) -> Iterator[MilterClient]:
    with MilterClient(str(shared.socket)) as client:
        assert client.connect().code == "c"
        assert client.helo().code == "c"
        yield client


def order(word: str) -> tuple[bytes, bytes]:
    return b"X-Order", b" " + word.encode()


def test_only_what_is_needed_is_asked_for(client: MilterClient) -> None:
    unused = 0x200 | 0x100  # DATA, unknown commands
    without_reply = 0x80 | 0x2000 | 0x8000 | 0x40000 | 0x80000  # all but MAIL and the end
    leading_space = 0x100000

    assert client.protocol == unused | without_reply | leading_space | 0x400
    assert b"{auth_type} {auth_authen}" in client.symbols


def test_an_mta_without_extensions_is_served(shared: Daemon) -> None:
    with MilterClient(str(shared.socket), NO_EXTENSIONS) as client:
        client.connect()
        client.helo()
        answer = client.message((b"X-Order", b"tag"))

    assert client.protocol == 0
    assert inserted(answer)[VERDICT] == "action=tag; uncapped=tag; score=4.5"


def test_fields_are_inserted_with_the_space_that_was_asked_for(client: MilterClient) -> None:
    answer = client.message(order("hold"))

    assert inserted(answer) == {
        VERDICT: " action=quarantine; uncapped=quarantine; score=11.0;"
        "\n\tbrands=pypi:impersonation",
        FINDINGS: " TEST_CLAIM(5.0), TEST_CONTRADICTION(6.0)",
    }
    assert answer.edits[-1] == ("q", b"phish-milter: pypi impersonation, score 11.0\0")
    assert answer.code == "a"


def test_a_rejected_message_is_not_edited(client: MilterClient) -> None:
    answer = client.message((VERDICT.encode(), b" forged"), order("reject"))

    assert answer.edits == []
    assert answer.text.startswith("550 5.7.1 Message refused")
    assert answer.text.endswith("(reason brand-impersonation, id QUEUEID1)")


def test_copies_of_our_fields_go_last_one_first(client: MilterClient) -> None:
    forged = [
        (b"X-Phish-Milter-Verdict", b" one"),
        (b"X-Phish-Milter-Findings", b" one"),
        (b"x-phish-milter-verdict", b" two"),
        (b"Authentication-Results", b" other.example; none"),
        (b"Authentication-Results", b" mx.example.net; dkim=pass"),
    ]
    answer = client.message(*forged, order(""))

    assert deleted(answer) == [
        ("X-Phish-Milter-Verdict", 2),
        ("X-Phish-Milter-Verdict", 1),
        ("X-Phish-Milter-Findings", 1),
        ("Authentication-Results", 2),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"X-Raw", b" \xff\xfe"),  # no UTF-8
        (b"X-\xe9", b" x"),  # nor in a name
        (b"X-Empty", b""),  # nothing at all
        (b"X-Fold", b" a\n\tb\r\n c"),  # folds of both kinds
        (b"X-Long", b" " + b"x" * 60_000),  # as long as libmilter takes
        (b"X-Percent", b" 100%s %n"),  # a format string
    ],
)
def test_odd_fields(client: MilterClient, name: bytes, value: bytes) -> None:
    answer = client.message((name, value), order("tag"))

    assert inserted(answer)[VERDICT] == " action=tag; uncapped=tag; score=4.5"


def test_more_header_than_memory_should_hold(client: MilterClient) -> None:
    fields = [(b"X-Pad", b"x" * 60_000)] * 30

    assert client.message(order("tag"), *fields).code == "a"


def test_odd_names_of_the_client(shared: Daemon) -> None:
    with MilterClient(str(shared.socket)) as client:
        assert client.connect().code == "c"
        assert client.helo(b"\xff\xfe").code == "c"
        assert inserted(client.message(order("tag")))

    with MilterClient(str(shared.socket)) as client:
        assert client.connect(family="U").code == "c"
        assert inserted(client.message(order("tag")))


@pytest.mark.parametrize(
    ("ip", "family", "code"),
    [
        ("127.0.0.1", "4", "a"),  # loopback is inside as shipped
        ("127.8.8.8", "4", "a"),  # all of it
        ("::1", "6", "a"),  # over IPv6
        ("::ffff:127.0.0.1", "6", "a"),  # IPv4 in IPv6's clothes
        ("192.0.2.1", "4", "c"),  # outside
        ("2001:db8::1", "6", "c"),  # outside over IPv6
    ],
)
def test_clients_inside_are_not_scanned(shared: Daemon, ip: str, family: str, code: str) -> None:
    with MilterClient(str(shared.socket)) as client:
        assert client.connect(ip, family).code == code


@pytest.mark.parametrize("macro", ["auth_type", "auth_authen"])
def test_who_logged_in_is_not_scanned(shared: Daemon, macro: str) -> None:
    with MilterClient(str(shared.socket)) as client:
        client.connect()
        assert client.mail(**{macro: "x"}).code == "a"


def test_an_aborted_message_leaves_nothing(client: MilterClient) -> None:
    client.mail()
    client.rcpt()
    client.header(*order("reject"))
    client.abort()

    assert inserted(client.message(order("tag")))[VERDICT].startswith(" action=tag")


def test_a_client_that_goes_away_leaves_nothing(shared: Daemon) -> None:
    client = MilterClient(str(shared.socket))
    client.connect()
    client.mail()
    client.header(b"X-Half", b" x")
    client.close()
    time.sleep(0.2)

    with MilterClient(str(shared.socket)) as other:
        other.connect()
        assert other.message(order("tag")).code == "a"


def test_nobody_is_answered_by_pymilter_itself(shared: Daemon) -> None:
    assert "Traceback" not in shared.log()
