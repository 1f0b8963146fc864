"""Small real scanners that do on demand what a scanner must never do."""

import ctypes
import os
import re
import time
from pathlib import Path

from phish_milter.findings import Finding, Role, Symbol
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan

CLAIM = Symbol("TEST_CLAIM", Role.CLAIM, "test", 5.0, "a")
CONTRADICTION = Symbol("TEST_CONTRADICTION", Role.CONTRADICTION, "test", 6.0, "b")
PROOF = Symbol("TEST_SECOND", Role.CONTRADICTION, "test", 6.0, "c")
SUSPICION = Symbol("TEST_SUSPICION", Role.SUSPICION, "test", 4.5, "d")
ORDERS = re.compile(rb"X-Order: ?(\w+)")


class HostileError(Exception):
    """An exception that pickles and cannot be unpickled."""

    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class OrderedScanner:
    """Does what the X-Order field of a message says."""

    def __init__(self, name: str = "pypi") -> None:
        if name == "broken":
            raise ValueError("brand pack broken.toml: no such brand")
        self.brand = name

    def warm(self) -> None:
        """Nothing is made on first use."""

    def scan(self, raw: bytes, envelope: Envelope, _evidence: object = None) -> Scan:
        found = ORDERS.search(raw)
        order = found.group(1).decode() if found else ""
        symbols = getattr(self, f"do_{order}", tuple)()
        findings = tuple(
            Finding(s, "evidence", None if s.role is Role.SUSPICION else self.brand)
            for s in symbols
        )
        return Scan(
            findings, scanned_bytes=len(raw), defects=(str(os.getpid()), envelope.client_ip)
        )

    def do_tag(self) -> tuple[Symbol, ...]:
        return (SUSPICION,)

    def do_hold(self) -> tuple[Symbol, ...]:
        return (CLAIM, CONTRADICTION)

    def do_reject(self) -> tuple[Symbol, ...]:
        return (CLAIM, CONTRADICTION, PROOF)

    def do_sleep(self) -> tuple[Symbol, ...]:
        time.sleep(60)
        return ()

    def do_nap(self) -> tuple[Symbol, ...]:
        time.sleep(0.5)
        return ()

    def do_spin(self) -> tuple[Symbol, ...]:
        # Holds the interpreter lock in C: no Python code can interrupt it.
        ctypes.PyDLL(None).sleep(60)
        return ()

    def do_die(self) -> tuple[Symbol, ...]:
        os.abort()

    def do_eat(self) -> tuple[Symbol, ...]:
        return ("x" * 10**10,)  # type: ignore[return-value]

    def do_raise(self) -> tuple[Symbol, ...]:
        raise HostileError(text="x")


def build(_settings: object) -> OrderedScanner:
    """What the service builds in its workers."""
    return OrderedScanner()


class FaultyBuild:
    """Is ``build``, but cannot be sent to the workers while there is a file ``fault``."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __call__(self, settings: object) -> OrderedScanner:
        return build(settings)

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        if (self._place / "fault").exists():
            raise LookupError("out of the blue")
        return FaultyBuild, (self._place,)


faulty = FaultyBuild(Path(os.environ.get("PHISH_MILTER_TEST_PLACE", "/nonexistent")))
