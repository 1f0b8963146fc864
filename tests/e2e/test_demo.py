"""The demonstration does what it promises: right for every sample, and nothing left behind."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support.postfix import lab_postfix

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tools" / "samples"

pytestmark = pytest.mark.e2e


def test_every_sample_is_listed_once() -> None:
    listed = [row["file"] for row in json.loads((SAMPLES / "samples.json").read_text())]

    assert sorted(listed) == sorted(path.name for path in SAMPLES.glob("*.eml"))


def test_once() -> None:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="demo-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "demo.py", "--once"],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": name},
        )

        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("refused: 550") == 3
        assert list(directory.iterdir()) == []
