"""Alerts, dashboard and metrics endpoint, judged by a real Prometheus."""

import itertools
import json
import math
import os
import re
import subprocess
import threading
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.dns.questions import LookupResult
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.message.model import Envelope
from phish_milter.observability.metrics import (
    LOOKUPS,
    SKIPPED,
    STAGES,
    Metrics,
)
from phish_milter.observability.metrics_server import MetricsServer
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)
from phish_milter.policy.outcome import Outcome, Scan, Stage
from support.prometheus import CONFIG, Prometheus, needs_prometheus, promtool, running

DASHBOARD = json.loads((CONFIG / "grafana/dashboard.json").read_text())
ALERTS = CONFIG / "prometheus/alerts.yml"
HOLD_QUEUE = CONFIG / "prometheus/hold-queue.sh"
MONITORING = CONFIG.parent / "docs/monitoring.md"
BRANDS = ("acme", "globex")
SYMBOLS = ("NAME_CLAIM", "LOOKALIKE_FROM")

# What Grafana puts in the place of its variables.
GRAFANA = {"$__rate_interval": "30s", "$__range": "1m", "$instance": ".*"}
PATIENCE_SECONDS = 40


def queries() -> list[tuple[str, str]]:
    """Return title and expression of everything the dashboard asks."""
    panels = [
        (panel["title"], target["expr"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ]
    notes = [(note["name"], note["expr"]) for note in DASHBOARD["annotations"]["list"]]
    return panels + notes


def metric_names() -> set[str]:
    """Return the names of all metrics, as Prometheus stores counters."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in Metrics(BRANDS, SYMBOLS).registry.collect()
    }


def outcomes() -> Iterator[Outcome]:
    """Return messages of every kind."""
    symbol = Symbol("LOOKALIKE_FROM", Role.CONTRADICTION, "", 4.0, "sender")
    scored = (ScoredFinding(Finding(symbol, "", "acme"), 4.0),)
    found = Authentication(
        Result.PASS, (DkimResult("a.example", Result.PASS),), Result.PASS, Result.NONE, "own"
    )
    scan = Scan((), authentication=found, seconds=dict.fromkeys(STAGES[:-1], 0.001))
    for action in Action:
        for word in BrandVerdictWord:
            verdict = Verdict(action, action, 4.0, (BrandVerdict("acme", word, 4.0),), scored)
            yield Outcome("4Q1", Envelope(), verdict, scan, seconds=0.005)
    for stage in Stage:
        yield Outcome("4Q1", Envelope(), verdict, None, stage, seconds=10.0)


def work(metrics: Metrics, stop: threading.Event) -> None:
    """Count something of everything until *stop*."""
    metrics.watch_lookups(lambda: False, lambda: 7)
    for generation in itertools.count(1):
        if stop.wait(0.2):
            return
        metrics.connected()
        for outcome in outcomes():
            metrics.record(outcome)
        for kind, result in itertools.product(LOOKUPS, LookupResult):
            metrics.lookup(kind, result, 0.01)
        for reason in SKIPPED:
            metrics.skipped(reason)
        metrics.reload(ok=True, generation=generation, workers=2)


def hold_queue_page(directory: Path) -> ThreadingHTTPServer:
    """Serve what hold-queue.sh writes, as node_exporter would."""
    (directory / "hold").mkdir()
    (directory / "hold/4Qheld").write_text("mail")
    subprocess.run(
        [HOLD_QUEUE, directory / "hold.prom"],
        env=os.environ | {"QUEUE_DIRECTORY": str(directory)},
        check=True,
    )
    handler = partial(_Silent, directory=str(directory))
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Yield a Prometheus that scrapes a metrics endpoint where something happens."""
    metrics = Metrics(BRANDS, SYMBOLS)
    metrics.loaded(1, workers=2)
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: True)
    hold = hold_queue_page(tmp_path_factory.mktemp("queue"))
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=(metrics, stop)),
        threading.Thread(target=hold.serve_forever, args=(0.1,)),
    ]
    for thread in threads:
        thread.start()
    jobs = {
        "phish-milter": (server.address, "/metrics"),
        "node": (f"127.0.0.1:{hold.server_port}", "/hold.prom"),
    }
    try:
        with running(tmp_path_factory.mktemp("prometheus"), jobs, [ALERTS]) as it:
            yield it
    finally:
        stop.set()
        hold.shutdown()
        hold.server_close()
        for thread in threads:
            thread.join()
        server.close()


@pytest.mark.prometheus
@needs_prometheus
@pytest.mark.parametrize(
    ("title", "expression"), queries(), ids=[f"{i}-{q[0]}" for i, q in enumerate(queries())]
)
def test_every_query_of_the_dashboard_returns_data(
    prometheus: Prometheus, title: str, expression: str
) -> None:
    for name, value in GRAFANA.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, title

    until = time.monotonic() + PATIENCE_SECONDS  # a rate needs two scrapes
    values: list[float] = []
    while not values and time.monotonic() < until:
        values = [value for value in prometheus.values(expression) if not math.isnan(value)]
        time.sleep(0 if values else 0.3)

    assert values, f"{title}: {expression} returns nothing"


@pytest.mark.prometheus
@needs_prometheus
def test_prometheus_loads_the_alerts_and_evaluates_them(prometheus: Prometheus) -> None:
    def groups() -> list[dict[str, object]]:
        data = prometheus.get("rules")
        assert isinstance(data, dict)
        return [rule for group in data["groups"] for rule in group["rules"]]

    until = time.monotonic() + PATIENCE_SECONDS
    while any(rule["health"] == "unknown" for rule in groups()) and time.monotonic() < until:
        time.sleep(0.2)

    assert {rule["health"] for rule in groups()} == {"ok"}


@pytest.mark.prometheus
@needs_prometheus
@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_is_content(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ALERTS.parent)

    result = promtool(*command)

    assert result.returncode == 0, result.stdout


@pytest.mark.prometheus
@needs_prometheus
def test_promtool_likes_our_metrics() -> None:
    metrics = Metrics(BRANDS, SYMBOLS)
    server = MetricsServer("127.0.0.1:0", metrics.registry, lambda: True)
    try:
        with urllib.request.urlopen(f"http://{server.address}/metrics", timeout=5) as answer:
            page = answer.read().decode()
    finally:
        server.close()

    result = promtool("check", "metrics", stdin=page)

    assert "phish_milter_messages_total" in page
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.prometheus
@needs_prometheus
def test_promtool_likes_the_hold_queue(tmp_path: Path) -> None:
    (tmp_path / "hold").mkdir()

    result = promtool("check", "metrics", stdin=hold_queue(tmp_path))

    assert (result.returncode, result.stdout) == (0, "")


def hold_queue(directory: Path) -> str:
    return subprocess.check_output(
        [HOLD_QUEUE], env=os.environ | {"QUEUE_DIRECTORY": str(directory)}, text=True
    )


@pytest.mark.parametrize(
    ("ages", "count", "oldest"),
    [
        ((), 0, 0),  # nothing on hold
        ((2000, 1000, 3000), 3, 1000),
    ],
)
def test_hold_queue(tmp_path: Path, ages: tuple[int, ...], count: int, oldest: int) -> None:
    (tmp_path / "hold/A").mkdir(parents=True)  # as with hash_queue_names
    for age in ages:
        file = tmp_path / f"hold/A/{age}"
        file.touch()
        os.utime(file, (age, age))

    page = hold_queue(tmp_path)

    assert f"\npostfix_hold_queue_messages {count}\n" in page
    assert f"\npostfix_hold_queue_oldest_timestamp_seconds {oldest}\n" in page


def test_a_queue_that_is_not_there_is_not_an_empty_one(tmp_path: Path) -> None:
    target = tmp_path / "out.prom"
    target.write_text("old")
    result = subprocess.run(
        [HOLD_QUEUE, target],
        env=os.environ | {"QUEUE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        check=False,
    )

    assert result.returncode == 1
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    "file", ["prometheus/alerts.yml", "prometheus/alerts_test.yml", "grafana/dashboard.json"]
)
def test_alerts_and_dashboard_name_only_what_exists(file: str) -> None:
    named = set(re.findall(r"\bphish_milter_\w+", (CONFIG / file).read_text()))

    known = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert known <= metric_names()


@pytest.mark.parametrize(
    "name", sorted(name for name in metric_names() if name.startswith("phish_milter_"))
)
def test_every_metric_is_documented(name: str) -> None:
    assert f"`{name}" in MONITORING.read_text()


@pytest.mark.parametrize("alert", re.findall(r"alert: (\w+)", ALERTS.read_text()))
def test_every_alert_is_tested_and_documented(alert: str) -> None:
    assert f"alertname: {alert}" in (ALERTS.parent / "alerts_test.yml").read_text()
    assert f"`{alert}`" in MONITORING.read_text()


def test_shipped_settings_listen_where_prometheus_looks() -> None:
    settings = tomllib.loads((CONFIG / "phish-milter.toml").read_text())
    listen = settings.get("metrics", {}).get("listen", "127.0.0.1:9479")

    assert f'"{listen}"' in (ALERTS.parent / "prometheus.yml").read_text()
