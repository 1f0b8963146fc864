from pathlib import Path

import pytest

from phish_milter.links import rewriters as subject

GOOD = """
[[rewriter]]
name = "Gateway"
hosts = ["gate.example"]
prefix = "/r/"
decode = "parameter"
parameters = ["to"]
opaque = true
"""


def write(tmp_path: Path, rewriters: str, redirectors: str = "") -> tuple[Path, Path]:
    first, second = tmp_path / "rewriters.toml", tmp_path / "redirectors.txt"
    first.write_text(rewriters)
    second.write_text(redirectors)
    return first, second


@pytest.mark.parametrize(
    ("host", "path", "names"),
    [
        ("gate.example", "/r/1", ["Gateway"]),
        ("eu.gate.example", "/r/1", ["Gateway"]),
        ("gate.example", "/about", []),
        ("jump.example", "/to", ["jump.example"]),
        ("other.example", "/", []),
    ],
)
def test_matching(tmp_path: Path, host: str, path: str, names: list[str]) -> None:
    table = subject.load(*write(tmp_path, GOOD, "jump.example/to u,url\n"))

    assert [found.name for found in subject.matching(table, host, path)] == names


@pytest.mark.parametrize(
    ("rewriters", "redirectors", "named"),
    [
        (GOOD.replace('"parameter"', '"guess"'), "", "rewriters.toml"),
        (GOOD.replace("prefix", "prefixes"), "", "rewriters.toml"),  # a typo is no comment
        (GOOD.replace("hosts", "host"), "", "rewriters.toml"),
        ("[[", "", "rewriters.toml"),
        (GOOD, "jump.example u\n", "redirectors.txt:1"),  # no path
        (GOOD, "\njump.example/to\n", "redirectors.txt:2"),  # no parameter
    ],
)
def test_bad_files_are_named(tmp_path: Path, rewriters: str, redirectors: str, named: str) -> None:
    with pytest.raises(ValueError, match=named.replace(".", r"\.")):
        subject.load(*write(tmp_path, rewriters, redirectors))


def test_shipped_loads() -> None:
    assert len(subject.shipped()) > 100
