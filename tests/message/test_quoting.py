"""What is the author's own, in the shapes that mail clients quote and forward in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.quoting import is_answer, is_forward, own_or_visible, own_text, tail_start

FORWARD = "From: B <b@c.example>\nSent: Monday\nTo: x\nSubject: y\n\nquoted"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("mine", "mine"),
        ("mine\n> quoted\nmore", "mine\nmore"),
        ("mine\n>> quoted", "mine"),
        (">> Sign in <<", ">> Sign in <<"),  # an ornament
        ("mine\n\nOn Monday Ann <a@b.example> wrote:\n> quoted", "mine"),
        ("mine\n\nOn Monday, 1 May 2026\nAnn wrote:\n\n> quoted\nbelow", "mine\n\n\n\nbelow"),
        ("mine\nOn Monday Ann wrote:\nquoted to the end", "mine"),  # no line is marked
        ("mine\nAm 1. Mai schrieb Ann:\nquoted", "mine"),
        ("mine\nLe lundi, Ann a écrit :\nquoted", "mine"),
        ("mine\nEl lunes, Ann escribió:\nquoted", "mine"),
        ("mine\n2026年 Ann 写道\uff1a\nquoted", "mine"),
        ("mine\nThen she wrote:\nand more", "mine\nThen she wrote:\nand more"),
        ("I wrote: nothing", "I wrote: nothing"),  # prose
        ("mine\n-----Original Message-----\nquoted", "mine"),
        ("mine\n---------- Forwarded message ---------\nquoted", "mine"),
        ("mine\n-------- Weitergeleitete Nachricht --------\nquoted", "mine"),
        ("mine\nBegin forwarded message:\n\nquoted", "mine"),
        ("the original message was lost", "the original message was lost"),  # prose
        (f"mine\n{FORWARD}", "mine"),  # Outlook
        ("mine\nVon: B\nGesendet: Montag\nAn: x\n\nquoted", "mine"),
        ("Date: today\nFrom: me", "Date: today\nFrom: me"),
        ("mine\n```\ncode\n```\nmore", "mine\n\nmore"),
        ("run `code` now", "run   now"),
        ("", ""),
    ],
)
def test_own_text(text: str, own: str) -> None:
    assert own_text(text) == own


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("mine\n> Sign in\nmore", "mine\n> Sign in\nmore"),  # one line: an arrow
        ("mine\n> a\n> b\nmore", "mine\nmore"),
        ("mine\n>\nmore", "mine\nmore"),  # the mark of a quoted element
    ],
)
def test_own_text_of_html(text: str, own: str) -> None:
    assert own_text(text, html=True) == own


@pytest.mark.parametrize(
    ("own", "forward", "expected"),
    [
        ("mine", False, "mine"),
        ("", False, "everything"),  # whole-mail quoting is not quoting
        (" \n-- ", False, "everything"),  # no word
        ("", True, ""),  # an honest forward without a comment
        ("mine", True, "mine"),
    ],
)
def test_own_or_visible(own: str, forward: bool, expected: str) -> None:
    assert own_or_visible(own, "everything", forward=forward) == expected


@pytest.mark.parametrize(
    ("subject", "forward"),
    [
        ("Fwd: x", True),
        ("FW: x", True),
        ("WG: x", True),
        ("TR : x", True),
        ("Re: Fwd: x", True),
        ("[list] Fwd: x", True),
        ("转发\uff1ax", True),
        ("Re: x", False),
        ("x Fwd: y", False),
        ("Forward thinking: x", False),
        ("", False),
    ],
)
def test_is_forward(subject: str, forward: bool) -> None:
    assert is_forward(subject) is forward


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Re: x", True),
        ("AW: x", True),
        ("RE[2]: x", True),
        ("[list] Re: x", True),
        ("Fwd: x", True),
        ("Regarding: x", False),
        ("x", False),
    ],
)
def test_is_answer(subject: str, answer: bool) -> None:
    assert is_answer(subject) is answer


@given(st.lists(st.sampled_from(["> x", "On y Ann wrote:", "`", "```", "From: x", "Sent: y", ""])))
def test_never_raises(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert 0 <= tail_start(text) <= len(text)
    own_text(text)
    own_text(text, html=True)
