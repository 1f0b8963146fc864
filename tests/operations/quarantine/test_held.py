import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from phish_milter.operations.quarantine.held import HelperError, HoldQueue
from phish_milter.operations.quarantine.protocol import MOST_BODY, QueuedMail

MAIL = QueuedMail("", "ABCDEF", 1_790_000_000, 2000, "a@example.org", (), 0, "")


@contextmanager
def saying(path: Path, answer: bytes) -> Iterator[HoldQueue]:
    """Somebody at the helper's place who says *answer*."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.makefile("rb").readline()
                connection.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        yield HoldQueue(path)
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\n",
        b"[]\n",
        b'{"queue_id": "A"}\n{"end": true, "bytes": 0}\n',
        b'{"end": true}\n',
        b'{"end": true, "bytes": 10}\nshort',
        b'{"end": true, "bytes": %d}\n' % (MOST_BODY + 1),
        b'{"end": true, "error": "no"}\n',
    ],
)
def test_a_strange_answer_is_an_error_and_no_traceback(tmp_path: Path, answer: bytes) -> None:
    with saying(tmp_path / "s", answer) as queue, pytest.raises(HelperError):
        queue.mails()


def test_a_result_nobody_knows_is_an_error(tmp_path: Path) -> None:
    answer = b'{"queue_id": "ABCDEF", "result": "blown up"}\n{"end": true, "bytes": 0}\n'
    with saying(tmp_path / "s", answer) as queue, pytest.raises(HelperError, match="result"):
        queue.release([MAIL])


def test_an_empty_queue_is_an_empty_list(tmp_path: Path) -> None:
    with saying(tmp_path / "s", b'{"end": true, "bytes": 0}\n') as queue:
        assert queue.mails() == []


def test_nothing_to_do_asks_nobody(tmp_path: Path) -> None:
    assert HoldQueue(tmp_path / "none").release([]) == {}


def test_who_may_not_connect_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(HelperError, match="does not run"):
        HoldQueue(tmp_path / "none").mails()
