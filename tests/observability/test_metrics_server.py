"""What the metrics server answers, to whom, and that nobody holds it up."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from phish_milter.observability.metrics import Metrics
from phish_milter.observability.metrics_server import MetricsServer


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(("acme", "globex"), ("LOOKALIKE_FROM", "NAME_CLAIM"))


@pytest.fixture
def server(metrics: Metrics) -> Iterator[MetricsServer]:
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: True)
    yield server
    server.close()


def get(address: str, path: str, method: str = "GET") -> tuple[int, str, str]:
    """Return status, content type and body."""
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.getheader("Content-Type", ""), body


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/metrics", 200, "# HELP phish_milter_messages_total "),
        ("/metrics?x=1", 200, "# HELP phish_milter_messages_total "),
        ("/healthz", 200, "alive\n"),
        ("/readyz", 200, "ready\n"),
        ("/", 404, "try /metrics"),
    ],
)
def test_pages(server: MetricsServer, path: str, status: int, body: str) -> None:
    answer = get(server.address, path)

    assert answer[0] == status
    assert answer[1].startswith("text/plain")
    assert body in answer[2]


def test_head_has_no_body_and_other_methods_are_refused(server: MetricsServer) -> None:
    assert get(server.address, "/metrics", "HEAD")[::2] == (200, "")
    assert get(server.address, "/metrics", "POST")[0] == 501


def test_readyz_follows_the_service(metrics: Metrics) -> None:
    state = {"ready": False}
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: state["ready"])
    try:
        assert get(server.address, "/readyz")[0] == 503
        assert get(server.address, "/healthz")[0] == 200
        state["ready"] = True
        assert get(server.address, "/readyz")[0] == 200
    finally:
        server.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_address(metrics: Metrics) -> None:
    try:
        server = MetricsServer("[::1]:0", metrics.registry, lambda: True)
    except OSError as error:
        pytest.skip(f"no IPv6 loopback: {error}")
    try:
        assert server.address.startswith("[::1]:")
        assert get(server.address, "/healthz")[0] == 200
    finally:
        server.close()


def test_a_taken_address_is_an_os_error(metrics: Metrics, server: MetricsServer) -> None:
    with pytest.raises(OSError, match="in use"):
        MetricsServer(server.address, metrics.registry, lambda: True)


def test_a_silent_client_holds_up_neither_others_nor_the_end(metrics: Metrics) -> None:
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: True)
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host, int(port))):
        assert get(server.address, "/healthz")[0] == 200
        server.close()

    with pytest.raises(OSError, match="refused"):
        get(server.address, "/healthz")


def test_close_twice(metrics: Metrics) -> None:
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: True)
    server.close()
    server.close()
