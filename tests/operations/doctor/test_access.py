"""Rights of somebody else, computed from modes and held against what the kernel says."""

import os
import subprocess
from pathlib import Path

import pytest

from phish_milter.operations.doctor.access import Account, Right, refusal

OTHER = "nobody"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory that everybody can reach."""
    for directory in (tmp_path, *tmp_path.parents):
        if directory.owner() == "root" and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o755)
    return tmp_path


@needs_root
@pytest.mark.parametrize("owner", ["root", OTHER])
@pytest.mark.parametrize("mode", [0o000, 0o044, 0o400, 0o440, 0o444, 0o604, 0o700, 0o711])
@pytest.mark.parametrize("above", [0o700, 0o711, 0o755, 0o744])
def test_what_is_computed_is_what_the_kernel_does(
    place: Path, owner: str, mode: int, above: int
) -> None:
    account = Account.named(OTHER)
    assert account
    directory = place / "d"
    directory.mkdir()
    file = directory / "f"
    file.write_text("x")
    os.chown(file, account.uid if owner == OTHER else 0, 0)
    file.chmod(mode)
    directory.chmod(above)

    real = subprocess.run(
        ["cat", file],
        check=False,
        capture_output=True,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    )

    assert (refusal(file, account, Right.READ) == "") == (real.returncode == 0)


@needs_root
def test_the_first_directory_that_refuses_is_named(place: Path) -> None:
    account = Account.named(OTHER)
    assert account
    (place / "closed" / "open").mkdir(parents=True)
    (place / "closed").chmod(0o700)

    told = refusal(place / "closed" / "open" / "file", account, Right.READ)

    assert told == f"nobody cannot enter {place}/closed (root:root, mode 0700)"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    me = Account.present()

    assert refusal(tmp_path / "a" / "b", me, Right.READ) == f"{tmp_path}/a does not exist"


@pytest.mark.parametrize("name", ["no-such-user", "a\0b", ""])
def test_no_such_user(name: str) -> None:
    assert Account.named(name) is None
