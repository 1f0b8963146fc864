"""Mail in files, alone, in containers and in directories."""

from pathlib import Path

import pytest

from phish_milter.evaluation.mail_files import (
    Given,
    MailFile,
    Unreadable,
    examine,
    examine_one,
    files_in,
    mail_of,
)
from phish_milter.evaluation.manifest import read_manifest
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.settings.model import Settings


class SizeScanner:
    """Finds nothing and tells how much it was given."""

    def scan(self, raw: bytes, envelope: Envelope) -> Scan:
        return Scan((), defects=(envelope.mail_from, envelope.client_ip), scanned_bytes=len(raw))


def test_paths_of_a_manifest_start_from_it(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"file": "mails/a.eml", "mail_from": "a@b"}\n')

    (entry,) = read_manifest(manifest)

    assert mail_of(entry, manifest) == MailFile(
        str(tmp_path / "mails/a.eml"), Given.all_of(Envelope(mail_from="a@b")), alone=True
    )


def test_examine_hands_over_bytes_and_envelope(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"\xff\r\n" * 10)

    result = examine_one(MailFile(str(path), Given(mail_from="a@b")), SizeScanner(), Settings())

    assert not isinstance(result, Unreadable)
    assert (result.scan.scanned_bytes, result.scan.defects) == (30, ("a@b", ""))


@pytest.mark.parametrize("name", ["gone.eml", "a\0b", "x" * 5000])
def test_what_cannot_be_read_is_an_answer(tmp_path: Path, name: str) -> None:
    mail = MailFile(str(tmp_path / name))

    assert isinstance(examine_one(mail, SizeScanner(), Settings()), Unreadable)


TWO = (
    b"From a@b Sat Oct 31 09:00:00 2026\nFrom: a@b\n\none\n\n"
    b"From c@d Sat Oct 31 09:01:00 2026\n\ntwo\n"
)


def test_the_mails_of_a_mailbox_have_numbers(tmp_path: Path) -> None:
    path = tmp_path / "two.mbox"
    path.write_bytes(TWO)

    results = list(examine(MailFile(str(path)), SizeScanner(), Settings()))

    assert [r.path for r in results] == [f"{path}#1", f"{path}#2"]


def test_a_line_of_a_manifest_means_one_mail(tmp_path: Path) -> None:
    path = tmp_path / "two.mbox"
    path.write_bytes(TWO)

    result = examine_one(MailFile(str(path), alone=True), SizeScanner(), Settings())

    assert isinstance(result, Unreadable)
    assert "holds 2 mails" in result.error


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Given(), ("s@evil.example", "203.0.113.9")),
        (Given(mail_from=""), ("", "203.0.113.9")),  # the null sender is an answer
        (Given(client_ip="192.0.2.1"), ("s@evil.example", "192.0.2.1")),
    ],
)
def test_what_is_given_wins_over_what_the_file_says(
    tmp_path: Path, given: Given, expected: tuple[str, str]
) -> None:
    path = tmp_path / "held"
    path.write_text(
        "*** ENVELOPE RECORDS hold/4Q ***\nnamed_attribute: client_address=203.0.113.9\n"
        "sender: s@evil.example\nrecipient: r@example.net\n*** MESSAGE CONTENTS hold/4Q ***\n"
        "Subject: x\n\nbody\n*** MESSAGE FILE END hold/4Q ***\n"
    )

    result = examine_one(MailFile(str(path), given), SizeScanner(), Settings())

    assert not isinstance(result, Unreadable)
    assert result.scan.defects == expected


@pytest.mark.parametrize(("delivered", "client"), [(None, "198.51.100.7"), (False, "")])
def test_delivered_mail_is_known_by_the_name_of_the_site(
    tmp_path: Path, delivered: bool | None, client: str
) -> None:
    path = tmp_path / "delivered.eml"
    path.write_text(
        "Return-Path: <s@evil.example>\nReceived: from h.example (unknown [198.51.100.7])\n"
        "\tby mx.example.net (Postfix) with ESMTP id 4Q\n\tfor <r@example.net>; Sat\n"
        "Subject: x\n\nbody\n"
    )
    settings = Settings.model_validate({"site": {"authserv_id": "mx.example.net"}})

    result = examine_one(MailFile(str(path), delivered=delivered), SizeScanner(), settings)

    assert not isinstance(result, Unreadable)
    assert result.scan.defects[1] == client


def test_a_maildir_is_walked_where_mail_lies(tmp_path: Path) -> None:
    for name in ("cur/1", "new/2", "tmp/3", ".Spam/cur/4", ".Spam/new/5", ".Spam/tmp/6"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Subject: x\n\n")
    (tmp_path / "dovecot-uidlist").write_text("3 V1\n")

    found = [Path(name).name for name in files_in(str(tmp_path))]

    assert sorted(found) == ["1", "2", "4", "5"]


def test_a_directory_of_mail_is_walked_and_an_empty_one_told(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="holds no mail"):
        list(files_in(str(tmp_path)))
    for name in ("b.eml", "a.eml", "below/c.eml", ".hidden"):
        (tmp_path / name).write_text("Subject: x\n\n")

    names = [Path(name).name for name in files_in(str(tmp_path))]

    assert names == ["a.eml", "b.eml", "c.eml"]
