"""A system whose resolvers cannot be used: what start and reload make of it."""

import signal
from pathlib import Path

import pytest

from support.daemon import Daemon

GENERATION = "phish_milter_config_generation"
LAST = "phish_milter_config_last_reload_successful"
FAULTS = 'phish_milter_failures_total{stage="reload"}'
ADVICE = "no nameserver can be used"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (None, "resolv.conf: cannot be read: No such file or directory"),
        (b"nameserver localhost\n", "line 1: nameserver must be an IP address"),
        (b"nameserver fe80::1\n", "line 1: nameserver is link-local"),
        (b"# caf\xe9\n", "resolv.conf: names no nameserver"),
    ],
)
def test_without_a_resolver_it_does_not_start_and_says_why(
    tmp_path: Path, data: bytes | None, complaint: str
) -> None:
    resolv_conf = tmp_path / "resolv.conf"
    if data is not None:
        resolv_conf.write_bytes(data)
    daemon = Daemon(tmp_path, resolv_conf=resolv_conf).start(wait=False)

    assert daemon.wait() == 2
    assert complaint in daemon.log()
    assert ADVICE in daemon.log()
    assert "Traceback" not in daemon.log()


def test_resolvers_that_settings_name_need_no_other(tmp_path: Path) -> None:
    text = '[dns]\nnameservers = ["127.0.0.1"]\n'
    daemon = Daemon(tmp_path, text, resolv_conf=tmp_path / "none").start()

    assert daemon.stop() == 0


def test_a_reload_without_resolvers_is_refused_and_later_ones_work(tmp_path: Path) -> None:
    resolv_conf = tmp_path / "resolv.conf"
    resolv_conf.write_bytes(b"# caf\xe9\nnameserver localhost\nnameserver 127.0.0.1\n")
    daemon = Daemon(tmp_path, resolv_conf=resolv_conf).start()
    try:
        assert "line 2: nameserver must be an IP address" in daemon.log()

        resolv_conf.unlink()
        for count in (1, 2):
            daemon.signal(signal.SIGHUP)
            daemon.until(lambda count=count: daemon.log().count(ADVICE) == count)
        daemon.until(lambda: daemon.metric(LAST) == 0)
        assert "resolv.conf: cannot be read" in daemon.log()
        assert (daemon.metric(GENERATION), daemon.metric(FAULTS)) == (1, 0)  # refused, not failed

        resolv_conf.write_text("nameserver 127.0.0.1\n")
        daemon.signal(signal.SIGHUP)
        daemon.until(lambda: daemon.metric(GENERATION) == 2)
        assert daemon.metric(LAST) == 1
        assert "Traceback" not in daemon.log()
    finally:
        daemon.stop()
