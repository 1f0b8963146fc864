"""The commands as people and scripts call them: options, output, exit status."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from phish_milter import __version__
from phish_milter.cli.main import main
from phish_milter.detection.checks import SYMBOLS

PLAIN = b"""\
From: Anna <anna@example.org>
To: maintainer@example.net
Subject: Lunch on Friday
Date: Mon, 5 Oct 2026 09:00:00 +0000
Message-ID: <1@example.org>

Shall we meet at noon?  The menu: https://example.org/menu
"""

FAKE = b"""\
From: PyPI Support <support@registry-desk.example>
To: maintainer@example.net
Subject: [PyPI] Verify your email address
Date: Mon, 5 Oct 2026 09:00:00 +0000
Message-ID: <2@registry-desk.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Your PyPI account will be removed within 24 hours unless you verify your email address.</p>
<p><a href="https://pypi-login.example/account/login/?key=Zx81Qp">https://pypi.org/account/login/</a></p>
"""

ENVELOPE = {"client_ip": "203.0.113.7", "helo": "mail.example", "rcpt_to": ["joe@example.net"]}


@pytest.fixture(name="box")
def _box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with two mails, and no configuration file on this system."""
    monkeypatch.setattr("phish_milter.settings.load.DEFAULT_PATH", tmp_path / "none.toml")
    (tmp_path / "plain.eml").write_bytes(PLAIN.replace(b"\n", b"\r\n"))
    (tmp_path / "fake.eml").write_bytes(FAKE.replace(b"\n", b"\r\n"))
    return tmp_path


def call(*arguments: object, stdin: bytes = b"") -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_version() -> None:
    assert call("--version").stdout == f"phish-milter {__version__}\n"


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


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan"], "give either FILEs or --manifest"),
        (["scan", "--manifest", "x", "y"], "give either FILEs or --manifest"),
        (["scan", "--manifest", "x", "--helo", "y"], "envelopes come from the manifest"),
        (["scan", "--manifest", "/nonexistent", "--json"], "/nonexistent: cannot be read"),
        (["scan", "--client-ip", "1.2.3", "x"], "1.2.3 is no IP address"),
        (["scan", "--ceiling", "defer", "x"], "'defer' is not one of"),
        (["scan", "--config", "/nonexistent", "x"], "/nonexistent: no such file"),
        (["evaluate", "/nonexistent"], "/nonexistent: cannot be read"),
        (["check-config", "--config", "/nonexistent"], "/nonexistent: no such file"),
        (["explain", "LOOKALIKE_LINC"], "did you mean LOOKALIKE_LINK"),
        (["explain", "\x1b[2J"], "unknown symbol '\\x1b[2J'"),
        (["serve", "--config", "/nonexistent"], "/nonexistent: no such file"),
        (["frobnicate"], "No such command"),
        (["evaluate", "m", "--symbol", "LOOKALIKE_LINKS"], "did you mean LOOKALIKE_LINK"),
        (["evaluate", "m", "--against", "b.toml", "--html", "r.html"], "--against goes with"),
    ],
)
def test_bad_usage_and_configuration(arguments: list[str], message: str) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_evaluate(box: Path) -> None:
    manifest = box / "manifest.jsonl"
    attack = {"kind": "attack", "at_least": "quarantine", "at_most": "reject"}
    legit = {"kind": "legit", "at_least": "accept", "at_most": "accept"}
    expected = [
        {"file": "fake.eml", "family": "desk", "brand_verdict": "impersonation", **attack},
        {"file": "plain.eml", "family": "lunch", "brand_verdict": "none", **legit},
        {"file": "gone.eml", "family": "lunch", "brand_verdict": "none", **legit},
    ]
    manifest.write_text("\n".join(json.dumps({"brand": "pypi", **line}) for line in expected))

    figures = json.loads(call("evaluate", "--json", manifest).stdout)
    tables = call("evaluate", manifest)

    assert [(t["kind"], t["n"], t["caught"], t["harmed"]) for t in figures["totals"]] == [
        ("attack", 1, 1, 0),  # the ceiling is reject here unless said otherwise
        ("legit", 2, 1, 0),
    ]
    assert [failure["file"] for failure in figures["worst"]] == ["gone.eml"]
    assert tables.exit_code == 0
    assert "gone.eml: not scanned" in tables.stdout
    assert tables.stderr == ""  # a progress bar is for terminals


@pytest.fixture(name="manifest")
def _manifest(box: Path) -> Path:
    path = box / "manifest.jsonl"
    path.write_text(
        '{"file": "fake.eml", "kind": "attack", "family": "desk", "at_least": "quarantine"}\n'
        '{"file": "plain.eml", "kind": "legit", "family": "lunch", "at_most": "accept"}\n'
    )
    return path


def test_evaluate_what_if(box: Path, manifest: Path) -> None:
    mild = box / "mild.toml"
    mild.write_text("[policy]\nquarantine = 99\nreject = 100\n")

    found = json.loads(call("evaluate", manifest, "--against", mild, "--json").stdout)
    told = call("evaluate", manifest, "--against", mild).stdout

    assert [(c["file"], c["after"]["action"]) for c in found["changes"]] == [("fake.eml", "tag")]
    assert "broken fake.eml (attack desk): reject -> tag" in told
    own = call("evaluate", manifest, "--against", mild, "--ceiling", "own").stdout
    assert "0 messages change" in own  # both only tag, as shipped


def test_evaluate_writes_a_report(box: Path, manifest: Path) -> None:
    report = box / "report.html"

    assert call("evaluate", manifest, "--html", report).exit_code == 0
    assert report.read_text().startswith("<!DOCTYPE html>")
    failed = call("evaluate", manifest, "--html", box / "none" / "report.html")
    assert failed.exit_code == 2
    assert "No such file or directory" in failed.stderr


def test_evaluate_finds_the_messages_of_a_symbol(manifest: Path) -> None:
    told = call("evaluate", manifest, "--symbol", "foreign_author")
    (found,) = json.loads(call("evaluate", manifest, "--symbol", "FOREIGN_AUTHOR", "--json").stdout)

    assert told.stdout.startswith("FOREIGN_AUTHOR +3.0 fake.eml (attack, reject): ")
    assert found["file"] == "fake.eml"


def test_check_config_tells_what_is_in_force(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceiling = 'quarantine'\n[scanner]\ndeadline_seconds = 60\n")

    result = call("check-config", "--config", config)

    assert result.exit_code == 0
    assert result.stdout.startswith("OK\n")
    assert "ceiling quarantine" in result.stdout
    assert "warning: [scanner] deadline_seconds: 60 s is not below" in result.stderr


UNUSABLE = (None, b"nameserver localhost\n", b"nameserver fe80::1\n", b"# caf\xe9\n")


def resolvers(box: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None) -> Path:
    """Let the system's resolvers be those of *data*; None: it has no such file."""
    path = box / "resolv.conf"
    if data is not None:
        path.write_bytes(data)
    monkeypatch.setattr("phish_milter.settings.nameservers.RESOLV_CONF", path)
    return path


@pytest.mark.parametrize("data", UNUSABLE)
def test_check_config_refuses_to_do_without_resolvers(
    box: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    path = resolvers(box, monkeypatch, data)

    result = call("check-config")

    assert result.exit_code == 2
    assert f"{path}: " in result.stderr
    assert "no nameserver can be used" in result.stderr
    assert result.stdout == ""


def test_check_config_tells_problems_of_packs_and_resolvers_at_once(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = resolvers(box, monkeypatch, None)
    config = box / "mine.toml"
    config.write_text("[brands]\nenabled = ['nobody']\n")

    result = call("check-config", "--config", config)

    assert "no pack for brand 'nobody'" in result.stderr
    assert f"{path}: cannot be read" in result.stderr


def test_check_config_warns_of_resolvers_left_out(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = resolvers(box, monkeypatch, b"nameserver localhost\nnameserver 127.0.0.1\n")

    result = call("check-config")

    assert result.exit_code == 0
    assert f"warning: {path}: line 1: nameserver must be an IP address" in result.stderr


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


def test_check_config_tells_every_problem(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceiling = 1\n[log]\nformat = 'xml'\ncolour = true\n")

    result = call("check-config", "--config", config)

    assert result.exit_code == 2
    assert all(
        f"{config}: {key}: " in result.stderr
        for key in ("[policy] ceiling", "[log] format", "[log] colour")
    )


def test_check_config_tells_problems_of_settings_and_packs_at_once(box: Path) -> None:
    (box / "packs").mkdir()
    (box / "packs" / "pypi.toml").write_text("id = 3\n")
    config = box / "mine.toml"
    brands = "[brands]\ndirectories = ['packs']\nenabled = ['pypi', 'nobody']\n"
    config.write_text(f"[policy]\ntag = 'high'\n{brands}")

    result = call("check-config", "--config", config)

    assert result.exit_code == 2
    assert "[policy] tag: must be a number" in result.stderr
    assert f"{box / 'packs' / 'pypi.toml'}: " in result.stderr
    assert "no pack for brand 'nobody'" in result.stderr


def test_check_config_asks_for_no_packs_that_a_wrong_section_names(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[brands]\ndirectories = 'packs'\nenabled = ['in-packs']\n")

    result = call("check-config", "--config", config)

    assert "[brands] directories: must be a list" in result.stderr
    assert "in-packs" not in result.stderr  # which the list, once right, may well lead to


def test_check_config_checks_brand_packs(box: Path) -> None:
    (box / "packs").mkdir()
    (box / "packs" / "pypi.toml").write_text("id = 3\n")
    config = box / "mine.toml"
    config.write_text("[brands]\ndirectories = ['packs']\n")

    for command in (["check-config"], ["scan", str(box / "plain.eml")]):
        result = call(*command, "--config", config)

        assert result.exit_code == 2
        assert str(box / "packs" / "pypi.toml") in result.stderr


@pytest.mark.parametrize("name", SYMBOLS)
def test_explain_every_symbol(name: str) -> None:
    result = call("explain", name)

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{name}\n")
    assert SYMBOLS[name].summary in result.stdout
    assert "Fires on:" in result.stdout


def test_explain_does_not_mind_small_letters() -> None:
    assert call("explain", "lookalike_link").stdout.startswith("LOOKALIKE_LINK\n")
