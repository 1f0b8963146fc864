"""The small HTTP server that shows the figures and says whether we are well."""

import socket
import socketserver
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

# A client that says nothing for so long is cut off; Prometheus' own limit is 10 s.
CLIENT_SECONDS = 10.0
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Pages:
    """What the server shows: path to status, content type and body."""

    registry: CollectorRegistry
    ready: Callable[[], bool]

    def get(self, path: str, accept: str) -> tuple[HTTPStatus, str, bytes]:
        if path == "/metrics":
            encode, content_type = choose_encoder(accept)
            return HTTPStatus.OK, content_type, encode(self.registry)
        if path == "/healthz":
            return _text(HTTPStatus.OK, "alive")
        if path == "/readyz":
            if self.ready():
                return _text(HTTPStatus.OK, "ready")
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, "not ready")
        return _text(HTTPStatus.NOT_FOUND, "try /metrics, /healthz or /readyz")


def _text(status: HTTPStatus, line: str) -> tuple[HTTPStatus, str, bytes]:
    return status, "text/plain; charset=utf-8", f"{line}\n".encode()


class MetricsServer:
    """
    A running metrics server, in a thread of its own; ``close()`` ends it.

    Args:
        listen: Where, ``HOST:PORT`` or ``[IPV6]:PORT``; port 0 means any free one.
        registry: The figures.
        ready: ``/readyz`` says 503 while it returns False.

    Raises:
        OSError: The address cannot be had.

    Attributes:
        address: Where it listens, as ``HOST:PORT`` or ``[IPV6]:PORT``, with the real port.
    """

    def __init__(self, listen: str, registry: CollectorRegistry, ready: Callable[[], bool]) -> None:
        host, _, port = listen.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        self._http = _Http((host, int(port)), _Pages(registry, ready))
        host, bound = self._http.socket.getsockname()[:2]
        self.address = f"[{host}]:{bound}" if ":" in host else f"{host}:{bound}"
        self._thread = Thread(
            target=self._http.serve_forever, args=(POLL_SECONDS,), name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening; harmless when done before."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    """The standard server, for both address families and without asking DNS."""

    daemon_threads = True
    block_on_close = False  # a silent client must not hold up our end

    def __init__(self, address: tuple[str, int], pages: _Pages) -> None:
        self.pages = pages
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own would look up the host's name, which can hang for seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away is not worth a line in a mail log."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = CLIENT_SECONDS
    server_version = "phish-milter"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        status, content_type, body = self.server.pages.get(path, self.headers.get("Accept", ""))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the names are those of HTTP's methods

    def log_message(self, *_: object) -> None:
        """Say nothing about each scrape."""
