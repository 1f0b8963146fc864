"""What every test of a command starts from."""

from pathlib import Path

import pytest

from support.commands import FAKE, PLAIN


@pytest.fixture(name="box")
def _box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with two mails, and no configuration file on this system."""
    monkeypatch.setattr("phish_milter.settings.load.DEFAULT_PATH", tmp_path / "none.toml")
    (tmp_path / "plain.eml").write_bytes(PLAIN.replace(b"\n", b"\r\n"))
    (tmp_path / "fake.eml").write_bytes(FAKE.replace(b"\n", b"\r\n"))
    return tmp_path
