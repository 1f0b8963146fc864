"""The kinds of lures, and what each of them is for whoever weighs it."""

from enum import Flag, StrEnum, auto
from typing import Self


class Mark(Flag):
    """What a category means to checks."""

    NONE = 0
    ABOUT_ACCOUNT = auto()  # about the reader's account, unlike a date that any mail may hold
    PRESSES = auto()  # makes more of a mail with an anomaly
    REQUESTS = auto()  # asks for what a genuine brand never asks for by mail
    NEGATABLE = auto()  # a negation before it turns it into advice
    DEMANDS = auto()  # asks or threatens; the others tell of an event
    BY_ANSWER = auto()  # needs no link: the reader answers, or calls


_URGENT = Mark.ABOUT_ACCOUNT | Mark.PRESSES
_ULTIMATUM = Mark.ABOUT_ACCOUNT | Mark.DEMANDS
_SECRET = _URGENT | Mark.REQUESTS | Mark.NEGATABLE | Mark.DEMANDS | Mark.BY_ANSWER


class LureCategory(StrEnum):
    """What a text asks for or threatens with; the words are the keys of `config/lures`."""

    marks: Mark

    def __new__(cls, word: str, marks: Mark = Mark.NONE) -> Self:
        """Make a member with its marks."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.marks = marks
        return member

    VERIFY = "verify", _URGENT | Mark.DEMANDS  # confirm the account, address or identity
    SUSPENSION = "suspension", _URGENT | Mark.DEMANDS  # the account is or will be limited
    REMOVAL = "removal", _ULTIMATUM  # the package or project is or will be removed
    DEADLINE = "deadline"  # little time left
    TWO_FACTOR = "two_factor", _URGENT  # two-factor must be set up, renewed, proven
    SECURITY_ALERT = "security_alert", _URGENT  # an unusual login, a compromise
    BREACH = "breach", _URGENT  # a breach notice, leaked credentials
    INVITE = "invite"  # an invitation to accept
    SECRET_REPLY = "secret_reply", _SECRET  # send a secret back
    COMMAND = "command", Mark.REQUESTS  # run this command
    CALLBACK = "callback", Mark.REQUESTS | Mark.BY_ANSWER  # call this number
    VULNERABILITY = "vulnerability", Mark.ABOUT_ACCOUNT  # a flaw in the reader's package
    POLICY = "policy", _ULTIMATUM  # accept new terms, mandatory validation
    SELF_PRESENT = "self_present"  # speaks as the account's provider; the brand fills the slot
