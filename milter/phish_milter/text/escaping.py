"""
Make text that came out of a message fit to be seen: in logs, headers, terminals and HTML.

Whatever is shown passes ``show()``.  What stands before it in this module keeps secrets out:
reset links and API tokens of a genuine mail must not end up in a log.
"""

import hashlib
import re
from itertools import pairwise

from phish_milter.text.invisible import BRAILLE_BLANK, NOT_DRAWN

# Long enough for any evidence, short enough for one line of a log.
SHOWN = 200
# Nothing longer is looked at; no reader wants it, and cutting first bounds the work.
_LOOKED_AT = 16 * 1024
_ELLIPSIS = "…"

# Many are printable by Unicode's category, and yet nothing to see.
_NOTHING_TO_SEE = re.compile(f"[{NOT_DRAWN}{BRAILLE_BLANK}]")

# "name=value" behind ? or & or #, as in a link; the value may be a token.
_QUERY_VALUE = re.compile(r"([?&#;][^\s=&?#;\"'<>]{1,64}=)[^\s&#;\"'<>]+")
# Characters of API tokens and of the parts of a JSON Web Token.
_RUN = re.compile(r"[A-Za-z0-9_-]{24,}")
# A host is no secret: lower case, and more labels follow.
_HOST_TAIL = re.compile(r"\.[a-z0-9-]{2,63}(?![A-Za-z0-9_-])")
_PIECE = re.compile(r"[A-Za-z0-9]+")
# Random characters change between upper case, lower case and digits at about half of all
# places, words and dates at few.
_LEAST_CHANGES = 0.26
_LEAST_PIECE = 16
# What precedes the first separator of a token names its issuer and is worth keeping.
_ISSUER = re.compile(r"[A-Za-z]{2,12}[_-]")
_KEPT = 4

_ADDRESS_HASH_DIGITS = 12


def show(text: str, limit: int = SHOWN) -> str:
    r"""
    Return *text* on one line, every invisible or harmful character visible as an escape.

    Controls, newlines, bidirectional and zero-width characters, unusual spaces and lone
    surrogates become ``\u202e`` and the like.  At most *limit* characters come back;
    a cut is marked by an ellipsis.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    room = limit
    for character in text[: limit + 1]:
        piece = _visible(character)
        room -= len(piece)
        shown.append(piece)
        if room < 0:
            return _cut(shown, limit)
    return "".join(shown)


def _visible(character: str) -> str:
    if character.isprintable() and not _NOTHING_TO_SEE.match(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _cut(shown: list[str], limit: int) -> str:
    """Drop whole pieces from the end until an ellipsis fits."""
    length = sum(map(len, shown))
    while shown and length > limit - len(_ELLIPSIS):
        length -= len(shown.pop())
    return ("".join(shown) + _ELLIPSIS)[: max(limit, 0)]


def redact(text: str) -> str:
    """Return *text* without API tokens and without the values of URL queries."""
    text = text[:_LOOKED_AT]
    text = _QUERY_VALUE.sub(rf"\1{_ELLIPSIS}", text)
    return _RUN.sub(_without_secret, text)


def present(text: str, limit: int = SHOWN) -> str:
    """Return *text* redacted and escaped: what any reader of ours may see."""
    return show(redact(text), limit)


def _without_secret(match: re.Match[str]) -> str:
    run = match[0]
    if not _is_random(run) or _is_host_label(match):
        return run
    issuer = _ISSUER.match(run)
    return (issuer[0] if issuer else run[:_KEPT]) + _ELLIPSIS


def _is_random(run: str) -> bool:
    """Whether *run* looks like drawn characters rather than words, names or dates."""
    if _is_uuid(run):
        return True
    pieces = [piece for piece in _PIECE.findall(run) if len(piece) >= _LEAST_PIECE]
    return any(_changes(piece) >= _LEAST_CHANGES * len(piece) for piece in pieces)


def _is_uuid(run: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", run.lower()) is not None


def _changes(piece: str) -> int:
    """Count the places where *piece* changes between upper case, lower case and digits."""
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in piece]
    return sum(a != b for a, b in pairwise(kinds))


def _is_host_label(match: re.Match[str]) -> bool:
    return match[0].islower() and _HOST_TAIL.match(match.string, match.end()) is not None


def mask_address(address: str, mode: str) -> str:
    """
    Return a mail address as much as *mode* allows: ``full``, ``domain``, ``hash`` or ``none``.

    The null sender stays ``<>``, which tells bounces from mail.  A hash lets equal
    addresses be recognised; it hides them from a glance, not from somebody who guesses.
    """
    if mode == "none":
        return ""
    if not address:
        return "<>"
    if mode == "hash":
        digest = hashlib.sha256(address.lower().encode(errors="surrogatepass")).hexdigest()
        return digest[:_ADDRESS_HASH_DIGITS]
    if mode == "domain":
        return show(f"*@{address.rpartition('@')[2]}") if "@" in address else "*"
    return show(address)
