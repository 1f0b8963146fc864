import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.operations.quarantine.protocol import (
    MOST_MAILS,
    ProtocolError,
    QueuedMail,
    Request,
    Word,
    fingerprint,
    is_queue_id,
    line,
    parsed,
)

MAIL = QueuedMail(
    instance="",
    queue_id="4jZfsd5MGGzKZxP",
    arrival=1_790_000_000,
    size=2000,
    sender="a@example.org",
    recipients=("b@example.net",),
    recipient_count=1,
    fingerprint=fingerprint(["b@example.net"]),
)


@pytest.mark.parametrize("text", ["8D4FF23A490", "4jZfsd5MGGzKZxP", "ABCDEF"])
def test_ids_of_postfix_are_ids(text: str) -> None:
    assert is_queue_id(text)


@pytest.mark.parametrize(
    "text",
    ["ALL", "all", "-", "-d", "", "ABC", "A" * 33, "ABCDEF\n", "ABC_DEF", "ÄBCDEF", "ABC DEF"],
)
def test_what_means_more_to_postsuper_is_none(text: str) -> None:
    assert not is_queue_id(text)


@pytest.mark.parametrize("word", list(Word))
def test_a_request_survives_its_way(word: Word) -> None:
    request = Request(word, () if word is Word.LIST else (MAIL,))

    assert Request.from_line(request.to_line(), [""]) == request


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"word": "flush"}, "word"),
        ({"word": ["list"]}, "word"),
        ({"mails": 1}, "mails"),
        ({"mails": []}, "mails"),
        ({"mails": [MAIL.to_json()] * (MOST_MAILS + 1)}, "mails"),
        ({"mails": [None]}, "instance"),
        ({"mails": [MAIL.to_json() | {"instance": "/etc/other"}]}, "instance"),
        ({"mails": [MAIL.to_json() | {"queue_id": "ALL"}]}, "queue_id"),
        ({"mails": [MAIL.to_json() | {"arrival": True}]}, "arrival"),
        ({"mails": [MAIL.to_json() | {"size": "2000"}]}, "size"),
        ({"mails": [MAIL.to_json() | {"sender": "a" * 2000}]}, "sender"),
        ({"mails": [MAIL.to_json() | {"recipients": ["b"] * 100}]}, "recipients"),
        ({"word": "show", "mails": [MAIL.to_json()] * 2}, "mails"),
        ({"word": "list"}, "mails"),
    ],
)
def test_a_strange_request_says_what_is_wrong(change: dict[str, object], why: str) -> None:
    good = {"word": "delete", "mails": [MAIL.to_json()]}

    with pytest.raises(ProtocolError, match=why):
        Request.from_line(line(good | change), [""])


@given(st.binary(max_size=200))
def test_bytes_are_a_request_or_an_error_of_the_protocol(raw: bytes) -> None:
    try:
        request = Request.from_line(raw, [""])
    except ProtocolError:
        return
    assert request.word is Word.LIST


def test_an_object_is_asked_for() -> None:
    for raw in (b"", b"1", b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(ProtocolError):
            parsed(raw)
    assert parsed(json.dumps({"a": 1}).encode()) == {"a": 1}


def test_recipients_in_another_order_are_the_same() -> None:
    assert fingerprint(["a@x", "b@x"]) == fingerprint(["b@x", "a@x", "a@x"])
    assert fingerprint(["a@x", "b@x"]) != fingerprint(["a@x"])
