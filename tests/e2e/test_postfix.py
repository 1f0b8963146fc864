"""Mail through a real Postfix."""

import re
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.daemon import ACTING, running
from support.postfix import Mta, lab_postfix
from support.smtp import SmtpClient, mail

pytestmark = pytest.mark.e2e

VERDICT, FINDINGS = "X-Phish-Milter-Verdict", "X-Phish-Milter-Findings"


def verdict(mta: Mta, marker: str) -> list[str]:
    return list(mta.sink.wait(marker).headers(VERDICT))


def test_accepted_mail_arrives_with_a_verdict_and_unchanged_otherwise(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("accept-1", body=b"one\r\n.two\r\n"))[0] == 250

    delivered = mta.sink.wait("accept-1")
    assert delivered.headers(VERDICT) == ["action=accept; uncapped=accept; score=0.0"]
    assert delivered.headers(FINDINGS) == []
    assert delivered.data.endswith(b"\r\n\r\none\r\n.two\r\n")


def test_tagged_mail_arrives_with_its_findings(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("tag-1", "tag"))[0] == 250

    delivered = mta.sink.wait("tag-1")
    assert delivered.headers(VERDICT) == ["action=tag; uncapped=tag; score=4.5"]
    assert delivered.headers(FINDINGS) == ["TEST_SUSPICION(4.5)"]


def test_quarantined_mail_is_held_and_can_be_released(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        code, text = smtp.message(mail("hold-1", "hold"))
    queue_id = text.rpartition(" ")[2]

    assert code == 250
    assert [entry.held for entry in mta.postfix.queue() if entry.queue_id == queue_id] == [True]

    mta.postfix.release(queue_id)
    expected = "action=quarantine; uncapped=quarantine; score=11.0; brands=pypi:impersonation"
    assert verdict(mta, "hold-1") == [expected]


def seen(mta: Mta) -> float:
    """Return how often the filter judged a message or skipped a client."""
    names = ("phish_milter_messages_total", "phish_milter_skipped_total")
    return sum(mta.daemon.metric(name) for name in names)


@pytest.fixture
def filtered_without_smtp(mta: Mta) -> Iterator[Mta]:
    """What config/postfix/main.cf.add advises against: it shows what re-queueing does."""
    mta.postfix.set(non_smtpd_milters="$smtpd_milters")
    yield mta
    mta.postfix.set(non_smtpd_milters="")


def test_requeued_mail_gets_another_id_and_meets_no_milter(filtered_without_smtp: Mta) -> None:
    mta = filtered_without_smtp
    before = seen(mta)
    mta.postfix.submit("u@example.net", mail("by-sendmail"))
    mta.sink.wait("by-sendmail")
    assert seen(mta) == before + 1  # the setting is in force

    with SmtpClient(mta.postfix.port) as smtp:
        queue_id = smtp.message(mail("requeue-1", "hold"))[1].rpartition(" ")[2]
    # The connection is skipped before XCLIENT makes it a stranger's; then comes the message.
    mta.daemon.until(lambda: seen(mta) == before + 3)
    mta.postfix.requeue(queue_id)

    assert len(mta.sink.wait("requeue-1").headers(VERDICT)) == 1
    assert seen(mta) == before + 3
    new = re.search(rf"pickup\[\d+\]: (\w+): .*orig_id={queue_id}", mta.postfix.log())
    assert new, mta.postfix.log()
    assert new[1] != queue_id


def test_rejected_mail_gets_a_generic_text_with_reason_and_queue_id(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        code, text = smtp.message(mail("reject-1", "reject"))
        assert smtp.message(mail("after-reject"))[0] == 250

    assert code == 550
    assert re.fullmatch(
        r"5\.7\.1 Message refused: it is not from whom it says it is from "
        r"\(reason brand-impersonation, id [0-9A-Za-z]+\)",
        text,
    )
    assert verdict(mta, "after-reject")


def test_each_message_of_a_connection_is_judged_by_itself(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        orders = ["", "tag", "reject", "", "raise", "tag"]
        codes = [smtp.message(mail(f"many-{n}", o))[0] for n, o in enumerate(orders)]

    assert codes == [250, 250, 550, 250, 250, 250]
    assert verdict(mta, "many-3") == ["action=accept; uncapped=accept; score=0.0"]
    assert verdict(mta, "many-4") == ["action=accept; failure=scanner"]
    assert verdict(mta, "many-5") == ["action=tag; uncapped=tag; score=4.5"]


def test_nothing_of_an_abandoned_message_stays(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        smtp.begin("first@example.org", ("abuse@example.net",))
        smtp.rset()
        assert smtp.message(mail("rset-1", "reject"))[0] == 550

    with SmtpClient(mta.postfix.port) as smtp:
        smtp.begin()
        smtp.docmd("DATA")
        smtp.send(b"X-Order: reject\r\n")
        smtp.close()  # the client goes away in the middle

    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("rset-2"))[0] == 250
    assert verdict(mta, "rset-2") == ["action=accept; uncapped=accept; score=0.0"]


@pytest.mark.parametrize(
    ("recipients", "code"),
    [
        (("abuse@example.net",), 250),  # reports must arrive
        (("Abuse+list@Example.NET", "abuse@example.net"), 250),  # all of them roles
        (("abuse@example.net", "b@example.net"), 250),  # mixed: held instead of rejected
        (tuple(f"user{n}@example.net" for n in range(500)), 550),  # many
    ],
)
def test_recipients_decide_with(mta: Mta, recipients: tuple[str, ...], code: int) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("roles", "reject"), recipients=recipients)[0] == code


def test_the_null_sender_is_a_sender(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("null-1", "tag"), sender="")[0] == 250

    assert mta.sink.wait("null-1").mail_from == ""
    assert verdict(mta, "null-1")


def test_smtputf8_addresses_and_headers(mta: Mta) -> None:
    with SmtpClient(mta.postfix.port) as smtp:
        smtp.send("MAIL FROM:<jürgen@exämple.org> SMTPUTF8\r\n".encode())
        assert smtp.getreply()[0] == 250
        smtp.send("RCPT TO:<günter@example.net>\r\n".encode())
        assert smtp.getreply()[0] == 250
        assert smtp.data(mail("utf8-1", "tag", extra="X-Ü: ä\r\n".encode()))[0] == 250

    assert mta.sink.wait("utf8-1").mail_from == "jürgen@exämple.org"
    assert verdict(mta, "utf8-1") == ["action=tag; uncapped=tag; score=4.5"]


def test_bdat(mta: Mta) -> None:
    whole = mail("bdat-1", "tag", body=b"x" * 70000 + b"\r\n")
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.bdat(whole[:50], whole[50:60000], whole[60000:])[0] == 250
        assert smtp.bdat(mail("bdat-2", "reject"))[0] == 550

    assert verdict(mta, "bdat-1") == ["action=tag; uncapped=tag; score=4.5"]


def test_eight_bit_headers_survive(mta: Mta) -> None:
    raw = b"X-Raw: \xff\xfe\x80 latin\xe9\r\n"
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("raw-1", "tag", extra=raw))[0] == 250

    assert raw in mta.sink.wait("raw-1").data


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"ADDR": "IPV6:2001:db8::1"}, 550),  # an outside client over IPv6
        ({"NAME": "[UNAVAILABLE]"}, 550),  # a client without a name is scanned
        ({"ADDR": "[UNAVAILABLE]"}, 250),  # libmilter itself gives up: default_action=accept
        ({"LOGIN": "user"}, 250),  # logged in: not scanned
        ({"ADDR": "127.0.0.1"}, 250),  # inside: not scanned
        ({"ADDR": "IPV6:::1"}, 250),  # inside over IPv6
    ],
)
def test_clients(mta: Mta, attributes: dict[str, str], code: int) -> None:
    with SmtpClient(mta.postfix.port, **attributes) as smtp:
        assert smtp.message(mail("client", "reject"))[0] == code


def test_starttls(mta: Mta) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.starttls(context=context)[0] == 220
        smtp.ehlo()
        assert smtp.message(mail("tls-1", "tag"))[0] == 250

    assert verdict(mta, "tls-1") == ["action=tag; uncapped=tag; score=4.5"]


def test_forged_fields_go(mta: Mta) -> None:
    forged = (
        b"x-phish-milter-verdict: action=accept\r\n"
        b"Authentication-Results: MX.example.net; dkim=pass header.d=pypi.org\r\n"
        b"Authentication-Results: other.example; spf=pass\r\n"
        b"X-PHISH-MILTER-FINDINGS: NONE(0)\r\n"
        b"Authentication-Results: filter.example.net; dkim=pass\r\n"
        b'Authentication-Results: (forged) "mx.example.net" 1; spf=pass\r\n'
        b"X-Phish-Milter-Verdict: action=accept;\r\n folded=yes\r\n"
    )
    whole = forged + mail("forged-1", "tag", extra=forged)
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(whole)[0] == 250

    delivered = mta.sink.wait("forged-1")
    kept = ["other.example; spf=pass", "filter.example.net; dkim=pass"]
    assert delivered.headers(VERDICT) == ["action=tag; uncapped=tag; score=4.5"]
    assert delivered.headers(FINDINGS) == ["TEST_SUSPICION(4.5)"]
    assert delivered.headers("Authentication-Results") == kept * 2


def test_mail_over_max_bytes_is_scanned_at_both_ends(mta: Mta) -> None:
    filler = b"x" * 70 + b"\r\n"
    body = filler * 10000 + b"X-Order: tag\r\n"
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("big-1", "", body=body).replace(b"X-Order: \r\n", b""))[0] == 250

    delivered = mta.sink.wait("big-1")
    assert delivered.headers(VERDICT) == ["action=tag; uncapped=tag; score=4.5"]
    assert delivered.data.endswith(body)


def test_mail_goes_on_while_the_filter_is_down(mta: Mta) -> None:
    mta.daemon.stop()
    try:
        with SmtpClient(mta.postfix.port) as smtp:
            assert smtp.message(mail("down-1", "reject"))[0] == 250
        assert mta.sink.wait("down-1").headers(VERDICT) == []
    finally:
        mta.daemon.start()
    with SmtpClient(mta.postfix.port) as smtp:
        assert smtp.message(mail("up-1", "reject"))[0] == 550


def test_every_message_was_counted_and_logged_with_its_queue_id(mta: Mta) -> None:
    before = mta.daemon.metric("phish_milter_messages_total")
    with SmtpClient(mta.postfix.port) as smtp:
        queue_id = smtp.message(mail("count-1", "tag"))[1].rpartition(" ")[2]

    assert mta.daemon.metric("phish_milter_messages_total") == before + 1
    assert f"queue_id={queue_id} " in mta.daemon.log()
    assert mta.daemon.metric("phish_milter_in_flight") == 0


@pytest.mark.parametrize(("protocol", "warnings"), [("4", 1), ("6", 0)])
def test_an_old_milter_protocol_is_warned_of_once(protocol: str, warnings: int) -> None:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        settings = {"milter_protocol": protocol}
        with (
            running(directory, ACTING) as daemon,
            lab_postfix.private_postfix(f"unix:{daemon.socket}", settings) as (postfix, _),
        ):
            for marker in ("protocol-1", "protocol-2"):
                with SmtpClient(postfix.port) as smtp:
                    assert smtp.message(mail(marker))[0] == 250

            assert daemon.metric("phish_milter_messages_total") == 2
            assert daemon.log().count("milter_protocol = 6") == warnings
