"""Split a header into fields (RFC 5322) and decode their values (RFC 2047), without raising."""

import binascii
import re
from dataclasses import dataclass
from typing import Final

from phish_milter.message import defects
from phish_milter.message.decode import base64_decode, text_decode, unlabelled
from phish_milter.message.limits import Limits, ends
from phish_milter.message.model import HeaderField

# name, colon, value with its folded lines; possessive, so that each byte is read once.
_FIELD: Final = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_NAME: Final = re.compile(rb"[!-9;-~]++[ \t]*+:")
_BARE_CR: Final = re.compile(rb"\r(?!\n|\Z)")
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
# A field name may have blanks behind it (RFC 5322 section 4.5.1): "From :" opens no mbox.
_MBOX: Final = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")

# Fields that say who wrote, what the reader sees first, and what the body is.
_VITAL: Final = frozenset(
    {
        b"content-disposition",
        b"content-transfer-encoding",
        b"content-type",
        b"date",
        b"from",
        b"mime-version",
        b"reply-to",
        b"resent-from",
        b"sender",
        b"subject",
        b"to",
    }
)


@dataclass(slots=True)
class RawHeader:
    """
    The fields of one header, not decoded.

    Attributes:
        fields: Lower-case name and value as on the wire, without its last line end.
        body: Offset at which the body starts.
        defects: What was odd.
    """

    fields: list[tuple[bytes, bytes]]
    body: int
    defects: set[str]

    def values(self, name: bytes) -> list[bytes]:
        """Return the raw values of every field called *name* (lower case)."""
        return [value for key, value in self.fields if key == name]


def split(data: bytes, start: int, end: int, limits: Limits) -> RawHeader:
    """
    Split the header at ``data[start:end]``.

    The header ends at an empty line or, as in Postfix, at the first line that is no
    field. An mbox ``From`` line before it is skipped. A bare CR ends a line where a field
    follows it: some clients see a field there, so it counts as one.
    """
    header = RawHeader([], start, set())
    position = start
    mbox = _MBOX.match(data, start, end)
    if mbox is not None:
        position = mbox.end()
    while (match := _FIELD.match(data, position, end)) is not None:
        _add(header, match[1].lower(), match[2].removesuffix(b"\r"), limits)
        position = match.end()
    header.body = _body_offset(data, position, end, header)
    return header


def _body_offset(data: bytes, position: int, end: int, header: RawHeader) -> int:
    if data.startswith(b"\n", position):
        return min(position + 1, end)
    if data.startswith(b"\r\n", position):
        return min(position + 2, end)
    if position < end:
        header.defects.add(defects.MALFORMED_HEADER)
    return min(position, end)


def _add(header: RawHeader, name: bytes, value: bytes, limits: Limits) -> None:
    full = len(header.fields) >= limits.max_fields
    if full:
        header.defects.add(defects.TOO_MANY_FIELDS)
        if name not in _VITAL or len(header.fields) >= 2 * limits.max_fields:
            return
    if b"\r" in value and _BARE_CR.search(value):
        header.defects.add(defects.BARE_CR)
        _add_lines(header, name, value)
        return
    header.fields.append((name, value))


def _add_lines(header: RawHeader, name: bytes, value: bytes) -> None:
    first, *rest = _BARE_CR.split(value)
    header.fields.append((name, first))
    for line in rest[:100]:  # one value can hide only so many fields before it is noise
        match = _NAME.match(line)
        if match is None:
            key, text = header.fields[-1]
            header.fields[-1] = (key, text + b" " + line)
        else:
            key = line[: match.end() - 1].strip().lower()
            header.fields.append((key, line[match.end() :]))


def decode_field(name: bytes, raw: bytes, limits: Limits) -> tuple[HeaderField, set[str]]:
    """Decode one field as ``split`` returned it; gives the field and its defects."""
    found: set[str] = set()
    text = raw_text(raw, limits, found)
    if "=?" in text:
        text = decode_words(text, found)
    return HeaderField(name.decode("ascii"), raw, text), found


def raw_text(raw: bytes, limits: Limits, found: set[str]) -> str:
    """Return a field value as unfolded text, its encoded words left alone."""
    if len(raw) > limits.max_field_bytes:
        found.add(defects.LONG_FIELD)
        raw = ends(raw.decode("latin-1"), limits.max_field_bytes).encode("latin-1")
    if b"\0" in raw:
        found.add(defects.NUL)
        raw = raw.replace(b"\0", b"")
    text = raw.decode("ascii") if raw.isascii() else unlabelled(raw)
    if "\n" in text:
        text = _FOLD.sub("", text)
    return text.strip(" \t\r\n")


_MAX_LABEL: Final = 80  # RFC 2047 allows a word of 75 characters; charset and language first


def decode_words(text: str, found: set[str]) -> str:
    """
    Decode the encoded words of *text* wherever they stand.

    Space between neighbouring words goes (RFC 2047 section 6.2), and neighbours of one
    charset are decoded together, since senders split characters between them. Words
    inside quotes or glued to other text are decoded too, as most clients do. What cannot
    be decoded stays as written, with a defect.
    """
    out: list[str] = []
    word: tuple[str, bytes] | None = None
    position = 0
    while (start := text.find("=?", position)) >= 0:
        parsed = _word(text, start)
        if parsed is None:
            found.add(defects.BROKEN_WORD)
            _flush(out, word, found)
            word = None
            out.append(text[position : start + 2])
            position = start + 2
            continue
        between = text[position:start]
        charset, data, after = parsed
        if word is not None and word[0] == charset and not between.strip():
            word = (charset, word[1] + data)
        else:
            adjacent = word is not None and not between.strip()
            _flush(out, word, found)
            out.append("" if adjacent else between)
            word = (charset, data)
        position = after
    _flush(out, word, found)
    out.append(text[position:])
    return "".join(out)


def _flush(out: list[str], word: tuple[str, bytes] | None, found: set[str]) -> None:
    if word is not None:
        text, defect = text_decode(word[1], word[0])
        if defect:
            found.add(defect)
        out.append(text)


def _word(text: str, start: int) -> tuple[str, bytes, int] | None:
    """Return charset, bytes and end of the encoded word at *start*, None if it is none."""
    mark = text.find("?", start + 2, start + 2 + _MAX_LABEL)
    if mark < 0 or text[mark + 2 : mark + 3] != "?":
        return None
    encoding = text[mark + 1].lower()
    end = text.find("?=", mark + 3)
    if end < 0 or encoding not in "bq":
        return None
    charset = text[start + 2 : mark].partition("*")[0].strip().lower()
    data = text[mark + 3 : end].encode("utf-8", "replace")
    if encoding == "b":
        return charset, base64_decode(data)[0], end + 2
    return charset, binascii.a2b_qp(data, header=True), end + 2
