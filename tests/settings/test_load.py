"""From a file to settings: defaults, faults of the file, relative paths, the sample."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.settings.load import SettingsError, load_settings, parse_settings
from phish_milter.settings.model import Settings

FILE = Path("/etc/mail/filter.toml")
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "config" / "phish-milter.toml"
NOT_UTF_8 = "line 1: byte 0xff is not UTF-8 text"
MAIN = "[policy]\nceiling = 'quarantine'\n"


def test_an_empty_file_means_the_defaults() -> None:
    assert parse_settings("", FILE, SYMBOLS) == Settings()


def test_without_any_file_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phish_milter.settings.load.DEFAULT_PATH", Path("/nonexistent/file.toml"))

    assert load_settings(None, SYMBOLS) == Settings()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Path.exists, "no such file"),  # makes nothing
        (Path.mkdir, "cannot be read: Is a directory"),
        (partial(Path.write_bytes, data=b"a = '\xff'"), f"{NOT_UTF_8}; save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, make: Callable[[Path], object], expected: str
) -> None:
    path = tmp_path / "settings.toml"
    make(path)

    with pytest.raises(SettingsError) as caught:
        load_settings(path, SYMBOLS)

    assert caught.value.problems == (f"{path}: {expected}",)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path, line_end: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(MAIN.replace("\n", line_end).encode("utf-8-sig"))

    assert load_settings(path, SYMBOLS).policy.ceiling == "quarantine"


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("socket = 'unix:run/x.sock'\n[brands]\ndirectories = ['packs', '/abs']\n")

    settings = load_settings(path, SYMBOLS)

    assert settings.socket == f"unix:{tmp_path}/run/x.sock"
    assert settings.brands.directories == (tmp_path / "packs", Path("/abs"))


def test_settings_and_errors_cross_process_borders() -> None:
    settings = parse_settings("[scores]\nLOOKALIKE_LINK = 2\n[policy]\nceiling = 'reject'", FILE)
    error = SettingsError(("one", "two"))

    assert pickle.loads(pickle.dumps(settings)) == settings
    assert pickle.loads(pickle.dumps(error)).problems == ("one", "two")


def test_the_sample_is_what_the_code_says() -> None:
    command = [sys.executable, str(ROOT / "tools" / "sample_config.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_sample_as_shipped_changes_nothing() -> None:
    assert load_settings(SAMPLE, SYMBOLS) == Settings()


def test_the_sample_lists_every_default() -> None:
    text = SAMPLE.read_text("utf-8")
    settings = "\n".join(
        line.removeprefix("#") if line[:2] != "# " else line for line in text.splitlines()
    )

    assert settings.count(" = ") > 25
    assert parse_settings(settings, SAMPLE, SYMBOLS) == Settings()
