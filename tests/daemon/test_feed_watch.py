import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from phish_milter.daemon.feed_watch import FeedWatch
from phish_milter.links.feeds.feed_set import FeedState
from phish_milter.settings.model import Settings

PATIENCE_SECONDS = 5.0


class Heard:
    def __init__(self) -> None:
        self.states: Sequence[FeedState] = ()
        self.problems: list[str] = []
        self.faults: list[Exception] = []
        self.watch = FeedWatch(self._show, self.problems.append, self.faults.append, seconds=0.01)

    def _show(self, states: Sequence[FeedState]) -> None:
        self.states = states

    def counts(self) -> dict[str, int]:
        return {state.name: state.entries for state in self.states}


@pytest.fixture
def heard() -> Iterator[Heard]:
    listener = Heard()
    yield listener
    listener.watch.close()


def settings(**paths: Path) -> Settings:
    feeds = tuple({"name": name, "path": str(path)} for name, path in paths.items())
    return Settings.model_validate({"feeds": feeds}, context={"directory": Path("/")})


def soon(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_shows_what_is_in_force_and_how_old_it_is(heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("bad.com\nworse.com\n")

    heard.watch.use(settings(a=path))

    soon(lambda: heard.counts() == {"a": 2})
    assert heard.states[0].modified == pytest.approx(path.stat().st_mtime)


def test_sees_a_file_change(heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("bad.com\n")
    heard.watch.use(settings(a=path))
    soon(lambda: heard.counts() == {"a": 1})

    path.write_text("bad.com\nworse.com\n")

    soon(lambda: heard.counts() == {"a": 2})


def test_complains_once(heard: Heard, tmp_path: Path) -> None:
    heard.watch.use(settings(a=tmp_path / "none.txt"))
    soon(lambda: bool(heard.problems))
    time.sleep(0.1)  # several more looks

    assert len(heard.problems) == 1
    assert "none.txt" in heard.problems[0]


def test_a_reload_brings_other_feeds(heard: Heard, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("bad.com\n")
    heard.watch.use(settings(a=tmp_path / "a"))
    soon(lambda: heard.counts() == {"a": 1})

    heard.watch.use(settings(b=tmp_path / "b"))

    soon(lambda: heard.counts() == {"b": 1})


def test_a_watch_that_never_ran_can_be_closed() -> None:
    Heard().watch.close()


def test_a_fault_costs_one_look_and_is_told(heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("bad.com\n")
    gone = Settings.model_validate(
        {"feeds": ({"name": "a", "path": str(path)},), "brands": {"enabled": ("no-such-brand",)}},
        context={"directory": Path("/")},
    )

    heard.watch.use(gone)
    soon(lambda: bool(heard.faults))
    heard.watch.use(settings(a=path))

    soon(lambda: heard.counts() == {"a": 1})
