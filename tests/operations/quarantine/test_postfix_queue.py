import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from phish_milter.operations.quarantine import postfix_queue
from phish_milter.operations.quarantine.postfix_queue import PostfixQueue, QueueError
from phish_milter.operations.quarantine.protocol import Result, Word

ENTRY: dict[str, Any] = {
    "queue_name": "hold",
    "queue_id": "4jZfsd5MGGzKZxP",
    "arrival_time": 1_790_000_000,
    "message_size": 2000,
    "forced_expire": False,
    "sender": "a@example.org",
    "recipients": [{"address": "b@example.net", "orig_address": "from 3.11 on"}],
}


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that misbehave as Postfix' own cannot be made to."""
    monkeypatch.setattr(postfix_queue, "_COMMANDS", tmp_path)
    monkeypatch.setattr(postfix_queue, "_SECOND_LOOK", 0.0)
    return tmp_path


def program(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def listing(directory: Path, *lines: str) -> None:
    (directory / "queue").write_text("".join(f"{line}\n" for line in lines))
    program(directory, "postqueue", f"cat {directory}/queue")


def test_lines_that_are_no_mail_are_passed_over(commands: Path) -> None:
    strange = [
        "postqueue: warning: something",
        "[]",
        json.dumps({**ENTRY, "queue_id": "ALL"}),
        json.dumps({**ENTRY, "arrival_time": None}),
        json.dumps({**ENTRY, "recipients": 3}),
    ]
    listing(commands, *strange, json.dumps(ENTRY))

    (mail,) = PostfixQueue().held()
    assert (mail.queue_id, mail.recipients) == ("4jZfsd5MGGzKZxP", ("b@example.net",))


def test_a_release_that_only_says_zero_messages_failed(commands: Path) -> None:
    listing(commands, json.dumps(ENTRY))
    program(
        commands, "postsuper", "cat >/dev/null; echo 'postsuper: Released from hold: 0 messages'"
    )
    queue = PostfixQueue()

    assert queue.act(Word.RELEASE, queue.held()) == {"4jZfsd5MGGzKZxP": Result.FAILED}


def test_a_deletion_that_is_still_in_the_queue_failed(commands: Path) -> None:
    listing(commands, json.dumps(ENTRY))
    program(commands, "postsuper", "cat >/dev/null; echo 'postsuper: 4jZfsd5MGGzKZxP: removed'")
    queue = PostfixQueue()

    assert queue.act(Word.DELETE, queue.held()) == {"4jZfsd5MGGzKZxP": Result.FAILED}


def test_the_reason_of_postfix_is_passed_on(commands: Path) -> None:
    program(commands, "postqueue", "echo 'postqueue: fatal: mail system is down' >&2; exit 69")

    with pytest.raises(QueueError, match="mail system is down"):
        PostfixQueue().held()


@pytest.mark.usefixtures("commands")
def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(QueueError, match="postqueue"):
        PostfixQueue().held()


def test_an_endless_or_silent_program_is_ended(
    commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postfix_queue, "_MOST_LISTING", 1000)
    program(commands, "postqueue", "exec yes")
    with pytest.raises(QueueError, match="more than"):
        PostfixQueue().held()

    monkeypatch.setattr(postfix_queue, "_SECONDS", 0.2)
    program(commands, "postqueue", "exec sleep 60")
    with pytest.raises(QueueError, match="postqueue"):
        PostfixQueue().held()


def test_nothing_of_our_environment_reaches_postfix(
    commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_CONFIG", "/etc/elsewhere")
    program(commands, "postqueue", f"env >{commands}/environment")
    PostfixQueue().held()

    assert os.environ["MAIL_CONFIG"]
    assert "MAIL_CONFIG" not in (commands / "environment").read_text()
