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
    "cli/options": "cli/test_main.py",
    "cli/serve": "e2e/test_lifecycle.py",
    "detection/checks/block_list": "scanning/test_domain_lookups.py",
    "detection/checks/domain_facts": "scanning/test_domain_lookups.py",
    "authentication/signed_parts": "authentication/test_dkim.py",
    "authentication/dkim_keys": "authentication/test_dkim.py",
    "authentication/tag_list": "authentication/test_results_header.py",
    "authentication/canonical": "authentication/test_dkim.py",
    "detection/checks/origin_proof": "authentication/test_matrix.py",
    "operations/doctor/configuration": "cli/test_check_config.py",
    "daemon/response": "e2e/test_dialogs.py",
    "detection/explanation": "cli/test_explain.py",
    "daemon/gateway": "e2e/test_dialogs.py",
    "daemon/handler": "e2e/test_dialogs.py",
    "evaluation/html_style": "evaluation/test_html_report.py",
    "scanning/origin_lookups": "authentication/test_matrix.py",
    "links/attachments/budget": "links/attachments/test_register.py",
    "links/attachments/calendar": "links/attachments/test_register.py",
    "links/attachments/svg": "links/attachments/test_register.py",
    "links/attachments/pdf": "links/attachments/test_register.py",
    "links/attachments/qr": "links/attachments/test_register.py",
    "scanning/runtime": "e2e/test_lifecycle.py",
    "dns/cache": "dns/test_resolver.py",
    "message/defects": "message/test_parse.py",
    "daemon/systemd": "e2e/test_lifecycle.py",
    "detection/lures/phrases": "detection/lures/test_matcher.py",
    "scanning/scanner": "corpus/test_golden.py",
    "daemon/service": "e2e/test_lifecycle.py",
    "settings/load": "settings/test_model.py",
    "settings/validation": "settings/test_model.py",
    "settings/types": "settings/test_model.py",
    "settings/encoding": "settings/test_model.py",
    "settings/tree": "settings/test_model.py",
    "daemon/listener": "e2e/test_lifecycle.py",
    "scanning/pipeline": "authentication/test_matrix.py",
    "daemon/transaction": "e2e/test_dialogs.py",
    "detection/derive": "corpus/test_golden.py",
    "scanning/spawner": "scanning/test_pool.py",
    "scanning/worker": "scanning/test_pool.py",
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
    return TESTS / "corpus" / stem if folder == "detection/checks" else own


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
