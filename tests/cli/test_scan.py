"""``scan`` as people and scripts call it: options, output, exit status."""

import json
from pathlib import Path

import pytest

from support.commands import ENVELOPE, PLAIN, UNUSABLE, call, objects, resolvers


def test_scan_json_in_input_order(box: Path) -> None:
    result = call("scan", "--json", box / "fake.eml", box / "plain.eml")

    fake, plain = objects(result)
    assert result.exit_code == 0
    assert (fake["path"], plain["path"]) == (str(box / "fake.eml"), str(box / "plain.eml"))
    assert (plain["action"], plain["brands"], plain["findings"]) == ("accept", [], [])
    assert plain["scanned_bytes"] == (box / "plain.eml").stat().st_size
    assert [(b["brand"], b["verdict"]) for b in fake["brands"]] == [("pypi", "impersonation")]
    assert fake["links"][0]["host"] == "pypi-login.example"


def test_the_ceiling_can_be_lifted(box: Path) -> None:
    (watching,) = objects(call("scan", "--json", box / "fake.eml"))
    (acting,) = objects(call("scan", "--json", "--ceiling", "reject", box / "fake.eml"))

    assert watching["action"] == "tag"  # as shipped
    assert watching["uncapped_action"] == acting["action"] == acting["uncapped_action"]
    assert acting["action"] in ("quarantine", "reject")


def test_scan_reads_standard_input(box: Path) -> None:
    (entry,) = objects(call("scan", "--json", "-", stdin=(box / "fake.eml").read_bytes()))

    assert (entry["path"], entry["action"]) == ("-", "tag")


def test_an_unreadable_file_is_told_and_the_rest_is_scanned(box: Path) -> None:
    (box / "empty").mkdir()
    result = call("scan", "--json", box / "gone.eml", box / "empty", box / "plain.eml")

    gone, directory, plain = objects(result)
    assert result.exit_code == 1
    assert gone == {"path": str(box / "gone.eml"), "error": "No such file or directory"}
    assert directory == {"path": str(box / "empty"), "error": "is a directory that holds no mail"}
    assert plain["action"] == "accept"


def test_scan_for_people_keeps_secrets_and_markup(box: Path) -> None:
    mail = box / "odd[red].eml"
    mail.write_bytes((box / "fake.eml").read_bytes())

    result = call("scan", mail, box / "gone.eml")

    assert result.exit_code == 1
    assert f"{mail}: tag (" in result.stdout
    assert "pypi: impersonation, score" in result.stdout
    assert "Zx81Qp" not in result.stdout
    assert "gone.eml: not scanned: No such file or directory" in result.stdout


def test_scan_of_garbage_is_an_answer(box: Path) -> None:
    (box / "garbage.eml").write_bytes(bytes(range(256)) * 50)
    (box / "empty.eml").write_bytes(b"")

    result = call("scan", "--json", box / "garbage.eml", box / "empty.eml")

    assert result.exit_code == 0
    assert [entry["action"] for entry in objects(result)] == ["accept", "accept"]


def test_large_mail_is_scanned_in_part(box: Path) -> None:
    (box / "small.toml").write_text("[scanner]\nmax_bytes = 65536\n")
    (box / "large.eml").write_bytes(PLAIN + b"x" * 70 + b"\r\n" * 400_000)

    (entry,) = objects(call("scan", "--json", "--config", box / "small.toml", box / "large.eml"))

    assert entry["scanned_bytes"] < 400_000
    assert entry["defects"]


def test_the_envelope_decides_about_role_addresses(box: Path) -> None:
    config = box / "role.toml"
    config.write_text("[site]\ndomains=['example.net']\nrole_addresses=['abuse@example.net']\n")
    base = ("scan", "--json", "--config", config, "--client-ip", "203.0.113.7", box / "fake.eml")

    (to_role,) = objects(call(*base, "--rcpt", "Abuse@example.net"))
    (mixed,) = objects(call(*base, "--rcpt", "abuse@example.net", "--rcpt", "joe@example.net"))

    assert (to_role["action"], mixed["action"]) == ("accept", "tag")


def test_scan_of_a_manifest_uses_its_envelopes(box: Path) -> None:
    manifest = box / "list.jsonl"
    lines = [{"file": name, **ENVELOPE} for name in ("plain.eml", "fake.eml", "gone.eml")]
    manifest.write_text("\n".join(json.dumps(line) for line in lines))

    result = call("scan", "--json", "--manifest", manifest)

    assert result.exit_code == 1  # gone.eml
    assert [entry.get("action") for entry in objects(result)] == ["accept", "tag", None]


@pytest.mark.parametrize("data", UNUSABLE)
def test_scan_judges_without_resolvers_and_says_so(
    box: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    path = resolvers(box, monkeypatch, data)

    result = call("scan", "--json", "--ceiling", "reject", box / "plain.eml", box / "fake.eml")

    assert result.exit_code == 0
    plain, fake = objects(result)
    assert plain["action"] == "accept"
    assert fake["action"] in ("quarantine", "reject")
    assert f"warning: {path}: " in result.stderr
    assert "mail is judged without DNS" in result.stderr
