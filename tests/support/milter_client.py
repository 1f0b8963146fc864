"""A small synchronous client of the milter protocol (version 6): plays the MTA, step by step."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

ACTIONS = 0x1FF
PROTOCOL = 0x1FFFFF
NO_REPLY = {
    "C": 0x1000,
    "H": 0x2000,
    "M": 0x4000,
    "R": 0x8000,
    "T": 0x10000,
    "L": 0x80,
    "N": 0x40000,
    "B": 0x80000,
}
SKIPPED = {"C": 0x1, "H": 0x2, "M": 0x4, "R": 0x8, "B": 0x10, "L": 0x20, "N": 0x40, "T": 0x200}
FINAL = "acrdty"
CHUNK = 65535


@dataclass
class Answer:
    """The last word of the milter about a step: its code, its text, the edits before it."""

    code: str
    text: str = ""
    edits: list[tuple[str, bytes]] = field(default_factory=list)


class MilterClient:
    """One connection, as an MTA would hold it for one SMTP session."""

    def __init__(self, address: str, protocol: int = PROTOCOL, version: int = 6) -> None:
        if address.startswith("/"):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(address)
        else:
            host, _, port = address.rpartition(":")
            self._socket = socket.create_connection((host, int(port)))
        self._socket.settimeout(30)
        self._file = self._socket.makefile("rb")
        self._send("O", struct.pack(">III", version, ACTIONS, protocol))
        _, data = self._read()
        self.version, self.actions, self.protocol = struct.unpack(">III", data[:12])
        self.symbols = data[12:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self._send("Q")
        self._file.close()
        self._socket.close()

    def connect(self, ip: str = "192.0.2.7", family: str = "4") -> Answer:
        where = b"" if family == "U" else struct.pack(">H", 40000) + ip.encode() + b"\0"
        return self._step("C", b"client.example.org\0" + family.encode() + where)

    def helo(self, name: bytes = b"client.example.org") -> Answer:
        return self._step("H", name + b"\0")

    def mail(self, sender: bytes = b"<a@example.org>", **macros: str) -> Answer:
        return self._step("M", sender + b"\0", {f"{{{k}}}": v for k, v in macros.items()})

    def rcpt(self, recipient: bytes = b"<b@example.net>") -> Answer:
        return self._step("R", recipient + b"\0")

    def data(self) -> Answer:
        return self._step("T", b"", {"i": "QUEUEID1"})

    def header(self, name: bytes, value: bytes) -> Answer:
        return self._step("L", name + b"\0" + value + b"\0")

    def end_of_headers(self) -> Answer:
        return self._step("N")

    def body(self, chunk: bytes) -> Answer:
        return self._step("B", chunk)

    def end(self) -> Answer:
        self._send("D", b"Ei\0QUEUEID1\0")
        self._send("E")
        edits: list[tuple[str, bytes]] = []
        while True:
            code, data = self._read()
            if code in FINAL:
                return Answer(code, data.rstrip(b"\0").decode("utf-8", "replace"), edits)
            edits.append((code, data))

    def abort(self) -> None:
        self._send("A")

    def message(
        self,
        *fields: tuple[bytes, bytes],
        body: bytes = b"text\r\n",
        sender: bytes = b"<a@b.example>",
    ) -> Answer:
        """Send one whole message from MAIL to its end."""
        steps = [self.mail(sender), self.rcpt(), self.data()]
        steps += [self.header(name, value) for name, value in fields]
        steps.append(self.end_of_headers())
        steps += [self.body(body[at : at + CHUNK]) for at in range(0, len(body), CHUNK)]
        early = [answer for answer in steps if answer.code != "c"]
        return early[0] if early else self.end()

    def _step(self, code: str, data: bytes = b"", macros: dict[str, str] | None = None) -> Answer:
        if self.protocol & SKIPPED.get(code, 0):
            return Answer("c")
        if macros:
            pairs = "".join(f"{name}\0{value}\0" for name, value in macros.items())
            self._send("D", code.encode() + pairs.encode())
        self._send(code, data)
        if self.protocol & NO_REPLY.get(code, 0):
            return Answer("c")
        answer, text = self._read()
        return Answer(answer, text.rstrip(b"\0").decode("utf-8", "replace"))

    def _send(self, code: str, data: bytes = b"") -> None:
        self._socket.sendall(struct.pack(">I", len(data) + 1) + code.encode() + data)

    def _read(self) -> tuple[str, bytes]:
        head = self._file.read(4)
        if len(head) < 4:
            raise ConnectionError("the milter closed the connection")
        data = self._file.read(struct.unpack(">I", head)[0])
        return data[:1].decode(), data[1:]


def inserted(answer: Answer) -> dict[str, str]:
    """Return the header fields that *answer* inserts at the top, by name."""
    found = {}
    for code, data in answer.edits:
        if code == "i":
            name, value = data[4:].rstrip(b"\0").split(b"\0", 1)
            found[name.decode()] = value.decode()
    return found


def deleted(answer: Answer) -> list[tuple[str, int]]:
    """Return name and index of the fields that *answer* deletes, in order."""
    found = []
    for code, data in answer.edits:
        if code == "m":
            name, value = data[4:].split(b"\0", 1)
            if value == b"\0":
                found.append((name.decode(), struct.unpack(">I", data[:4])[0]))
    return found
