#!/usr/bin/env python3
"""
Measure what one message costs: phish-milter beside a milter that does nothing, in one run.

usage: bench.py SHARED            CPU per message and latency, one and eight connections
       bench.py --soak SHARED     10,000 messages; in the middle a reload and a killed scanner

SHARED holds ``bench/milter_load.py``, which plays Postfix, and ``corpora/ham.tar.xz``, real mail.
"""

import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MAILS = 300
SOAK_MAILS = 10_000
START_SECONDS = 60.0
SOAK_ROUNDS = 5
# Growth in the second half that is no leak: pages shared since the fork become a scanner's own.
MOST_GROWTH = 1.25
METRICS = "127.0.0.1:9480"

# Asks for every stage, as we do, and looks at nothing.
NOOP = """
import sys, threading, Milter

class Nothing(Milter.Base):
    def eom(self): return Milter.ACCEPT
    def header(self, name, value): return Milter.CONTINUE
    def body(self, chunk): return Milter.CONTINUE

Milter.factory = Nothing
Milter.runmilter("nothing", sys.argv[1], 30)
"""


def children(pid: int) -> list[int]:
    """Return *pid* and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += children(int(child))
    return found


def memory(pid: int) -> int:
    """
    Return the memory of *pid* and everything below it, in kB.

    The proportional set size: scanners share most of their pages with what they were
    forked from, and resident sizes would count those once for each.
    """
    return sum(_share(process) for process in children(pid))


def _share(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it ended meanwhile
        return 0
    found = re.search(r"\nPss:\s+(\d+)", text)
    return int(found[1]) if found else 0


@contextmanager
def running(command: list[str | Path], ready: Callable[[], bool]) -> Iterator[int]:
    """Run *command* and yield its process id; it must end well on SIGTERM."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"{command[0]} does not start")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def answers(path: str) -> bool:
    """Return whether our metrics server says 200."""
    try:
        with urllib.request.urlopen(f"http://{METRICS}{path}", timeout=2):
            return True
    except OSError:
        return False


def load(shared: Path, socket: Path, connections: int, count: int, pids: list[int]) -> str:
    """Send *count* mails and return the line of figures."""
    mails = f"{socket.parent}/ham/*/*.eml"
    tool = shared / "bench/milter_load.py"
    arguments = [str(connections), str(count), ",".join(map(str, pids)), mails]
    return subprocess.check_output([sys.executable, tool, socket, *arguments], text=True).strip()


@contextmanager
def filters(directory: Path) -> Iterator[tuple[Path, int]]:
    """Yield socket and process id of a phish-milter with a strict configuration."""
    socket, config = directory / "filter.sock", directory / "filter.toml"
    config.write_text(
        f'socket = "unix:{socket}"\n[site]\ninternal_networks = []\n'
        f'[policy]\nceiling = "reject"\n[metrics]\nlisten = "{METRICS}"\n'
        '[authentication]\nverify = "never"\n'  # nobody here may ask for names in real mail
    )
    program = Path(sys.executable).parent / "phish-milter"
    command: list[str | Path] = [program, "serve", "--config", config]
    with running(command, lambda: answers("/readyz")) as pid:
        yield socket, pid


def bench(shared: Path, directory: Path) -> int:
    """Print the figures of both, with one connection and with eight."""
    nothing = directory / "nothing.sock"
    command: list[str | Path] = [sys.executable, "-c", NOOP, f"unix:{nothing}"]
    with running(command, nothing.exists) as idle, filters(directory) as (socket, pid):
        load(shared, socket, 2, MAILS, [])  # what is loaded on first use is loaded now
        for connections in (1, 8):
            print(f"no-op milter: {load(shared, nothing, connections, MAILS, [idle])}")
            print(f"phish-milter: {load(shared, socket, connections, MAILS, children(pid))}")
    return 0


def soak(shared: Path, directory: Path) -> int:
    """Print the figures of each round; 1 when a mail was lost or memory kept growing."""
    errors, sizes = [], []
    with filters(directory) as (socket, pid):
        load(shared, socket, 8, MAILS, [])
        for number in range(SOAK_ROUNDS):
            if number == 1:
                threading.Thread(target=trouble, args=(pid,), daemon=True).start()
            line = load(shared, socket, 8, SOAK_MAILS // SOAK_ROUNDS, [pid])
            sizes.append(memory(pid))
            print(f"{line}\n  memory {sizes[-1]} kB", flush=True)
            errors += re.findall(r"'([!ty])': (\d+)", line)
    grown = sizes[-1] / sizes[SOAK_ROUNDS // 2]
    print(f"memory in the second half: {grown:.2f} times")
    if errors or grown > MOST_GROWTH:
        print(f"failed: answers {errors}")
        return 1
    return 0


def trouble(pid: int) -> None:
    """Reload after a while, then kill a scanner."""
    time.sleep(1)
    os.kill(pid, signal.SIGHUP)
    print("reloading", flush=True)
    time.sleep(4)
    scanner = children(pid)[-1]
    os.kill(scanner, signal.SIGKILL)
    print("killed a scanner")


def main(arguments: list[str]) -> int:
    """Unpack the mails and measure."""
    work = soak if "--soak" in arguments else bench
    shared = Path(arguments[-1]).resolve()
    mails = shared / "corpora/ham.tar.xz"
    if not mails.is_file():
        sys.stderr.write(f"{mails}: no real mail here; nothing to measure\n")
        return 1
    with tempfile.TemporaryDirectory() as directory:
        with tarfile.open(mails) as archive:
            archive.extractall(directory, filter="data")
        return work(shared, Path(directory))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
