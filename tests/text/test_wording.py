"""Which words of a mail count, and in which form."""

import pytest

from phish_milter.message.parse import parse
from phish_milter.text.wording import Wording


def wording(*head: str, body: str = "Hello.") -> Wording:
    lines = [*head, "Content-Type: text/plain; charset=utf-8", "", body, ""]
    return Wording.of(parse("\n".join(lines).replace("\n", "\r\n").encode()))


ANSWER = "In-Reply-To: <1@b.example>"
QUOTING = "Done.\n\n> Hello,\n> please look.\n"


@pytest.mark.parametrize(
    ("head", "body", "subject"),
    [
        (("Subject: [EXT] [SPAM] Your account",), "Hi", "your account"),  # marks of gateways
        (("Subject: [maps] Your account",), "Hi", "[maps] your account"),  # a tag is no mark
        (("Subject: Re: Your account",), "Hi", "your account"),  # answers nothing
        (("Subject: Re: Your account", ANSWER), "Hi", "your account"),  # to nobody who wrote
        (("Subject: Re: Your account", ANSWER), QUOTING, ""),  # repeats
        (("Subject: AW: Fwd: Your account", ANSWER), "Hi", "your account"),
        (("Subject: Your account", "Auto-Submitted: auto-replied"), QUOTING, "your account"),
        (("Subject: Fwd: Your account",), "Hi", "your account"),  # forwards nothing
        (("Subject: Fwd: Your account",), QUOTING, ""),
        (("Subject: [EXT",), "Hi", "[ext"),
        ((), "Hi", ""),
    ],
)
def test_what_the_sender_says_in_the_subject(
    head: tuple[str, ...], body: str, subject: str
) -> None:
    assert wording(*head, body=body).subject == subject


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        ("Hello,\n\nplease look.\n\nRegards,\nThe Team", True),
        ("Hello,\n\nplease look.\n-- \nThe Team", True),
        ("Agenda\n\n10:00 build\nThe Team", False),
        ("Hello,\n\nplease look.\n\nThe Team", False),
    ],
)
def test_a_sign_off_stands_after_a_closing(body: str, signed: bool) -> None:
    assert ("the team" in wording(body=body).signed) is signed


def test_the_greeting_is_no_sign_off() -> None:
    lines = wording(body="Dear user,\n\nplease look.\n\nThe Team").lines

    assert lines == (("please look.", "the team"),)


def test_lines_come_in_both_forms() -> None:
    (lines,) = wording(body="Hello,\n\n\u041a\u043e\u043c\u0430\u043d\u0434\u0430").lines

    assert len(lines) == 2
    assert lines[0] == "\u043a\u043e\u043c\u0430\u043d\u0434\u0430"


def test_quotations_are_kept_apart() -> None:
    words = wording(body="Is this real?\n\n> Verify your account.")

    assert "verify" not in words.folded
    assert "verify" in words.quoted()


def test_a_mail_is_addressed_at_its_ends() -> None:
    text = "Dear reader.\n" + "Some talk.\n" * 200 + "Yours"
    ends = wording(body=text).addresses

    assert any("dear reader" in end for end in ends)
    assert all(len(end) < 700 for end in ends)
