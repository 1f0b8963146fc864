"""Undo transfer encodings (RFC 2045) and character sets the way lenient mail clients do."""

import binascii
import codecs
import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from phish_milter.message import defects

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64_OR_PAD: Final = bytes(set(range(256)) - set(_BASE64) - {ord("=")})
_SPACE: Final = b" \t\r\n\x0b\x0c"
_FROM_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")
_PADDING: Final = (b"", b"", b"==", b"=")


def base64_decode(data: bytes) -> tuple[bytes, bool]:
    """
    Decode base64 (RFC 2045 section 6.8) as far as anything in it can be decoded.

    Foreign characters are skipped, missing padding is added, and what follows early
    padding is decoded too: clients differ there, and payload hides there.

    Returns:
        The bytes, and whether *data* was clean.
    """
    text = data.translate(None, _NOT_BASE64_OR_PAD)
    clean = len(text) == len(data) or len(text) == len(data.translate(None, _SPACE))
    body = text.rstrip(b"=")
    if b"=" not in body:
        chunk, whole = _base64_run(body)
        return chunk, clean and whole
    runs = [_base64_run(run)[0] for run in re.split(b"=+", body)]
    return b"".join(runs), False


def base64_forgiving(text: str | bytes) -> bytes:
    """
    Decode base64 that stands in a URL or in markup, as far as anything in it can be decoded.

    Percent-encoding is undone first (the data: URL processor of the Fetch standard); blanks,
    line ends and missing padding do not matter (forgiving-base64 of the Infra standard); the
    alphabet for URLs (RFC 4648 section 5) is read, too.
    """
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return base64_decode(unquote_to_bytes(raw).translate(_FROM_URLSAFE))[0]


def _base64_run(run: bytes) -> tuple[bytes, bool]:
    rest = len(run) % 4
    if rest == 1:
        return binascii.a2b_base64(run[:-1]), False
    return binascii.a2b_base64(run + _PADDING[rest]), True


_QP_BROKEN: Final = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")
_QP_SOFT_SPACE: Final = re.compile(rb"=[ \t]{1,80}(?=\r?\n)")
_QP_BARE_CR: Final = re.compile(rb"=\r(?!\n)")


def quoted_printable_decode(data: bytes) -> tuple[bytes, bool]:
    """
    Decode quoted-printable (RFC 2045 section 6.7); a broken ``=`` stays as it is.

    Returns:
        The bytes, and whether *data* was clean.
    """
    if b"=" not in data:
        return data, True
    if _QP_BROKEN.search(data) is None:
        return binascii.a2b_qp(data), True
    data = _QP_SOFT_SPACE.sub(b"=", data)
    # binascii drops everything up to the next line feed after "=\r".
    data = _QP_BARE_CR.sub(b"=\n", data)
    return binascii.a2b_qp(data), False


def uudecode(data: bytes) -> tuple[bytes, bool]:
    """Decode the body of a uuencoded part; lines that are none are skipped."""
    out: list[bytes] = []
    inside = False
    for line in data.splitlines():
        if line.startswith(b"begin "):
            inside = True
        elif line.strip() == b"end":
            inside = False
        elif inside:
            out.append(_uu_line(line))
    return b"".join(out), bool(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit"})
_UU: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def transfer_decode(data: bytes, encoding: str) -> tuple[bytes, str]:
    """
    Undo the Content-Transfer-Encoding *encoding* (lower case).

    Returns:
        The bytes, and a defect word or "".
    """
    if encoding in _IDENTITY:
        return data, ""
    if encoding == "base64":
        decoded, clean = base64_decode(data)
        return decoded, "" if clean else defects.BROKEN_BASE64
    if encoding == "quoted-printable":
        decoded, clean = quoted_printable_decode(data)
        return decoded, "" if clean else defects.BROKEN_QUOTED_PRINTABLE
    if encoding in _UU:
        decoded, found = uudecode(data)
        return (decoded, "") if found else (data, defects.UNKNOWN_ENCODING)
    return data, defects.UNKNOWN_ENCODING


# Labels that mean more than they say; browsers and mail clients read them alike (WHATWG).
_ALIASES: Final = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "cp-850": "cp850",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "latin1": "cp1252",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-8": "utf-8",
    "us-ascii": "cp1252",
    "utf8": "utf-8",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-x-big5": "big5hkscs",
}
# UTF-7 turns innocent ASCII into markup and is shown by no current client; the rest of
# these are no character sets of mail.
_REFUSED: Final = frozenset(
    {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
)
_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9._:+-]{0,39}\Z")
_PRINTABLE: Final = bytes(range(32, 127))


@lru_cache(maxsize=512)
def _codec(label: str) -> str:
    """Return the name of the Python codec for a charset label, "" when there is none."""
    label = label.strip().strip("\"'").lower()
    label = _ALIASES.get(label, label)
    if not _LABEL.match(label) or "utf-7" in label or "utf7" in label:
        return ""
    try:
        info = codecs.lookup(label)
        text = _PRINTABLE.decode(label, "replace")
    except (LookupError, ValueError, AssertionError):
        return ""
    return "" if info.name in _REFUSED or not isinstance(text, str) else info.name


@lru_cache(maxsize=512)
def _keeps_ascii(codec: str) -> bool:
    return _PRINTABLE.decode(codec, "replace") == _PRINTABLE.decode("ascii")


_STATEFUL: Final = ("iso2022", "hz")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_decode(data: bytes, charset: str) -> tuple[str, str]:
    """
    Decode *data*, declared to be in *charset* ("" when undeclared).

    A byte order mark wins over the label. Unknown and lying labels fall back to UTF-8
    and then to Windows-1252, so that ASCII words can always be read.

    Returns:
        The text, and a defect word or "".
    """
    codec = _codec(charset) if charset else "utf-8"
    if data.isascii():
        return _ascii(data, codec)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), ""
    if not codec:
        return unlabelled(data), defects.UNKNOWN_CHARSET
    if codec == "utf-8":
        return _utf8(data, declared=bool(charset))
    return data.decode(codec, "replace"), ""


def _ascii(data: bytes, codec: str) -> tuple[str, str]:
    text = data.decode("ascii")
    if not codec:
        return text, defects.UNKNOWN_CHARSET
    if codec.startswith(_STATEFUL) and (b"\x1b" in data or b"~" in data):
        return data.decode(codec, "replace"), ""
    if codec.startswith(_STATEFUL) or _keeps_ascii(codec):
        return (text, "") if "\0" not in text else (unlabelled(data), "")
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in data:
        return text, defects.WRONG_CHARSET
    return data.decode(codec, "replace"), ""


def _utf8(data: bytes, *, declared: bool) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        if not declared:
            return unlabelled(data), ""
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 10 > len(text):
        text = data.decode("cp1252", "replace")
    return text, defects.WRONG_CHARSET


def unlabelled(data: bytes) -> str:
    """Decode bytes without a usable label: UTF-16 if it looks like it, UTF-8, Windows-1252."""
    if data.count(0) * 3 > len(data):
        even = data[::2].count(0) * 2 > data.count(0)
        return data.decode("utf-16-be" if even else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
