#!/usr/bin/env python3
"""Measure the CPU that verifying one mail costs, by size and number of 2048-bit signatures."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from phish_milter.authentication.model import Result
from phish_milter.authentication.verify import Evidence, Rules, authenticate
from phish_milter.dns.questions import Answer, Answers, Status
from phish_milter.message.model import Envelope, Message
from phish_milter.message.parse import parse
from support.signing import mail, record, sign

SIZES = (5_000, 41_000)
ROUNDS = 200
RULES = Rules(verify="always", domains=frozenset({"pypi.org"}))
KEYS = {
    (f"{selector}._domainkey.{domain}", "TXT"): Answer(Status.FOUND, (record(),))
    for selector, domain in (("k", "pypi.org"), ("s", "amazonses.com"))
}
EVIDENCE = Evidence(Answers(KEYS))
LINE = "Some words of an ordinary notice about a project, wrapped as mail is. \r\n"


def signed(size: int, signatures: int) -> bytes:
    """Return a notice of about *size* bytes that carries so many *signatures*."""
    raw = sign(mail("PyPI <noreply@pypi.org>", LINE * (size // len(LINE))))
    return sign(raw, "amazonses.com", selector="s") if signatures > 1 else raw


def milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call of *work*, averaged after a warm-up."""
    work()
    started = time.process_time()
    for _ in range(ROUNDS):
        work()
    return (time.process_time() - started) / ROUNDS * 1000


def verify(raw: bytes, message: Message, evidence: Evidence | None) -> bool:
    """Verify once, as a scanner does; returns whether every signature passed."""
    found = authenticate(raw, message, Envelope(), evidence, RULES, now=time.time())
    return bool(found.dkim) and all(one.result is Result.PASS for one in found.dkim)


def main() -> int:
    """Print a line per size; returns the exit status."""
    for size in SIZES:
        figures = []
        for signatures in (1, 2):
            raw = signed(size, signatures)
            message = parse(raw)
            if not verify(raw, message, EVIDENCE):
                print("a signature did not verify", file=sys.stderr)
                return 1
            cost = milliseconds(partial(verify, raw, message, EVIDENCE))
            figures.append(f"{signatures} signature(s) {cost:.2f} ms")
        plain = mail("Anna <anna@shop.example.com>", LINE * (size // len(LINE)))
        cost = milliseconds(partial(verify, plain, parse(plain), None))
        print(f"{size // 1000} kB: {', '.join(figures)}, ordinary mail {cost:.3f} ms CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
