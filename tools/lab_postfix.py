"""
A private, real Postfix in a temporary directory, and a sink that takes what it delivers.

Nothing of the system's Postfix is used but its programs: configuration, queue, log and
ports are our own, on loopback.  Tests and the demonstration share it.
"""

import os
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DAEMONS = Path("/usr/lib/postfix/sbin")
COMMANDS = Path("/usr/sbin")
START_SECONDS = 20.0
WAIT_SECONDS = 20.0
POLL_SECONDS = 0.05

# Like Debian's own, without chroot and without what delivers to local users.
# Pickup looks every second, not every minute: nothing tells it of re-queued mail.
MASTER_CF = """\
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 1 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
"""


# Recipients that the sink does not take yet.
LATER = "later@"


def missing() -> str:
    """Return why no private Postfix can run here, "" when one can."""
    if os.geteuid() != 0:
        return "a private Postfix needs root"
    if not (DAEMONS / "master").exists() or not (COMMANDS / "postfix").exists():
        return "Postfix is not installed"
    return ""


def free_port() -> int:
    """Return a loopback port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message that arrived at the sink."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    data: bytes

    def headers(self, name: str) -> list[str]:
        """Return the unfolded values of every field called *name*."""
        header = self.data.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")
        unfolded = re.sub(r"\r\n[ \t]+", " ", header)
        found = re.findall(
            rf"^{re.escape(name)}:[ \t]*(.*?)\r?$", unfolded, re.IGNORECASE | re.MULTILINE
        )
        return [str(value) for value in found]


class Sink:
    """A small SMTP server on a loopback port that remembers every message."""

    def __init__(self) -> None:
        self.messages: list[Delivered] = []
        self._arrived = threading.Condition()
        self._server = _SinkServer(("127.0.0.1", 0), _SinkHandler)
        self._server.sink = self
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def add(self, message: Delivered) -> None:
        """Remember *message*."""
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()

    def wait(self, marker: str, seconds: float = WAIT_SECONDS) -> Delivered:
        """Return the first message with *marker* in it, waiting until it arrives."""
        found: list[Delivered] = []

        def arrived() -> bool:
            found[:] = [m for m in self.messages if marker.encode() in m.data]
            return bool(found)

        with self._arrived:
            if not self._arrived.wait_for(arrived, seconds):
                raise TimeoutError(f"no message with {marker!r} was delivered")
        return found[0]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _SinkServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    sink: Sink


class _SinkHandler(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 for Postfix as a client; mail to `LATER` has to wait."""

    server: _SinkServer

    def handle(self) -> None:
        self._say("220 sink.example ESMTP")
        sender = ""
        recipients: list[str] = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == b"MAIL":
                sender, recipients = _path(line), []
                self._say("250 ok")
            elif verb == b"RCPT" and _path(line).startswith(LATER):
                self._say("450 4.2.0 later")
            elif verb == b"RCPT":
                recipients.append(_path(line))
                self._say("250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                self.server.sink.add(Delivered(sender, tuple(recipients), self._data()))
                self._say("250 ok")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


def _path(line: bytes) -> str:
    return line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]


@dataclass(frozen=True, slots=True)
class Queued:
    """One message in the queue."""

    queue_id: str
    held: bool


class PrivatePostfix:
    """
    One instance below *root*, which must be readable by Postfix' own user.

    Args:
        root: Directory for configuration, queue, data and log.
        milter: Socket of the milter in Postfix' notation, "" for none.
        sink_port: Where mail for example.net goes.
        settings: Further parameters of main.cf.

    Attributes:
        port: Where it speaks SMTP, on 127.0.0.1.
        directory: Its configuration, for ``postqueue -c`` and the like.
        log_file: What it logs.

    """

    def __init__(
        self, root: Path, milter: str, sink_port: int, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self.directory, self.log_file = root / "etc", root / "log" / "mail.log"
        for directory in (self.directory, root / "queue", root / "data", root / "log"):
            directory.mkdir(mode=0o755)
        shutil.chown(root / "data", "postfix")
        values = _main_cf(root, milter, sink_port) | dict(settings or {})
        lines = [f"{key} = {value}\n" for key, value in values.items()]
        (self.directory / "main.cf").write_text("".join(lines))
        smtpd = f"127.0.0.1:{self.port} inet n - n - - smtpd\n"
        (self.directory / "master.cf").write_text(smtpd + MASTER_CF)

    def start(self) -> None:
        """Start and wait until it answers; raises RuntimeError with its complaint."""
        done = self._command("postfix", "start")
        deadline = time.monotonic() + START_SECONDS
        while done.returncode == 0 and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"Postfix does not start: {done.stdout}{done.stderr}{self.log()}")

    def stop(self) -> None:
        """Stop at once."""
        self._command("postfix", "abort")

    def set(self, **settings: str) -> None:
        """Change parameters of main.cf and reload."""
        self._command("postconf", *(f"{key}={value}" for key, value in settings.items()))
        self._command("postfix", "reload")

    def log(self) -> str:
        """Return what Postfix logged."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def queue(self) -> list[Queued]:
        """Return what is in the queue."""
        lines = self._command("postqueue", "-p").stdout.splitlines()
        entries = [re.match(r"([0-9A-Za-z]{6,20})([*!#]?)\s", line) for line in lines]
        return [Queued(entry[1], entry[2] == "!") for entry in entries if entry]

    def show(self, queue_id: str) -> str:
        """Return the message *queue_id* as it lies in the queue."""
        return self._command("postcat", "-q", queue_id).stdout

    def release(self, queue_id: str) -> None:
        """Let a held message go."""
        self._command("postsuper", "-H", queue_id)
        self._command("postqueue", "-i", queue_id)

    def requeue(self, queue_id: str) -> None:
        """Queue a message anew, as if sendmail(1) had just handed it over."""
        self._command("postsuper", "-r", queue_id)

    def submit(self, recipient: str, message: bytes) -> None:
        """Hand over a message by sendmail(1), that is not by SMTP."""
        program = [COMMANDS / "sendmail", "-C", self.directory, "-i", recipient]
        subprocess.run(program, input=message, check=True, timeout=60)

    def _command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # MAIL_CONFIG and the like must not lead to the system's instance.
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(
            [COMMANDS / name, "-c", self.directory, *arguments],
            env=clean,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=60,
        )


def _main_cf(root: Path, milter: str, sink_port: int) -> dict[str, str]:
    # default_action=accept: a filter that is down must not hold up mail.
    chain = f"{{ {milter}, default_action=accept, connect_timeout=5s, content_timeout=40s }}"
    return {
        "compatibility_level": "3.6",
        "queue_directory": f"{root}/queue",
        "data_directory": f"{root}/data",
        "command_directory": f"{COMMANDS}",
        "daemon_directory": f"{DAEMONS}",
        "mail_owner": "postfix",
        "setgid_group": "postdrop",
        "maillog_file": f"{root}/log/mail.log",
        "maillog_file_prefixes": f"{root}",
        "myhostname": "mx.example.net",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8 [::1]/128",
        "alias_maps": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "all",
        "smtpd_peername_lookup": "no",
        "smtp_host_lookup": "native",
        "relay_domains": "example.net",
        "relay_transport": f"smtp:[127.0.0.1]:{sink_port}",
        "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
        "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
        "local_header_rewrite_clients": "",
        "notify_classes": "",
        "smtputf8_enable": "yes",
        "smtpd_milters": chain if milter else "",
    }


@contextmanager
def private_postfix(
    milter: str, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[PrivatePostfix, Sink]]:
    """Run a private Postfix that delivers to a sink; both are gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="phish-milter-postfix-"))
    root.chmod(0o755)
    sink = Sink()
    postfix = PrivatePostfix(root, milter, sink.port, settings)
    try:
        postfix.start()
        yield postfix, sink
    finally:
        postfix.stop()
        sink.close()
        shutil.rmtree(root, ignore_errors=True)


def make_certificate(directory: Path) -> Path:
    """Make a self-signed certificate with its key in one file, and return its path."""
    path = directory / "postfix.pem"
    subject = ["-subj", "/CN=mx.example.net", "-days", "2", "-nodes"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    keys = ["-keyout", f"{directory}/key.pem", "-out", f"{directory}/cert.pem"]
    subprocess.run([*new, *subject, *keys], check=True, capture_output=True)
    path.write_bytes(b"".join((directory / f"{n}.pem").read_bytes() for n in ("key", "cert")))
    return path
