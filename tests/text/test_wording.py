"""Which words of a mail count, and in which form."""

import pytest

from phish_milter.message.parse import parse
from phish_milter.text.wording import Wording


def wording(*head: str, body: str = "Hello.") -> Wording:
    lines = [*head, "Content-Type: text/plain; charset=utf-8", "", body, ""]
    return Wording.of(parse("\n".join(lines).replace("\n", "\r\n").encode()))


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        (("Subject: [EXT] [SPAM] Your account",), "your account"),  # marks of gateways
        (("Subject: [maps] Your account",), "[maps] your account"),  # a tag is no mark
        (("Subject: Re: Your account",), "your account"),  # answers nothing
        (("Subject: Re: Your account", "In-Reply-To: <1@b.example>"), ""),  # repeats
        (("Subject: Fwd: Your account",), ""),
        (("Subject: [EXT",), "[ext"),
        ((), ""),
    ],
)
def test_what_the_sender_says_in_the_subject(head: tuple[str, ...], subject: str) -> None:
    assert wording(*head).subject == subject


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
