"""Compressed files, and bombs."""

import gzip

import pytest
import zstandard

from phish_milter.evaluation.unpacking import unpacked

MAIL = b"Subject: x\n\n" + b"words " * 1000


@pytest.mark.parametrize(
    "raw",
    [
        MAIL,
        gzip.compress(MAIL, mtime=0),
        zstandard.compress(MAIL),
        gzip.compress(zstandard.compress(MAIL), mtime=0),
        gzip.compress(MAIL[:100], mtime=0) + gzip.compress(MAIL[100:], mtime=0),
        zstandard.compress(MAIL[:100]) + zstandard.compress(MAIL[100:]),
    ],
    ids=["plain", "gzip", "zstd", "both", "members", "frames"],
)
def test_wrappings_come_off(raw: bytes) -> None:
    assert unpacked(raw) == MAIL


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_stopped(pack: object) -> None:
    assert callable(pack)
    with pytest.raises(ValueError, match="unpacks to more than 1 MiB"):
        unpacked(pack(bytes(2 * 1024 * 1024)), 1024 * 1024)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (gzip.compress(MAIL, mtime=0)[:40], "end too early"),
        (b"\x1f\x8b\x08" + b"\xff" * 40, "broken gzip"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "broken Zstandard"),
    ],
)
def test_broken_data_are_told(raw: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        unpacked(raw)
