"""A name server on loopback that answers from a table and fails in the ways asked for."""

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

#: Records by name and type; "" as only value of a TXT is an empty string.
Zone = Mapping[str, Mapping[str, Sequence[str]]]
#: What goes wrong at and under a name.
FAULTS = (
    "silent",
    "servfail",
    "refused",
    "lame",
    "garbage",
    "slow",
    "truncated",
    "truncated-everywhere",
    "spoofed",
    "no-edns",
)
TTL = 60
SOA = "ns.test.invalid. hostmaster.test.invalid. 1 3600 600 86400 60"


@dataclass(slots=True)
class NameServer:
    """
    The table and the faults; both may be changed while it runs.

    Attributes:
        zone: What it knows; everything else does not exist.
        faults: Fault by domain, for the domain and all below it.
        asked: "name type" of every query that arrived, "tcp" added where it came by TCP.
        slow_seconds: Delay of ``slow``.
        ttl: TTL of every record.
        port: Where it listens on 127.0.0.1.
    """

    zone: Zone
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slow_seconds: float = 0.3
    ttl: int = TTL
    port: int = 0

    def fault(self, name: str) -> str:
        """Return the fault in force for *name*, "" when there is none."""
        while True:
            if name in self.faults:
                return self.faults[name]
            if not name:
                return ""
            name = name.partition(".")[2]

    def replies(self, wire: bytes, *, tcp: bool) -> list[bytes]:
        """Return what goes out in answer to *wire*, in order."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower().rstrip(".")
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}" + (" tcp" if tcp else ""))
        fault = self.fault(name)
        reply = self._reply(query, name, kind)
        if fault == "slow":
            time.sleep(self.slow_seconds)
        return self._broken(fault, query, reply, tcp=tcp)

    def _broken(
        self, fault: str, query: dns.message.Message, reply: dns.message.Message, *, tcp: bool
    ) -> list[bytes]:
        """Return *reply* as *fault* leaves it."""
        whole = self._fit(query, reply, tcp=tcp)
        broken = {
            "silent": [],
            "garbage": [query.to_wire()[:2] + b"\xff\xff\xff"],
            "spoofed": [_spoofed(whole), whole],
            "servfail": [_bare(query, "SERVFAIL").to_wire()],
            "refused": [_bare(query, "REFUSED").to_wire()],
            "lame": [_lame(query).to_wire()],
            "no-edns": [whole if query.edns < 0 else _bare(query, "FORMERR").to_wire()],
            "truncated": [whole if tcp else _truncated(query)],
            "truncated-everywhere": [_truncated(query)],
        }
        return broken.get(fault, [whole])

    def _reply(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        owner = name
        for _ in range(9):
            records = self.zone.get(owner, {})
            if kind in records:
                reply.answer.append(_rrset(owner, kind, records[kind], self.ttl))
                return reply
            if "CNAME" not in records:
                break
            reply.answer.append(_rrset(owner, "CNAME", records["CNAME"], self.ttl))
            owner = records["CNAME"][0].rstrip(".")
        if not any(known == owner or known.endswith("." + owner) for known in self.zone) and owner:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        reply.authority.append(_rrset("", "SOA", [SOA], self.ttl))
        return reply

    def _fit(self, query: dns.message.Message, reply: dns.message.Message, *, tcp: bool) -> bytes:
        wire = reply.to_wire(max_size=65535)
        return wire if tcp or len(wire) <= max(512, query.payload) else _truncated(query)


def _rrset(name: str, kind: str, values: Sequence[str], ttl: int) -> dns.rrset.RRset:
    type_ = dns.rdatatype.from_text(kind)
    rrset = dns.rrset.RRset(dns.name.from_text(name), dns.rdataclass.IN, type_)
    for value in values:
        text = _txt(value) if kind == "TXT" else value
        rrset.add(dns.rdata.from_text("IN", kind, text), ttl)
    return rrset


def _txt(value: str) -> str:
    pieces = [value[i : i + 255] for i in range(0, len(value), 255)] or [""]
    return " ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in pieces)


def _bare(query: dns.message.Message, code: str) -> dns.message.Message:
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.from_text(code))
    return reply


def _lame(query: dns.message.Message) -> dns.message.Message:
    reply = dns.message.make_response(query)
    reply.authority.append(_rrset("", "NS", ["elsewhere.invalid."], TTL))
    return reply


def _truncated(query: dns.message.Message) -> bytes:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.TC | dns.flags.AA
    return reply.to_wire()


def _spoofed(reply: bytes) -> bytes:
    """Return an answer of somebody who guessed all but the id."""
    wire = bytearray(reply)
    wire[0] ^= 0xFF
    wire[3] = (wire[3] & 0xF0) | dns.rcode.NXDOMAIN
    return bytes(wire)


class _Udp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, sock = self.request
        for reply in self.server.names.replies(wire, tcp=False):  # type: ignore[attr-defined]
            sock.sendto(reply, self.client_address)


class _Tcp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        sock: socket.socket = self.request
        sock.settimeout(5)
        size = sock.recv(2, socket.MSG_WAITALL)
        if len(size) < 2:
            return
        wire = sock.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL)
        for reply in self.server.names.replies(wire, tcp=True):  # type: ignore[attr-defined]
            sock.sendall(struct.pack("!H", len(reply)) + reply)


class _UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that gave up are part of the tests."""


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that gave up are part of the tests."""


@contextmanager
def serving(names: NameServer) -> Iterator[NameServer]:
    """Serve *names* by UDP and TCP on 127.0.0.1, at its port or at a free one."""
    servers = _listen(names)
    for server in servers:
        server.names = names  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield names
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _listen(names: NameServer) -> list[socketserver.BaseServer]:
    """Listen at one port for both protocols; another process may hold the TCP side of it."""
    for _ in range(20):
        udp = _UdpServer(("127.0.0.1", names.port), _Udp)
        try:
            tcp = _TcpServer(("127.0.0.1", udp.server_address[1]), _Tcp)
        except OSError:
            udp.server_close()
            continue
        names.port = udp.server_address[1]
        return [udp, tcp]
    raise OSError("no port is free for both UDP and TCP")


def free_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
