import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.pool import PoolLimits, ScanFailure, ScannerPool
from phish_milter.scanning.spawner import PoolError
from phish_milter.scanning.worker import Task
from support.scanners import OrderedScanner

ENVELOPE = Envelope(client_ip="192.0.2.9")
MEMORY = 400 * 1024 * 1024


@pytest.fixture
def pool() -> Iterator[ScannerPool]:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(2, MEMORY, 4))
    pool.start()
    yield pool
    pool.stop()


def scan(pool: ScannerPool, order: str = "", seconds: float = 20.0) -> Scan:
    raw = f"X-Order: {order}\r\n\r\n".encode()
    return pool.submit(Task(raw, ENVELOPE, None, time.monotonic() + seconds))


def pid(pool: ScannerPool) -> int:
    return int(scan(pool).defects[0])


def test_a_scan_crosses_both_ways(pool: ScannerPool) -> None:
    answer = scan(pool, "hold")

    assert [f.symbol.name for f in answer.findings] == ["TEST_CLAIM", "TEST_CONTRADICTION"]
    assert answer.defects[1] == "192.0.2.9"
    assert int(answer.defects[0]) != os.getpid()


@pytest.mark.parametrize(
    ("order", "seconds", "stage"),
    [
        ("sleep", 0.6, "deadline"),  # stuck where Python could be interrupted
        ("spin", 0.6, "deadline"),  # stuck in C with the interpreter lock held
        ("die", 20.0, "crash"),  # abort() as a broken C parser does
        ("eat", 20.0, "crash"),  # over the memory limit
        ("raise", 20.0, "scanner"),  # an exception that does not unpickle
        ("", -1.0, "deadline"),  # the time was used up before
    ],
)
def test_a_bad_scan_costs_one_message(
    pool: ScannerPool, order: str, seconds: float, stage: str
) -> None:
    with pytest.raises(ScanFailure) as failure:
        scan(pool, order, seconds)

    assert failure.value.stage == stage
    assert scan(pool).findings == ()


def test_a_killed_idle_worker_costs_nothing(pool: ScannerPool) -> None:
    for _ in range(4):
        os.kill(pid(pool), signal.SIGKILL)
        time.sleep(0.3)  # let the pool notice, which is when it breaks

        assert scan(pool).findings == ()


def test_waiting_counts_and_the_queue_is_bounded(pool: ScannerPool) -> None:
    stages: list[str] = []

    def run() -> None:
        try:
            scan(pool, "sleep", 1.5)
        except ScanFailure as failure:
            stages.append(failure.stage)

    threads = [threading.Thread(target=run) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # 2 run, 4 wait and run out of time, 3 find the queue full
    assert sorted(stages) == ["deadline"] * 6 + ["queue_full"] * 3
    assert scan(pool).findings == ()


def test_a_scanner_that_cannot_be_built_is_refused_with_its_reason() -> None:
    pool = ScannerPool(OrderedScanner, ("broken",), PoolLimits(1, MEMORY, 4))

    with pytest.raises(PoolError, match=r"broken\.toml: no such brand"):
        pool.start()


def test_drain_lets_a_running_scan_finish(pool: ScannerPool) -> None:
    answers: list[Scan] = []
    thread = threading.Thread(target=lambda: answers.append(scan(pool, "nap")))
    thread.start()
    time.sleep(0.2)
    pool.drain(10.0)
    thread.join()

    assert len(answers) == 1


def test_workers_die_with_the_pool() -> None:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(1, MEMORY, 4))
    pool.start()
    worker = pid(pool)
    pool.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_a_nursery_begun_while_the_pool_ends_is_ended() -> None:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(1, MEMORY, 4))
    pool.stop()  # finds no spawner to end; that is about to be made

    with pytest.raises(PoolError, match="being ended"):
        pool.start()
    assert not [child for child in active_children() if child.name == "spawner"]


def test_a_worker_killed_under_load_costs_its_message_only(pool: ScannerPool) -> None:
    failures: list[str] = []
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            try:
                scan(pool)
            except ScanFailure as failure:
                failures.append(failure.stage)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        os.kill(pid(pool), signal.SIGKILL)
        time.sleep(0.3)
    done.set()
    for thread in threads:
        thread.join()

    assert failures == ["crash"] * len(failures)
    assert len(failures) <= 5


def test_a_stopped_worker_is_killed_at_the_deadline(pool: ScannerPool) -> None:
    for worker in {pid(pool) for _ in range(20)}:
        os.kill(worker, signal.SIGSTOP)

    more_than_a_pipe_holds = b"x" * 5_000_000
    with pytest.raises(ScanFailure, match="deadline"):
        pool.submit(Task(more_than_a_pipe_holds, ENVELOPE, None, time.monotonic() + 0.5))

    assert scan(pool).findings == ()


def test_workers_are_recycled() -> None:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(1, MEMORY, 4, tasks=3))
    pool.start()
    workers = [pid(pool) for _ in range(9)]
    pool.stop()

    assert [workers.count(worker) for worker in dict.fromkeys(workers)] == [3, 3, 3]


def test_the_nursery_is_replaced_with_its_workers(pool: ScannerPool) -> None:
    parent = int(Path(f"/proc/{pid(pool)}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(parent, signal.SIGKILL)
    time.sleep(0.3)

    assert scan(pool).findings == ()
