"""``evaluate``: figures, reports, and one configuration against another."""

import json
from pathlib import Path

import pytest

from support.commands import call


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
