"""Read Content-Type and Content-Disposition (RFC 2045, 2183, 2231), however malformed."""

import re
import urllib.parse
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from phish_milter.message.decode import text_decode
from phish_milter.message.header import decode_words

_MAX_VALUE: Final = 8192  # bytes of a field that are read; real ones stay below 500
_MAX_PARAMETERS: Final = 64
_TYPE: Final = re.compile(r"\s*\"?([\w!#$&^.+-]{1,100})\s*/\s*([\w!#$&^.+*-]{1,100})", re.ASCII)
_PARAMETER: Final = re.compile(
    r"""([^\s=;"]{1,80}+)\s*+=\s*+("(?:[^"\\]|\\.)*+"?|[^;\s"]*+)""", re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
_CONTINUED: Final = re.compile(r"([^*]+)\*(?:(\d{1,2})(\*)?)?\Z")


@dataclass(frozen=True, slots=True)
class ContentType:
    """
    A media type and its parameters.

    Attributes:
        name: Lower-case ``type/subtype``.
        parameters: Name in lower case and value, in order; names can repeat.
    """

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> list[str]:
        """Return every value of a parameter, in order."""
        return [value for key, value in self.parameters if key == name]

    def get(self, name: str) -> str:
        """Return the first value of a parameter, "" when there is none."""
        return next((value for key, value in self.parameters if key == name), "")


def parse_type(raw: bytes) -> ContentType | None:
    """Return the content type in a field value, None when it holds none."""
    return _parse_type(raw[:_MAX_VALUE])


@lru_cache(maxsize=512)
def _parse_type(raw: bytes) -> ContentType | None:
    text = _text(raw)
    match = _TYPE.match(text)
    if match is None:
        return None
    return ContentType(f"{match[1]}/{match[2]}".lower(), _parameters(text[match.end() :]))


def parse_disposition(values: list[bytes]) -> tuple[str, str]:
    """Return disposition ("attachment", "inline" or "") and file name of a part."""
    if not values:
        return "", ""
    text = _text(values[0])
    word = text.partition(";")[0].strip(" \t\"'").lower()
    names = dict(_parameters(text[len(text.partition(";")[0]) :]))
    if word == "inline" or not word:
        return word, names.get("filename", "")
    return "attachment", names.get("filename", "")  # RFC 2183: an unknown one counts as such


def _text(raw: bytes) -> str:
    text = text_decode(raw[:_MAX_VALUE].replace(b"\0", b""), "")[0]
    return _FOLD.sub("", text).strip()


def _parameters(text: str) -> tuple[tuple[str, str], ...]:
    plain: list[tuple[str, str]] = []
    continued: dict[str, list[tuple[int, bool, str]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(text)):
        if count >= _MAX_PARAMETERS:
            break
        name, value = match[1].lower(), _unquote(match[2])
        extended = _CONTINUED.match(name) if "*" in name else None
        if extended is None:
            plain.append((name, decode_words(value, set()) if "=?" in value else value))
            continue
        encoded = extended[2] is None or extended[3] is not None
        section = (int(extended[2] or 0), encoded, value)
        continued.setdefault(extended[1], []).append(section)
    plain += [(name, _joined(sections)) for name, sections in continued.items()]
    return tuple(plain)


def _unquote(value: str) -> str:
    if not value.startswith('"'):
        return value.strip("'") if value.startswith("'") else value
    return _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))


def _joined(sections: list[tuple[int, bool, str]]) -> str:
    """Join the sections of a continued parameter (RFC 2231 section 3 and 4)."""
    charset = ""
    out = b""
    for number, encoded, value in sorted(sections, key=lambda section: section[0]):
        text = value
        if encoded and number == 0 and value.count("'") >= 2:
            charset, _, text = value.split("'", 2)
        out += urllib.parse.unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return text_decode(out, charset.lower())[0]
