"""
Run a command under the system call filter of a systemd unit, without systemd.

usage: sandbox.py UNIT COMMAND...

Knows SystemCallFilter, MemoryDenyWriteExecute, RestrictAddressFamilies, UMask and empty
capability sets, which is what can make a service fail in ways its tests do not show.
"""

import ctypes
import errno
import mmap
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

# From libseccomp's seccomp.h.
ALLOW = 0x7FFF0000
DENY = 0x00050000 | errno.EPERM
MASKED_EQUAL = 7
NATIVE_ONLY = -1
SHM_EXEC = 0o100000
# From prctl(2); more capabilities than there are yet do no harm.
PR_CAPBSET_DROP = 24
LAST_CAPABILITY = 63

Unit = Mapping[str, Sequence[str]]


class Comparison(ctypes.Structure):
    """``struct scmp_arg_cmp``: argument number, operator and two operands."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def read_unit(path: Path) -> Unit:
    """Return the settings of a unit file, each with its values in order."""
    unit: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(), re.MULTILINE):
        unit.setdefault(name, []).append(value)
    return unit


def system_calls(words: Sequence[str]) -> set[str]:
    """Return the names that *words* stand for, groups such as @timer resolved."""
    names = set()
    for word in words:
        if word.startswith("@"):
            shown = subprocess.check_output(["systemd-analyze", "syscall-filter", word], text=True)
            names |= system_calls(re.findall(r"^ +(@?[a-z0-9_-]+)$", shown, re.MULTILINE))
        else:
            names.add(word)
    return names


def allowed(unit: Unit) -> set[str]:
    """Apply the lines of SystemCallFilter one after the other."""
    names = system_calls(["@default"])
    for line in unit["SystemCallFilter"]:
        if line.startswith("~"):
            names -= system_calls(line[1:].split())
        else:
            names |= system_calls(line.split())
    return names


def conditions(name: str, unit: Unit) -> Iterator[Comparison | None]:
    """Yield what one argument of call *name* must be; a call matches if any holds."""
    if name == "socket":
        for family in unit["RestrictAddressFamilies"][0].split():
            yield Comparison(0, MASKED_EQUAL, 0xFFFFFFFF, getattr(socket, family))
    elif unit.get("MemoryDenyWriteExecute") != ["yes"]:
        yield None
    elif name == "mmap":
        yield Comparison(2, MASKED_EQUAL, mmap.PROT_EXEC, 0)
        yield Comparison(2, MASKED_EQUAL, mmap.PROT_WRITE, 0)
    elif name in ("mprotect", "pkey_mprotect"):
        yield Comparison(2, MASKED_EQUAL, mmap.PROT_EXEC, 0)
    elif name == "shmat":
        yield Comparison(2, MASKED_EQUAL, SHM_EXEC, 0)
    else:
        yield None


def confine(unit: Unit) -> None:
    """Confine this process and everything it starts; raises OSError."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(DENY))
    for name in allowed(unit):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number <= NATIVE_ONLY:
            continue  # not on this architecture
        for condition in conditions(name, unit):
            rules = (Comparison * 1)(condition) if condition else None
            count = 1 if condition else 0
            failed = library.seccomp_rule_add_array(context, ALLOW, number, count, rules)
            if failed:
                raise OSError(-failed, f"seccomp rule for {name}")
    os.umask(int(unit["UMask"][0], 8))
    if library.seccomp_load(context):
        raise OSError("seccomp_load")


def drop_capabilities() -> None:
    """Empty the bounding set: root without capabilities from the next program on."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in range(LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def main(path: str, *command: str) -> None:
    """Become *command*."""
    unit = read_unit(Path(path))
    if unit.get("CapabilityBoundingSet") == [""]:
        drop_capabilities()
    confine(unit)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
