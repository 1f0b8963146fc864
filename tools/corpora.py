"""The corpora of real mail: read from archives or unpacked, as the MTA would hand them over."""

import tarfile
from collections.abc import Iterator
from pathlib import Path


def mails(label: str, archives: Path, unpacked: Path | None) -> Iterator[tuple[str, bytes]]:
    """
    Yield name and bytes of every message of corpus *label*, with the line ends of SMTP.

    They come from ``UNPACKED/LABEL`` where that is given, otherwise out of
    ``ARCHIVES/LABEL.tar.xz``; nothing is written anywhere.
    """
    source = _from_directory(unpacked / label) if unpacked else _from_archive(archives, label)
    for name, raw in source:
        yield name, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _from_directory(directory: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield path.relative_to(directory.parent).as_posix(), path.read_bytes()


def _from_archive(archives: Path, label: str) -> Iterator[tuple[str, bytes]]:
    path = archives / f"{label}.tar.xz"
    if not path.is_file():
        return
    with tarfile.open(path, "r|xz") as archive:
        for member in archive:
            if content := archive.extractfile(member):
                yield member.name, content.read()
