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
# What is tested as part of something larger, where it can be seen to work.
EXERCISED_BY = {
    "checks/block_list": "test_late.py",
    "checks/domain_facts": "test_late.py",
    "authentication/coverage": "authentication/test_signatures.py",
    "authentication/keys": "authentication/test_signatures.py",
    "authentication/tags": "authentication/test_results.py",
    "authentication/wire": "authentication/test_signatures.py",
    "checks/origin_proof": "authentication/test_matrix.py",
    "check_config": "test_cli.py",
    "edits": "e2e/test_dialogs.py",
    "explain": "test_cli.py",
    "gateway": "e2e/test_dialogs.py",
    "handler": "e2e/test_dialogs.py",
    "html_style": "test_html_report.py",
    "inquiry": "authentication/test_matrix.py",
    "links/budget": "links/test_attachments.py",
    "links/calendar": "links/test_attachments.py",
    "links/drawing": "links/test_attachments.py",
    "links/pdf": "links/test_attachments.py",
    "links/qr": "links/test_attachments.py",
    "live": "e2e/test_lifecycle.py",
    "lookup_cache": "test_lookups.py",
    "message/defects": "message/test_parse.py",
    "notify": "e2e/test_lifecycle.py",
    "phrases": "test_lures.py",
    "scanner": "corpus/test_golden.py",
    "service": "e2e/test_lifecycle.py",
    "settings_checks": "test_settings.py",
    "settings_types": "test_settings.py",
    "settings_text": "test_settings.py",
    "settings_tree": "test_settings.py",
    "sockets": "e2e/test_lifecycle.py",
    "street": "authentication/test_matrix.py",
    "transaction": "e2e/test_dialogs.py",
    "understand": "corpus/test_golden.py",
    "worker": "test_pool.py",
}
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__"
)


def test_of(module: str) -> Path:
    """Return the test file or folder that a module must have."""
    folder, _, stem = module.rpartition("/")
    own = TESTS / folder / f"test_{stem}.py"
    if module in EXERCISED_BY and not own.exists():
        return TESTS / EXERCISED_BY[module]
    return TESTS / "corpus" / stem if folder == "checks" else own


test_of.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", [m for m in MODULES if m.rpartition("/")[2] not in VALUES])
def test_every_module_has_a_test(module: str) -> None:
    assert test_of(module).exists()


def test_no_excuse_outlives_its_module() -> None:
    assert set(EXERCISED_BY) - set(MODULES) == set()


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
