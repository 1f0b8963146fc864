"""
The words that say what is wrong with a message, or what of it was not looked at.

They are part of the public report (``defects``), so a word is never renamed or reused.
"""

from typing import Final

# What was not looked at, or not as a whole.
TRUNCATED: Final = "truncated"
TOO_MANY_FIELDS: Final = "too-many-fields"
LONG_FIELD: Final = "long-field"
TOO_MANY_ADDRESSES: Final = "too-many-addresses"
TOO_MANY_PARTS: Final = "too-many-parts"
TOO_DEEP: Final = "too-deep"
TOO_COMPLEX: Final = "too-complex"
LONG_TEXT: Final = "long-text"
TOO_MANY_LINKS: Final = "too-many-links"
TOO_MANY_TAGS: Final = "too-many-tags"
DEEP_HTML: Final = "deep-html"
LONG_TAG: Final = "long-tag"

# Header.
NO_HEADER: Final = "no-header"
MALFORMED_HEADER: Final = "malformed-header"
BARE_CR: Final = "bare-cr"
NUL: Final = "nul"
BROKEN_WORD: Final = "broken-encoded-word"
MISSING_FROM: Final = "missing-from"
DUPLICATE_FROM: Final = "duplicate-from"
DUPLICATE_SUBJECT: Final = "duplicate-subject"
MALFORMED_FROM: Final = "malformed-from"
DISBELIEVED_RESULTS: Final = "disbelieved-authentication-results"

# MIME.
BROKEN_CONTENT_TYPE: Final = "broken-content-type"
DUPLICATE_CONTENT_TYPE: Final = "duplicate-content-type"
DUPLICATE_ENCODING: Final = "duplicate-transfer-encoding"
DUPLICATE_BOUNDARY: Final = "duplicate-boundary"
MISSING_BOUNDARY: Final = "missing-boundary"
LOOSE_BOUNDARY: Final = "loose-boundary"
UNCLOSED_MULTIPART: Final = "unclosed-multipart"
PARTS_AFTER_END: Final = "parts-after-end"
TEXT_IN_PREAMBLE: Final = "text-in-preamble"
TEXT_IN_EPILOGUE: Final = "text-in-epilogue"
ENCODED_MULTIPART: Final = "encoded-multipart"
TYPE_LIE: Final = "type-lie"

# Encodings.
UNKNOWN_ENCODING: Final = "unknown-transfer-encoding"
BROKEN_BASE64: Final = "broken-base64"
BROKEN_QUOTED_PRINTABLE: Final = "broken-quoted-printable"
UNKNOWN_CHARSET: Final = "unknown-charset"
WRONG_CHARSET: Final = "wrong-charset"
