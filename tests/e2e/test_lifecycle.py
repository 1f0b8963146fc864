"""Starting, reloading, failing and ending: what an operator and a bad day do to the service."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from support.daemon import Daemon, running
from support.milter_client import PROTOCOL, Answer, MilterClient, inserted

VERDICT = "X-Phish-Milter-Verdict"
FAULTS_OF_RELOADS = 'phish_milter_failures_total{stage="reload"}'
ENDED = os.WEXITED | os.WNOWAIT | os.WNOHANG


def _directory(path: Path) -> None:
    path.mkdir()


def _not_utf8(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def send(daemon: Daemon, order: str) -> Answer:
    with MilterClient(str(daemon.socket)) as client:
        client.connect()
        client.helo()
        return client.message((b"X-Order", b" " + order.encode()))


def verdict(answer: Answer) -> str:
    return inserted(answer).get(VERDICT, "")


class TestStart:
    def test_the_socket_has_its_mode_and_readiness_is_told(self, tmp_path: Path) -> None:
        with running(tmp_path) as daemon:
            assert daemon.socket.stat().st_mode & 0o777 == 0o666
            assert daemon.get("/healthz") == "alive\n"

        assert not daemon.socket.exists()
        assert daemon.wait() == 0

    def test_a_stale_socket_is_removed(self, tmp_path: Path) -> None:
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(tmp_path / "milter.sock"))
        stale.close()

        with running(tmp_path) as daemon:
            assert verdict(send(daemon, "tag"))

    def test_a_socket_that_somebody_answers_on_is_left_alone(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(tmp_path / "milter.sock"))
            other.listen()
            daemon = Daemon(tmp_path).start(wait=False)

            assert daemon.wait() == 1
            assert "another process answers on this socket" in daemon.log()
            assert (tmp_path / "milter.sock").is_socket()

    @pytest.mark.parametrize(
        ("text", "status", "complaint"),
        [
            ("[policy]\nceilling = 'tag'\n", 2, "ceilling"),  # a misspelt key
            ("[policy]\ntag = 'x'\n[scanner]\nworkers = -1\n", 2, "workers"),  # the second of two
            ("socket_group = 'no-such-group'\n", 1, "no-such-group"),  # found out late
        ],
    )
    def test_what_cannot_start_says_why_and_ends(
        self, tmp_path: Path, text: str, status: int, complaint: str
    ) -> None:
        daemon = Daemon(tmp_path, text).start(wait=False)

        assert daemon.wait() == status
        assert complaint in daemon.log()
        assert "Traceback" not in daemon.log()
        assert not daemon.socket.exists()

    def test_a_missing_directory_is_named(self, tmp_path: Path) -> None:
        daemon = Daemon(tmp_path)
        daemon.socket = tmp_path / "none/below/milter.sock"
        daemon.configure("")
        daemon.start(wait=False)

        assert daemon.wait() == 1
        assert f"directory {tmp_path / 'none'} does not exist" in daemon.log()

    def test_a_busy_metrics_port_is_told(self, tmp_path: Path) -> None:
        daemon = Daemon(tmp_path)
        with socket.socket() as other:
            other.bind(("127.0.0.1", daemon.metrics_port))
            other.listen()
            daemon.start(wait=False)

            assert daemon.wait() == 1
        assert f"127.0.0.1:{daemon.metrics_port}" in daemon.log()

    def test_systemd_is_kept_informed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(tmp_path / "notify"))
            manager.settimeout(30)
            monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
            monkeypatch.setenv("WATCHDOG_USEC", "400000")
            daemon = Daemon(tmp_path).start()
            try:
                assert manager.recv(99) == b"READY=1"
                assert manager.recv(99) == b"WATCHDOG=1"
                daemon.signal(signal.SIGHUP)
                said = [manager.recv(99) for _ in range(12)]
            finally:
                daemon.stop()
            while (word := manager.recv(99)) == b"WATCHDOG=1":
                pass

        words = [word for word in said if word != b"WATCHDOG=1"]
        assert words[0].startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert words[1:] == [b"READY=1"]
        assert word == b"STOPPING=1"


class TestMta:
    @pytest.mark.parametrize(
        ("version", "offered", "warnings"),
        [
            (6, PROTOCOL, 0),
            (4, 0x3FF, 1),  # milter_protocol = 4: may skip steps, never sees the leading space
            (2, 0x7F, 1),
        ],
    )
    def test_an_old_protocol_is_warned_of_once(
        self, tmp_path: Path, version: int, offered: int, warnings: int
    ) -> None:
        with running(tmp_path) as daemon:
            for _ in range(3):
                with MilterClient(str(daemon.socket), offered, version) as client:
                    client.connect()
                    client.helo()
                    assert verdict(client.message((b"X-Order", b"tag")))

            assert daemon.log().count("milter_protocol = 6") == warnings

    def test_silence_is_visible(self, tmp_path: Path) -> None:
        connection = "phish_milter_last_connection_timestamp_seconds"
        message = "phish_milter_last_message_timestamp_seconds"
        with running(tmp_path) as daemon:
            MilterClient(str(daemon.socket)).close()  # a probe: no client of the MTA behind it
            assert (daemon.metric(connection), daemon.metric(message)) == (0, 0)
            start = time.time()
            with MilterClient(str(daemon.socket)) as client:
                client.connect()
                connected = daemon.metric(connection)
                assert start <= connected <= time.time()
                assert daemon.metric(message) == 0
                client.helo()
                client.message((b"X-Order", b"tag"))

            assert connected <= daemon.metric(message) <= time.time()
            assert daemon.metric(connection) == connected


class TestReload:
    def test_a_good_file_takes_over_while_messages_run(self, tmp_path: Path) -> None:
        with running(tmp_path) as daemon:
            assert verdict(send(daemon, "hold")).startswith(" action=tag; uncapped=quarantine")
            answers: list[Answer] = []
            runner = threading.Thread(target=lambda: answers.append(send(daemon, "nap")))
            runner.start()
            time.sleep(0.2)

            daemon.configure("[policy]\nceiling = 'reject'\n")
            daemon.signal(signal.SIGHUP)
            daemon.until(lambda: daemon.metric("phish_milter_config_generation") == 2)
            runner.join()

            assert verdict(send(daemon, "hold")).startswith(" action=quarantine")
            assert verdict(answers[0]) == " action=accept; uncapped=accept; score=0.0"

    def test_a_bad_file_is_refused_and_the_old_one_stays(self, tmp_path: Path) -> None:
        refused = 'phish_milter_reloads_total{result="failure"}'
        with running(tmp_path, "[policy]\nceiling = 'quarantine'\n") as daemon:
            daemon.configure("[policy]\nceiling = 'everything'\n[scanner]\nworkers = 'x'\n")
            daemon.signal(signal.SIGHUP)
            daemon.until(lambda: daemon.metric(refused) == 1)

            assert verdict(send(daemon, "hold")).startswith(" action=quarantine")
            assert daemon.metric("phish_milter_config_generation") == 1
            assert daemon.log().count("reload refused") == 2

    def test_no_process_of_an_old_configuration_stays(self, tmp_path: Path) -> None:
        with running(tmp_path, "[scanner]\nworkers = 1\n") as daemon:
            for generation in (2, 3, 4):
                daemon.signal(signal.SIGHUP)
                wanted = float(generation)
                daemon.until(
                    lambda wanted=wanted: daemon.metric("phish_milter_config_generation") == wanted
                )
            daemon.until(lambda: len(daemon.workers()) == 1)

    def test_no_fault_ends_the_reloads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PHISH_MILTER_TEST_PLACE", str(tmp_path))
        generation, last = (
            f"phish_milter_config_{name}" for name in ("generation", "last_reload_successful")
        )
        daemon = Daemon(tmp_path, build="faulty").start()
        try:
            for count in (1, 2):
                (tmp_path / "fault").touch()
                daemon.configure("[policy]\nceiling = 'reject'\n")
                daemon.signal(signal.SIGHUP)
                daemon.until(lambda count=count: daemon.metric(FAULTS_OF_RELOADS) == count)
                assert (daemon.metric(last), daemon.metric(generation)) == (0, count)
                assert verdict(send(daemon, "hold"))

                (tmp_path / "fault").unlink()
                daemon.signal(signal.SIGHUP)
                daemon.until(lambda count=count: daemon.metric(generation) == count + 1)
                assert daemon.metric(last) == 1
            assert verdict(send(daemon, "hold")).startswith(" action=quarantine")
        finally:
            daemon.stop()

    @pytest.mark.parametrize("break_it", [_directory, _not_utf8], ids=["directory", "not_utf8"])
    def test_a_file_that_is_none_is_refused_and_a_good_one_taken_later(
        self, tmp_path: Path, break_it: Callable[[Path], None]
    ) -> None:
        with running(tmp_path) as daemon:
            daemon.config.unlink()
            break_it(daemon.config)
            daemon.signal(signal.SIGHUP)
            daemon.until(lambda: daemon.metric("phish_milter_config_last_reload_successful") == 0)
            daemon.config.rename(tmp_path / "broken")
            daemon.configure("")
            daemon.signal(signal.SIGHUP)
            daemon.until(lambda: daemon.metric("phish_milter_config_last_reload_successful") == 1)

            assert daemon.metric("phish_milter_config_generation") == 2
            assert "Traceback" not in daemon.log()


class TestFaults:
    @pytest.mark.parametrize(
        ("on_failure", "code", "header"),
        [
            ("accept", "a", " action=accept; failure=deadline"),
            ("tag", "a", " action=tag; failure=deadline"),
            ("defer", "y", ""),
        ],
    )
    @pytest.mark.parametrize("order", ["sleep", "spin"])
    def test_a_stuck_scan_is_answered_as_configured(
        self, tmp_path: Path, order: str, on_failure: str, code: str, header: str
    ) -> None:
        text = (
            f"[policy]\non_failure = '{on_failure}'\n[scanner]\ndeadline_seconds = 0.5\n"
            "[dns]\ntimeout_seconds = 0.2\n"
        )
        with running(tmp_path, text) as daemon:
            answer = send(daemon, order)
            after = send(daemon, "")

            assert (answer.code, verdict(answer)) == (code, header)
            assert answer.text.startswith("451 4.7.1 ") == (code == "y")
            assert verdict(after) == " action=accept; uncapped=accept; score=0.0"
            assert daemon.metric('phish_milter_failures_total{stage="deadline"}') == 1
            assert "queue_id=QUEUEID1" in daemon.log()

    def test_killed_scanners_are_replaced(self, daemon: Daemon) -> None:
        for _ in range(3):
            for worker in daemon.workers():
                os.kill(worker, signal.SIGKILL)

            assert send(daemon, "tag").code == "a"
            daemon.until(lambda: verdict(send(daemon, "tag")).startswith(" action=tag"))

    def test_a_scanner_killed_at_work_costs_its_message_only(self, daemon: Daemon) -> None:
        answers: list[Answer] = []
        runner = threading.Thread(target=lambda: answers.append(send(daemon, "sleep")))
        runner.start()
        time.sleep(0.5)
        for worker in daemon.workers():
            os.kill(worker, signal.SIGKILL)
        runner.join()

        assert verdict(answers[0]) == " action=accept; failure=crash"
        assert verdict(send(daemon, "tag")).startswith(" action=tag")

    def test_reports_to_role_addresses_pass_even_then(self, tmp_path: Path) -> None:
        text = "[policy]\non_failure = 'defer'\n[site]\nrole_addresses = ['b@example.net']\n"
        with running(tmp_path, text) as daemon:
            assert verdict(send(daemon, "raise")) == " action=accept; failure=scanner"


class TestEnd:
    def test_what_is_in_flight_is_finished(self, daemon: Daemon) -> None:
        with MilterClient(str(daemon.socket)) as client:
            client.connect()
            client.mail()
            client.rcpt()
            daemon.signal(signal.SIGTERM)
            daemon.until(lambda: not _answers(daemon))
            client.header(b"X-Order", b" nap")
            client.end_of_headers()
            client.body(b"x")
            answer = client.end()

        assert verdict(answer).startswith(" action=accept; uncapped")
        assert daemon.wait() == 0

    @pytest.mark.parametrize("reloads", [0, 1])
    @pytest.mark.parametrize("pause", [0.0, 0.3, 1.0])
    def test_nobody_is_left_at_the_moment_it_ends(
        self, daemon: Daemon, reloads: int, pause: float
    ) -> None:
        assert daemon.process
        for _ in range(reloads):
            daemon.signal(signal.SIGHUP)
            time.sleep(pause)
        seen = set(daemon.processes())
        daemon.signal(signal.SIGTERM)
        # Not reaped yet: what is below it now is what a service manager would find.
        while os.waitid(os.P_PID, daemon.process.pid, ENDED) is None:
            seen |= set(daemon.processes())
        left = [pid for pid in seen if Path(f"/proc/{pid}").exists()]

        assert len(seen) >= 4, "fork server, its helper, spawner, scanners"
        assert left == []
        assert daemon.wait() == 0
        assert "Traceback" not in daemon.log()

    def test_nobody_is_left_when_the_service_is_killed(self, daemon: Daemon) -> None:
        runner = threading.Thread(target=_ignore_end, args=(daemon, "spin"))
        runner.start()
        time.sleep(0.5)
        workers = daemon.workers()
        daemon.signal(signal.SIGKILL)
        runner.join()

        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() for pid in workers):
            assert time.monotonic() < deadline, "scanner processes survive the service"
            time.sleep(0.1)


def _answers(daemon: Daemon) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(daemon.socket)) == 0


def _ignore_end(daemon: Daemon, order: str) -> None:
    with suppress(OSError):
        send(daemon, order)
