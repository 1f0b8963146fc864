"""A message as signatures see it: header fields as written, and the body, canonicalised once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import dkim
from dkim import canonicalization

_TABS_AND_RUNS = re.compile(rb"[\t ]{2,}|\t")
_MANY_LINE_ENDS = b"\r\n" * 4096
_END_OF_LINE = re.compile(rb"[\t ]+\r\n")
# Space before the colon is obsolete syntax (RFC 5322 section 4.5.2) that clients still show.
_FIELD_START = re.compile(rb"([!-9;-~]+)[\t ]*:")


class _Relaxed(canonicalization.Relaxed):
    """
    The relaxed form of RFC 6376, several times as fast where single spaces separate words.

    The last body is remembered: the signatures of one message share it, and hashing it
    anew for each would dominate the cost of big mail.
    """

    _last: tuple[bytes, bytes] = (b"", b"")

    @staticmethod
    def canonicalize_body(body: bytes) -> bytes:
        """Return the canonical form of *body*, whose lines end with CRLF."""
        source, result = _Relaxed._last
        if source is not body:
            tidy = _END_OF_LINE.sub(b"\r\n", _TABS_AND_RUNS.sub(b" ", body))
            end = _end_of_text(tidy)
            result = tidy[:end] + b"\r\n" if end else b""
            _Relaxed._last = (body, result)
        return result


class _Simple(canonicalization.Simple):
    """The simple form, which keeps one line end even of an empty body; remembered too."""

    _last: tuple[bytes, bytes] = (b"", b"\r\n")

    @staticmethod
    def canonicalize_body(body: bytes) -> bytes:
        """Return the canonical form of *body*."""
        source, result = _Simple._last
        if source is not body:
            result = body[: _end_of_text(body)] + b"\r\n"
            _Simple._last = (body, result)
        return result


def _end_of_text(body: bytes) -> int:
    """Return where the line ends at the end of *body* begin; many are skipped at once."""
    end = len(body)
    for step in (_MANY_LINE_ENDS, b"\r\n"):
        while body.endswith(step, 0, end):
            end -= len(step)
    return end


canonicalization.ALGORITHMS.update({b"relaxed": _Relaxed, b"simple": _Simple})


@dataclass(frozen=True, slots=True)
class Wire:
    """
    Header and body of one message.

    Attributes:
        headers: Names and values as written, topmost first; values end with CRLF.
        body: Lines end with CRLF.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of(cls, raw: bytes) -> "Wire":
        """Take *raw* apart; never raises, lines that are no field are left out."""
        if raw.count(b"\n") != raw.count(b"\r\n"):
            raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if raw.startswith(b"\r\n"):
            return cls((), raw[2:])
        header, _, body = raw.partition(b"\r\n\r\n")
        return cls(tuple(_fields(header)), body)

    def names(self) -> list[str]:
        """Return the names of all fields in lower case, topmost first."""
        return [name.decode("latin-1").lower() for name, _ in self.headers]

    def values(self, name: str) -> list[bytes]:
        """Return the values of every field called *name* (lower case), topmost first."""
        key = name.encode("latin-1")
        return [value for found, value in self.headers if found.lower() == key]

    def verifier(self, names: Iterable[str]) -> dkim.DKIM:
        """Return the library's view on the fields called *names* (lower case) and the body."""
        wanted = {name.encode("latin-1", "replace") for name in names}
        out = dkim.DKIM()
        out.headers = [(n, v) for n, v in self.headers if n.lower() in wanted]
        out.body = self.body
        return out

    def chain_verifier(self) -> dkim.ARC:
        """Return the library's view on the whole message, for ARC."""
        out = dkim.ARC()
        out.headers, out.body = list(self.headers), self.body
        return out


def _fields(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    name, lines = b"", [b""]
    for line in header.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        if name:
            yield name, b"\r\n".join(lines) + b"\r\n"
        start = _FIELD_START.match(line)
        name, lines = (start[1], [line[start.end() :]]) if start else (b"", [])
    if name:
        yield name, b"\r\n".join(lines) + b"\r\n"
