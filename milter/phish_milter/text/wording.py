"""The words of a mail in the forms that claims and lures are looked for in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from phish_milter.message.model import Document, Message
from phish_milter.message.quoting import is_answer, is_forward, without_marks
from phish_milter.text.folding import fold, skeleton

# Characters at the beginning and end in which a mail addresses its reader; an article about
# the brand says "your account" further down.
_OPENING = 600
_CLOSING = 300
# A sign-off stands at the end; deeper lines are talk.
_SIGNATURE_LINES = 6
_TAIL_CHARS = 4096
_LONG_LINE = 200
# Marks put before a subject by gateways; they change nothing about who speaks.
_CLOSING_LENGTH = 40  # "Mit freundlichen Gr\u00fc\u00dfen aus Berlin,"
_RULE = re.compile(r"[-_=*~\u2013\u2014\s]{2,}")
_GATEWAY_MARKS = ("external", "extern", "ext", "externe", "externo", "caution", "spam", "suspect")


@dataclass(frozen=True, slots=True)
class Wording:
    """
    The words of a mail in the forms that checks compare.

    Attributes:
        shown: Everything the reader sees, as written: own text of all documents.
        folded: *shown* after ``textual.fold``: for words of any language.
        skeleton: *shown* after ``textual.skeleton``: for names that may be disguised.
        lines: Last lines of each document in both forms, empty ones dropped.
        signed: Those of *lines* that stand after a closing ("Regards,") or a rule.
        heads: First line of each document, as skeletons.
        addresses: Beginning and end of each document, in both forms: where a mail
            addresses its reader.
        subject, subject_skeleton: The subject in the same two forms, marks of gateways
            taken off; empty in answers and forwarded mail, which repeat another's.
        documents: What the words were collected from.
    """

    shown: str
    folded: str
    skeleton: str
    lines: tuple[tuple[str, ...], ...]
    signed: frozenset[str]
    heads: tuple[str, ...]
    addresses: tuple[str, ...]
    subject: str
    subject_skeleton: str
    documents: tuple[Document, ...] = field(repr=False)

    @classmethod
    def of(cls, message: Message) -> "Wording":
        """Collect the words of *message* once for all brands."""
        own = [d.own for d in message.documents if not d.nested]
        ends = [end for text in own for end in (text[:_OPENING], text[-_CLOSING:])]
        shown, subject = "\n".join(own), _said(message)
        return cls(
            shown=shown,
            folded=fold(shown),
            skeleton=skeleton(shown),
            lines=tuple(tuple(_tail(text)) for text in own),
            signed=frozenset(form for text in own for form in _signed(text)),
            heads=tuple(dict.fromkeys(skeleton(_first_line(text)) for text in own)),
            addresses=tuple(dict.fromkeys(form(end) for end in ends for form in (fold, skeleton))),
            subject=fold(subject),
            subject_skeleton=skeleton(subject),
            documents=message.documents,
        )

    def quoted(self) -> str:
        """Return everything the reader sees, quotations and attached mails included, folded."""
        return fold("\n".join(d.visible for d in self.documents if d.visible != d.own or d.nested))


def _said(message: Message) -> str:
    """
    Return what the sender says in the subject: no marks of gateways, nothing repeated.

    An answer holds what it answers and a forward what it forwards: "Re:" and fields
    that any sender can write are a trick of strangers.
    """
    subject = message.subject.strip()
    while subject.startswith("[") and "]" in subject:
        mark, _, rest = subject[1:].partition("]")
        if skeleton(mark).strip(" :-") not in _GATEWAY_MARKS:
            break
        subject = rest.lstrip()
    marked = is_forward(subject) or (is_answer(subject) and _is_reply(message))
    if marked and _repeats(message):
        return ""
    return without_marks(subject)


def _is_reply(message: Message) -> bool:
    return any(field.name in ("in-reply-to", "references") for field in message.fields)


def _repeats(message: Message) -> bool:
    """Whether something of another mail stands in this one: nobody else's subject is kept."""
    return any(d.nested or d.visible.split() != d.own.split() for d in message.documents)


def _first_line(text: str) -> str:
    return text.lstrip()[:_LONG_LINE].partition("\n")[0]


def _last_lines(text: str) -> list[str]:
    """Return the last filled lines of *text* and the one before them."""
    filled = [line for line in text.strip()[-_TAIL_CHARS:].splitlines() if line.strip()]
    return filled[-_SIGNATURE_LINES - 1 :] if len(filled) > _SIGNATURE_LINES else ["", *filled[1:]]


def _tail(text: str) -> Iterator[str]:
    """Yield the last lines of *text* in both forms; the greeting above is no sign-off."""
    return (
        form for line in _last_lines(text)[1:] if len(line) < _LONG_LINE for form in _forms(line)
    )


def _signed(text: str) -> Iterator[str]:
    """Yield the last lines that stand after a closing, in both forms."""
    for before, line in pairwise(_last_lines(text)):
        if _closes(before):
            yield from _forms(line)


def _forms(line: str) -> Iterable[str]:
    return dict.fromkeys((fold(line), skeleton(line)))


def _closes(line: str) -> bool:
    """Whether *line* ends a letter: short and open-ended, or a rule."""
    line = line.strip()
    if _RULE.fullmatch(line):
        return True
    return len(line) <= _CLOSING_LENGTH and line.endswith((",", "\uff0c", "\u060c"))
