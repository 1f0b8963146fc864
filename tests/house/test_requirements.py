"""The locked requirements: hashes for everything, places for nothing."""

import re
import tomllib
from pathlib import Path

import pytest

from support.tree import ROOT, files, name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")
LINE = re.compile(
    r"(\s*#.*)?"
    r"|[a-z0-9-]+==[0-9][\w.]* \\"
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
)
# What would take packages from elsewhere than the installing machine is set to.
PLACE = re.compile(
    r"(?<!no-emit-)(?:index-url|find-links|trusted-host)|/simple\b|pythonhosted\.org|file://"
)


def pins(file: str) -> dict[str, str]:
    """Return name to version."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE))


def wanted(requirements: list[str]) -> set[str]:
    """Return the names in a list of requirements, as the registry spells them."""
    names = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", found[0]).lower() for found in names if found}


@pytest.mark.parametrize("file", FILES)
def test_only_pins_and_hashes(file: str) -> None:
    lines = (ROOT / file).read_text().splitlines()

    assert [line for line in lines if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_a_hash(file: str) -> None:
    blocks = re.split(r"^(?=[a-z])", (ROOT / file).read_text(), flags=re.MULTILINE)[1:]

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert len(blocks) == len(pins(file)) > 0


@pytest.mark.parametrize(
    ("file", "requirements"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-dev.txt", PROJECT["dependencies"]),
        ("requirements-dev.txt", PROJECT["optional-dependencies"]["dev"]),
        ("requirements-build.txt", ["hatchling", "setuptools"]),
    ],
    ids=["run", "test has run", "test", "build"],
)
def test_what_the_project_asks_for_is_locked(file: str, requirements: list[str]) -> None:
    assert wanted(requirements) - set(pins(file)) == set(), "run make lock"


def test_the_sets_agree() -> None:
    run, test, build = (pins(file) for file in FILES)

    assert run.items() <= test.items()
    assert {n for n in build.keys() & test.keys() if build[n] != test[n]} == set()


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in files()
        if name(path).startswith(("tools/", "requirements", ".ci/", "Make", "pyproject", "README"))
    ],
    ids=name,
)
def test_nothing_is_installed_from_a_named_place(path: Path) -> None:
    text = path.read_text()

    assert PLACE.findall(text) == []
