"""Rules about the repository as a whole."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.tree import PACKAGE, ROOT, files, name

TESTS = ROOT / "tests"
TEXTS = list(files())
MARKDOWN = list(files(".md"))
SCRIPTS = [*files(".sh"), ROOT / ".ci/run"]
MAKEFILE = (ROOT / "Makefile").read_text()

# Directories that exist on somebody's machine only.
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|farm|home/[a-z]+)/")

# Values without behaviour: they are tested by those who make and use them.
VALUES = {"model", "findings", "outcome", "facts", "questions"}
# Tests of no single module, and why they are where they are.
BESIDE = {
    "e2e": "the daemon as a process, beside real Postfix, OpenDKIM, Prometheus",
    "install": "the installation texts in a real Debian with systemd",
    "house": "rules about the repository",
    "config": "shipped files for Postfix and Prometheus",
    "systemd": "shipped units",
    "corpus/test_golden.py": "mails whose verdict is written down, through everything",
    "corpus/test_packs.py": "the brand packs shipped",
    "test_ablation.py": "tools/ablation.py",
    "test_corpus.py": "tools/corpus.py",
    "authentication/test_forwarders.py": "settings, sealers and proof together",
    "authentication/test_matrix.py": "the table of docs/authentication.md",
    "detection/brands/test_documented_pack.py": "the pack that docs/brands.md shows",
    "message/html/test_loaded_links.py": "what all modules of the room see as loaded",
}
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__"
)


def tests_of(module: str) -> list[Path]:
    """Return where the test of *module* may lie; checks may have a folder of mails, too."""
    folder, _, stem = module.rpartition("/")
    own = TESTS / folder / f"test_{stem}.py"
    return [own, TESTS / "corpus" / stem] if folder == "detection/checks" else [own]


tests_of.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", [m for m in MODULES if m.rpartition("/")[2] not in VALUES])
def test_every_module_has_a_test(module: str) -> None:
    assert any(path.exists() for path in tests_of(module))


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=name)
def test_every_test_has_its_module(path: Path) -> None:
    place = path.relative_to(TESTS).as_posix()
    module = place.replace("test_", "", 1) if "/" not in place else place.replace("/test_", "/")

    assert (PACKAGE / module).exists() or place in BESIDE or place.partition("/")[0] in BESIDE


@pytest.mark.parametrize("place", BESIDE)
def test_no_exception_outlives_its_reason(place: str) -> None:
    module = place.replace("/test_", "/")

    assert (TESTS / place).exists()
    assert not (place.endswith(".py") and (PACKAGE / module).exists())


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_no_path_of_somebodys_machine(path: Path) -> None:
    assert MACHINE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", MARKDOWN, ids=name)
def test_links_between_pages_work(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text())

    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", MARKDOWN, ids=name)
def test_pages_name_only_make_targets_that_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", path.read_text(), re.MULTILINE))

    assert named - targets == set()


def test_make_runs_only_what_exists() -> None:
    tools = set(re.findall(r"\btools/[\w.-]+", MAKEFILE))

    assert [tool for tool in sorted(tools) if not (ROOT / tool).is_file()] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_can_be_run_and_parsed(path: Path) -> None:
    shell = path.read_text().splitlines()[0].removeprefix("#!")

    assert os.access(path, os.X_OK)
    assert shell in ("/bin/sh", "/bin/bash")
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


def test_continuous_integration_runs_make_test() -> None:
    assert (ROOT / ".ci/run").read_text().splitlines()[-1].split()[-2:] == ["make", "test"]


def test_the_wheel_carries_the_data(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build set is not installed: make setup")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        env=os.environ | {"HATCH_METADATA_CLASSIFIERS_NO_VERIFY": "1"},
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("brands", "lists", "lures"):
        shipped = [path for path in (ROOT / "config" / folder).iterdir() if path.is_file()]
        assert shipped
        assert {f"phish_milter/data/{folder}/{path.name}" for path in shipped} <= packed
    assert not [entry for entry in packed if entry.startswith(("tests", "milter"))]
