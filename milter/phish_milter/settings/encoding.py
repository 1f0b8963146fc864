"""Bytes of a configuration file into text; pure."""

import codecs

# Longest first: that of UTF-32 begins with that of UTF-16.
_WIDE_MARKS = (
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)


def decoded(data: bytes) -> str:
    """
    Return the text of *data*, without the byte order mark that some editors put in front.

    TOML is UTF-8.  Raises ValueError that says what else *data* is.
    """
    # NUL is no character of TOML, but every second one of Latin text in UTF-16.
    if data.startswith(_WIDE_MARKS) or b"\0" in data:
        raise ValueError("looks like UTF-16 or UTF-32; save it as UTF-8")
    text = data.removeprefix(codecs.BOM_UTF8)
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{text[error.start]:02x}"
        raise ValueError(f"line {line}: {byte} is not UTF-8 text; save it as UTF-8") from None
