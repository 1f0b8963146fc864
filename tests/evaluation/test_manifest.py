"""Manifests: what is wrong with them is told, never raised."""

from pathlib import Path

import pytest

from phish_milter.evaluation.manifest import ManifestError, read_manifest


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
