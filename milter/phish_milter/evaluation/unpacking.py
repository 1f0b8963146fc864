"""Compressed files: gzip (RFC 1952) and Zstandard (RFC 8878), never more than is bearable."""

import io
import zlib
from typing import IO, Final

import zstandard

# An archive of mail may be large; a bomb unpacks to a thousand times its size.
MOST_BYTES: Final = 512 * 1024 * 1024
# Compressed again by whoever sent it on; deeper is nobody's mail.
_DEEPEST: Final = 3
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 1024 * 1024


def unpacked(raw: bytes, most: int = MOST_BYTES) -> bytes:
    """
    Return *raw* without its gzip or Zstandard wrapping, or as it is where it has none.

    Raises ValueError that says what is broken, or that more than *most* bytes come out.
    """
    for _ in range(_DEEPEST):
        if raw.startswith(_GZIP):
            raw = _gzip(raw, most)
        elif raw.startswith(_ZSTD):
            raw = _zstd(raw, most)
        else:
            break
    return raw


def _gzip(raw: bytes, most: int) -> bytes:
    out = bytearray()
    try:
        while raw.startswith(_GZIP):  # members follow each other, as in rotated mailboxes
            reader = zlib.decompressobj(wbits=31)
            out += reader.decompress(raw, most + 1 - len(out))
            _bounded(len(out), most)
            if not reader.eof:
                raise ValueError("the gzip data end too early")
            raw = reader.unused_data
    except zlib.error as error:
        raise ValueError(f"broken gzip data: {error}") from None
    return bytes(out)


def _zstd(raw: bytes, most: int) -> bytes:
    out = io.BytesIO()
    reader: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    try:
        while chunk := reader.read(_CHUNK):
            out.write(chunk)
            _bounded(out.tell(), most)
    except zstandard.ZstdError as error:
        raise ValueError(f"broken Zstandard data: {error}") from None
    return out.getvalue()


def _bounded(size: int, most: int) -> None:
    if size > most:
        raise ValueError(f"unpacks to more than {most // (1024 * 1024)} MiB")
