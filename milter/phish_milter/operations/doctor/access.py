"""
May the service's user use a file?  Computed from owner, group and mode, without becoming it.

Access control lists and what a unit's sandbox hides are not considered; root may do everything.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path


class Right(IntFlag):
    """Permission bits as in a mode, for one class of users."""

    ENTER = 1
    WRITE = 2
    READ = 4


# Names on the way and links together; the kernel follows forty links.
_MOST_STEPS = 1000
_WORDS = {Right.READ: "read", Right.WRITE: "write to", Right.ENTER: "enter"}


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the kernel sees it."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]

    @classmethod
    def named(cls, name: str) -> "Account | None":
        """Return the user *name* with all its groups, None where there is no such user."""
        try:
            entry = pwd.getpwnam(name)
        except (KeyError, ValueError):  # ValueError: a NUL byte
            return None
        groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, frozenset(groups))

    @classmethod
    def present(cls) -> "Account":
        """Return whoever runs this program."""
        uid, gid = os.geteuid(), os.getegid()
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = f"uid {uid}"
        return cls(name, uid, gid, frozenset({gid, *os.getgroups()}))


def refusal(path: Path, account: Account, wanted: Right) -> str:
    """
    Return why *account* has not the rights *wanted* at *path*, "" where it has.

    Every directory on the way has to be entered, those behind symbolic links too; the first one
    that refuses is named.
    """
    try:
        for step, is_last in _way(path.absolute()):
            found = step.lstat()
            missing = (wanted if is_last else Right.ENTER) & ~granted(found, account)
            if missing:
                what = " and ".join(word for right, word in _WORDS.items() if right & missing)
                return f"{account.name} cannot {what} {described(step, found)}"
    except FileNotFoundError as error:
        return f"{error.filename} does not exist"
    except PermissionError as error:
        return f"{error.filename} cannot be looked at by you; ask as root"
    except OSError as error:
        return f"{error.filename or path}: {error.strerror}"
    return ""


def _way(path: Path) -> Iterator[tuple[Path, bool]]:
    """Yield what is passed on the way to *path*, which is absolute, and whether it is the end."""
    at, pending = Path("/"), [*reversed(path.parts[1:])]
    yield at, not pending
    for _ in range(_MOST_STEPS):
        if not pending:
            return
        step = at / pending.pop()
        if step.name == ".." or not stat.S_ISLNK(step.lstat().st_mode):
            at = at.parent if step.name == ".." else step
            yield at, not pending
            continue
        target = step.readlink()
        pending += reversed(target.parts[1:] if target.is_absolute() else target.parts)
        at = Path("/") if target.is_absolute() else at
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def granted(found: os.stat_result, account: Account) -> Right:
    """Return what the mode in *found* lets *account* do; the first class that fits decides."""
    if account.uid == 0:
        return Right.READ | Right.WRITE | Right.ENTER
    if found.st_uid == account.uid:
        return Right(found.st_mode >> 6 & 7)
    if found.st_gid in account.groups:
        return Right(found.st_mode >> 3 & 7)
    return Right(found.st_mode & 7)


def described(path: Path, found: os.stat_result) -> str:
    """Return *path* with owner, group and mode."""
    owner, group = user_name(found.st_uid), group_name(found.st_gid)
    return f"{path} ({owner}:{group}, mode {stat.S_IMODE(found.st_mode):04o})"


def user_name(uid: int) -> str:
    """Return the name of *uid*, or the number: a container need not know all users."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the name of *gid*, or the number."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
