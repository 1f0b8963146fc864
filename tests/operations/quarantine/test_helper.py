"""The helper beside a real Postfix with a real hold queue."""

import os
import pwd
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from phish_milter.operations.quarantine.held import HelperError, HoldQueue
from phish_milter.operations.quarantine.protocol import QueuedMail, Request, Result, Word, parsed
from support.hold_queue import Holding, helper, holding
from support.postfix import lab_postfix
from support.smtp import SmtpClient
from support.smtp import mail as small_mail

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def held(place: Path) -> Iterator[Holding]:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with holding(place) as found:
        yield found


def asked(path: Path, raw: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.settimeout(20)
        connection.sendall(raw)
        return parsed(connection.makefile("rb").readline())


def test_held_mail_is_listed_with_whom_it_is_for(held: Holding) -> None:
    mail = held.hold("list-1", ("one@example.net", "two@example.net"))

    assert mail.sender == "a@example.org"
    assert set(mail.recipients) == {"one@example.net", "two@example.net"}
    assert abs(mail.arrival - time.time()) < 60


def test_a_held_mail_is_shown_as_it_lies_there(held: Holding) -> None:
    shown = held.queue.message(held.hold("show-1"))

    assert b"\nSubject: show-1\n" in shown
    assert shown.endswith(b"\n\ntext\n")


def test_a_released_mail_is_delivered_at_once_under_the_same_id(held: Holding) -> None:
    mail = held.hold("release-1")

    assert held.queue.release([mail]) == {mail.queue_id: Result.RELEASED}
    held.sink.wait("release-1")
    assert f"{mail.queue_id}: released from hold" in held.postfix.log()


def test_a_deleted_mail_is_gone_and_nobody_gets_a_bounce(held: Holding) -> None:
    mail = held.hold("delete-1")

    assert held.queue.delete([mail]) == {mail.queue_id: Result.DELETED}
    assert mail.queue_id not in {found.queue_id for found in held.queue.mails()}
    assert "delete-1" not in str([message.data for message in held.sink.messages])


def test_an_id_that_now_belongs_to_another_mail_is_left_alone(held: Holding) -> None:
    mail = held.hold("reused-1")
    earlier = (
        replace(mail, arrival=mail.arrival - 60),
        replace(mail, sender="b@example.org"),
        replace(mail, fingerprint="0" * 32),
        replace(mail, size=mail.size + 100_000),
    )

    for other in earlier:
        assert held.queue.release([other]) == {mail.queue_id: Result.OTHER_MAIL}
        with pytest.raises(HelperError, match=Result.OTHER_MAIL):
            held.queue.message(other)
    assert mail in held.queue.mails()


def test_what_vanished_between_list_and_release_is_told(held: Holding) -> None:
    mail = held.hold("vanished-1")
    held.postfix.release(mail.queue_id)
    held.sink.wait("vanished-1")

    assert held.queue.release([mail]) == {mail.queue_id: Result.GONE}


def test_mail_that_is_queued_and_not_held_is_left_alone(held: Holding) -> None:
    mail = held.hold("deferred-1", recipients=("later@example.net",))

    assert held.queue.release([mail]) == {mail.queue_id: Result.RELEASED}
    assert held.queue.delete([mail]) == {mail.queue_id: Result.NOT_HELD}


def test_five_hundred_at_once(held: Holding) -> None:
    first = held.hold("many-0")
    with SmtpClient(held.postfix.port) as smtp:
        for number in range(1, 500):
            assert smtp.message(small_mail(f"many-{number}"))[0] == 250
    mails = [m for m in held.queue.mails() if m.arrival >= first.arrival]
    assert len(mails) >= 500

    results = held.queue.delete(mails)

    assert set(results.values()) == {Result.DELETED}
    assert len(results) == len(mails)


def test_two_at_once_do_it_once(held: Holding) -> None:
    mail = held.hold("twice-1")
    results: list[Result] = []

    def release() -> None:
        results.append(HoldQueue(held.socket).release([mail])[mail.queue_id])

    threads = [threading.Thread(target=release) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) in (
        [Result.GONE, Result.RELEASED],
        [Result.NOT_HELD, Result.RELEASED],
    )
    held.sink.wait("twice-1")


def test_strange_requests_get_an_answer_and_do_nothing(held: Holding) -> None:
    mail = held.hold("strange-1")
    strange = (
        b"\n",
        b"[" * 100_000 + b"\n",
        b'{"word": "flush"}\n',
        b'{"word": "delete", "mails": []}\n',
        Request(Word.LIST).to_line().replace(b"[]", b"[1]"),
        *(
            f'{{"word": "delete", "mails": [{{"queue_id": "{queue_id}"}}]}}\n'.encode()
            for queue_id in ("ALL", "all", "-", "-d", "../../etc", "A;reboot", "")
        ),
    )

    for raw in strange:
        assert "error" in asked(held.socket, raw)
    elsewhere = Request(Word.DELETE, (replace(mail, instance="/etc/elsewhere"),))
    assert "instance" in str(asked(held.socket, elsewhere.to_line()))
    assert mail in held.queue.mails()


def test_a_stranger_is_refused_and_a_viewer_may_only_list(held: Holding, place: Path) -> None:
    mail = held.hold("rights-1")
    path = place / "viewers.sock"
    config = ["--postfix-config", str(held.postfix.directory), "--socket-mode", "0666"]
    with helper(path, *config, "--viewer", "daemon", "--reviewer", "@mail"):
        nobody, viewer = as_user("nobody", path, mail), as_user("daemon", path, mail)
        reviewer = as_user("mail", path, mail)

    assert nobody == ("denied", "denied")
    assert viewer == ("listed", "denied")
    assert reviewer == ("listed", "deleted")


def as_user(name: str, path: Path, mail: QueuedMail) -> tuple[str, str]:
    """List and delete as another user, in a process of its own; return what came of it."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        user = pwd.getpwnam(name)
        os.setgroups(os.getgrouplist(name, user.pw_gid))
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        queue = HoldQueue(path)
        said = [
            outcome(lambda: "listed" if queue.mails() else ""),
            outcome(lambda: queue.delete([mail])[mail.queue_id]),
        ]
        os.write(writing, " ".join(said).encode())
        os._exit(0)
    os.waitpid(child, 0)
    first, second = os.read(reading, 1000).decode().split(" ", 1)
    return first, second


def outcome(act: Callable[[], str]) -> str:
    try:
        return act()
    except HelperError as error:
        return "denied" if "may not" in str(error) else repr(error)


def test_a_helper_that_is_down_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HelperError, match=r"systemctl start phish-milter-helper\.socket"):
        HoldQueue(tmp_path / "none.sock").mails()
