#!/usr/bin/env python3
"""
Show phish-milter at work behind a private, real Postfix, with sample mails.

Starts both in a temporary directory on unprivileged loopback ports, sends the samples
through SMTP, prints what happened to each, and keeps running until Ctrl-C, so that you
can send your own.  Nothing of it remains afterwards.
"""

import argparse
import json
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab_postfix import PrivatePostfix, Sink, free_port, missing, private_postfix

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "config" / "phish-milter.toml"
SAMPLES = Path(__file__).resolve().parent / "samples"
START_SECONDS = 60.0
ANSWER_SECONDS = 15.0
POLL_SECONDS = 0.1
RECIPIENT = "dev@example.net"
OUTSIDE = "198.51.100.99"

# Width of the table where there is no terminal, as in a log of continuous integration.
PAPER = 110

STYLES = {"accept": "green", "tag": "yellow", "quarantine": "magenta", "reject": "red"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail with its envelope; *expect* is ``delivered``, ``stopped`` or "" for no matter."""

    path: Path
    title: str
    client: str = OUTSIDE
    helo: str = "mail.example.org"
    mail_from: str = "sender@example.org"
    expect: str = ""

    @classmethod
    def load(cls) -> list["Sample"]:
        """Return the samples that come with the demonstration."""
        rows = json.loads((SAMPLES / "samples.json").read_text())
        return [cls(SAMPLES / row.pop("file"), **row) for row in rows]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one sample."""

    sample: Sample
    fate: str
    line: dict[str, object]

    @property
    def right(self) -> bool:
        """Whether the sample got what it should."""
        stopped = not self.fate.startswith("delivered")
        return not self.sample.expect or stopped == (self.sample.expect == "stopped")


class Filter:
    """phish-milter itself, with the shipped configuration and the ceiling raised."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "milter.sock"
        self.metrics = f"127.0.0.1:{free_port()}"
        self.log = directory / "phish-milter.log"
        self.config = directory / "phish-milter.toml"
        self.config.write_text(self._configuration())
        self._process: subprocess.Popen[bytes] | None = None

    def _configuration(self) -> str:
        """Return the shipped file with what the demonstration changes, table by table."""
        text = f'socket = "unix:{self.socket}"\nsocket_mode = "666"\n\n{SHIPPED.read_text()}'
        changes = {
            "site": 'authserv_id = "mx.example.net"\ndomains = ["example.net"]',
            "authentication": 'trusted_authserv_ids = ["upstream.example.net"]',
            "policy": 'ceiling = "reject"',
            "metrics": f'listen = "{self.metrics}"',
            "log": 'format = "json"',
        }
        for table, lines in changes.items():
            text = text.replace(f"\n[{table}]\n", f"\n[{table}]\n{lines}\n", 1)
        return text

    def start(self) -> None:
        """Start and wait until it is ready; raises RuntimeError with its log."""
        program = Path(sys.executable).with_name("phish-milter")
        command = [str(program), "serve", "--config", str(self.config)]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C is for us, and we stop things in order.
            self._process = subprocess.Popen(command, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._ready():
                return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"phish-milter does not start:\n{self.log.read_text()}")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.metrics}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def pid(self) -> int:
        """Process id of the service."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """Let it finish and end it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def lines(self) -> list[dict[str, object]]:
        """Return its log lines about messages, as written so far."""
        complete = [line for line in self.log.read_text().splitlines() if line.endswith("}")]
        rows = [json.loads(line[line.index("{") :]) for line in complete if "{" in line]
        return [row for row in rows if row.get("event") == "message"]

    def line(self, queue_id: str) -> dict[str, object]:
        """Return the line about one message, waiting for it."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            for row in self.lines():
                if row.get("queue_id") == queue_id:
                    return row
            time.sleep(POLL_SECONDS)
        return {}


@dataclass(frozen=True, slots=True)
class Lab:
    """Everything that runs."""

    filter: Filter
    postfix: PrivatePostfix
    sink: Sink

    def result(self, sample: Sample) -> Result:
        """Send one sample and see what became of it."""
        code, text = send(self.postfix.port, sample)
        queue_id = text.rpartition("id " if code >= 400 else "as ")[2].strip(" )")
        line = self.filter.line(queue_id)
        return Result(sample, self._fate(code, text, queue_id), line)

    def _fate(self, code: int, text: str, queue_id: str) -> str:
        if code >= 400:
            return f"refused: {code} {text.partition(' ')[0]}"
        if any(entry.held for entry in self.postfix.queue() if entry.queue_id == queue_id):
            return "accepted, on hold"
        try:
            message = self.sink.wait(f"id {queue_id}")
        except TimeoutError:
            return "lost"
        marked = message.headers("X-Phish-Milter-Findings")
        return "delivered, with findings" if marked else "delivered"


def send(port: int, sample: Sample) -> tuple[int, str]:
    """Send *sample* as if it came from outside, and return Postfix' last answer."""
    data = sample.path.read_bytes()
    with smtplib.SMTP("127.0.0.1", port, local_hostname=sample.helo, timeout=60) as smtp:
        smtp.ehlo()
        smtp.docmd("XCLIENT", f"ADDR={sample.client} NAME={sample.helo} HELO={sample.helo}")
        smtp.ehlo()
        for command in (f"MAIL FROM:<{sample.mail_from}>", f"RCPT TO:<{RECIPIENT}>"):
            code, text = smtp.docmd(command)
            if code != 250:
                return code, text.decode(errors="replace")
        code, text = smtp.data(data)
        return code, text.decode(errors="replace")


@contextmanager
def laboratory() -> Iterator[Lab]:
    """Run the filter and a Postfix in front of it; both are gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="phish-milter-demo-"))
    directory.chmod(0o755)
    service = Filter(directory)
    try:
        service.start()
        with private_postfix(f"unix:{service.socket}") as (postfix, sink):
            yield Lab(service, postfix, sink)
    finally:
        service.stop()
        shutil.rmtree(directory, ignore_errors=True)


def table(results: list[Result]) -> Table:
    """Return the table of what happened; nothing from a message in it is taken for markup."""
    out = Table(title="What happened to the sample mails", title_justify="left", show_lines=True)
    for name, width in (("sample", 18), ("score", 5), ("action", 10), ("Postfix", 16)):
        out.add_column(name, min_width=width)
    out.add_column("reasons", ratio=1)
    out.add_column("")
    for result in results:
        line, action = result.line, str(result.line.get("action", "not scanned"))
        out.add_row(
            Text(result.sample.title),
            Text(str(line.get("score", "-")), justify="right"),
            Text(action, style=STYLES.get(action, "")),
            Text(result.fate),
            Text(_reasons(line)),
            Text("ok", "green") if result.right else Text("WRONG", "bold red"),
        )
    return out


def _reasons(line: dict[str, object]) -> str:
    brands, symbols = line.get("brands") or {}, line.get("symbols") or []
    if not isinstance(brands, dict) or not isinstance(symbols, list):
        return ""
    verdicts = [f"{brand}: {verdict}" for brand, verdict in brands.items()]
    return "\n".join([*verdicts, ", ".join(str(symbol) for symbol in symbols)]).strip() or "-"


def follow(lab: Lab, console: Console) -> None:
    """Tell about every further message until Ctrl-C."""
    shown = len(lab.filter.lines())
    while True:
        time.sleep(0.5)
        lines = lab.filter.lines()
        for line in lines[shown:]:
            reasons = _reasons(line).replace("\n", "; ")
            fields = (line["queue_id"], line["sender"], line["action"], line["score"], reasons)
            console.print(Text("  ".join(str(field) for field in fields)))
        shown = len(lines)


def hints(lab: Lab) -> str:
    """Return how to go on."""
    port, metrics = lab.postfix.port, lab.filter.metrics
    python = Path(sys.executable)
    return f"""
Send your own:   {python} tools/demo.py --send FILE.eml --port {port}
                 (as from {OUTSIDE}; add --client IP or --mail-from ADDRESS to change that)
Metrics:         http://{metrics}/metrics   also /healthz and /readyz
Held mail:       postqueue -c {lab.postfix.directory} -p
Log of Postfix:  {lab.postfix.log_file}
Configuration:   {lab.filter.config}   (after a change: kill -HUP {lab.filter.pid})
"""


def run(*, once: bool) -> int:
    """Run the demonstration and return the exit status."""
    console = Console(width=None if sys.stdout.isatty() else PAPER)
    if reason := missing():
        console.print(Text(f"demo: {reason}"))
        return 1
    console.print(Text("Starting phish-milter and a private Postfix ..."))
    with laboratory() as lab:
        results = [lab.result(sample) for sample in Sample.load()]
        console.print(table(results))
        if not once:
            console.print(Text(hints(lab)))
            console.print(Text("Running until Ctrl-C; further messages appear here."))
            follow(lab, console)
    return 0 if all(result.right for result in results) else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the table")
    parser.add_argument("--send", type=Path, metavar="FILE", help="send a mail to a running demo")
    parser.add_argument("--port", type=int, help="port of the running demo's Postfix")
    parser.add_argument("--client", default=OUTSIDE, help="address the mail seems to come from")
    parser.add_argument("--mail-from", default="sender@example.org", help="envelope sender")
    options = parser.parse_args()
    if options.send:
        if not options.port:
            parser.error("--send needs --port")
        sample = Sample(options.send, "", options.client, mail_from=options.mail_from)
        code, text = send(options.port, sample)
        sys.stdout.write(f"{code} {text}\n")
        return 0 if code == 250 else 1
    if os.geteuid() != 0 and shutil.which("sudo"):
        os.execvp("sudo", ["sudo", "-n", sys.executable, *sys.argv])  # noqa: S606 - no shell
    # Whoever ends us, nothing may stay behind.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        return run(once=options.once)
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
        return 0
    except RuntimeError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
