"""Manifests and files: what is wrong with them is told, never raised."""

from pathlib import Path

import pytest

from phish_milter.evaluation.mail_files import (
    MailFile,
    ManifestError,
    Unreadable,
    examine,
    mail_of,
    read_manifest,
)
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.settings.model import Settings


class SizeScanner:
    """Finds nothing and tells how much it was given."""

    def scan(self, raw: bytes, envelope: Envelope) -> Scan:
        return Scan((), defects=(envelope.mail_from,), scanned_bytes=len(raw))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 2: Invalid JSON"),
        ('{"kind": "legit"}', "line 2: file: Field required"),
        ('{"file": "x", "at_least": "never"}', "line 2: at_least: "),
        ('{"file": "x", "rcpt_to": "a"}', "line 2: rcpt_to: "),
        ("[]", "line 2: "),
    ],
)
def test_a_bad_manifest_names_the_line(tmp_path: Path, line: str, problem: str) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text(f'{{"file": "a.eml", "extra": 1}}\n{line}\n\n')

    with pytest.raises(ManifestError) as caught:
        read_manifest(manifest)

    assert str(caught.value).startswith(f"{manifest}: {problem}")


def test_a_manifest_brings_envelopes(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"file": "a.eml", "mail_from": "a@b", "rcpt_to": ["c@d"]}\n')

    (entry,) = read_manifest(manifest)

    assert (entry.envelope.mail_from, entry.envelope.rcpt_to) == ("a@b", ("c@d",))


def test_paths_of_a_manifest_start_from_it(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"file": "mails/a.eml", "mail_from": "a@b"}\n')

    (entry,) = read_manifest(manifest)

    assert mail_of(entry, manifest) == MailFile(
        str(tmp_path / "mails/a.eml"), Envelope(mail_from="a@b")
    )


def test_only_newlines_end_a_line(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"file": "a.eml", "why": "one\u2028two"}\r\n\r\n', "utf-8")

    (entry,) = read_manifest(manifest)

    assert entry.why == "one\u2028two"


def test_many_problems_are_not_told_one_by_one(tmp_path: Path) -> None:
    manifest = tmp_path / "mail.eml"
    manifest.write_text("Subject: not a manifest\n" * 1000)

    with pytest.raises(ManifestError) as caught:
        read_manifest(manifest)

    assert len(str(caught.value).splitlines()) == 21
    assert str(caught.value).endswith("and 980 more")


def test_examine_hands_over_bytes_and_envelope(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"\xff\r\n" * 10)

    result = examine(MailFile(str(path), Envelope(mail_from="a@b")), SizeScanner(), Settings())

    assert not isinstance(result, Unreadable)
    assert (result.scan.scanned_bytes, result.scan.defects) == (30, ("a@b",))


@pytest.mark.parametrize("name", ["gone.eml", "a\0b", "x" * 5000])
def test_what_cannot_be_read_is_an_answer(tmp_path: Path, name: str) -> None:
    mail = MailFile(str(tmp_path / name), Envelope())

    assert isinstance(examine(mail, SizeScanner(), Settings()), Unreadable)
