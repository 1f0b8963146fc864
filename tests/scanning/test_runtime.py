import threading
from typing import cast

import pytest

from phish_milter.scanning.origin_lookups import OriginLookups
from phish_milter.scanning.pool import ScannerPool
from phish_milter.scanning.runtime import ActiveRuntime, Runtime
from phish_milter.settings.model import Settings


def runtime(generation: int) -> Runtime:
    # Nobody looks inside here: who holds which runtime is all that is told apart.
    nothing = cast("ScannerPool", None), cast("OriginLookups", None)
    return Runtime(Settings(), *nothing, generation)


def test_a_lease_keeps_the_runtime_it_began_with() -> None:
    one, two = runtime(1), runtime(2)
    live = ActiveRuntime(one)
    with live.lease() as held:
        assert live.swap(two) is one
        assert held is one
        assert not live.wait_unused(one, 0)
        with live.lease() as new:
            assert new is two

    assert live.wait_unused(one, 0)
    assert live.current is two


def test_a_lease_ends_with_an_error_too() -> None:
    live = ActiveRuntime(runtime(1))
    with pytest.raises(ValueError, match="x"), live.lease():
        raise ValueError("x")

    assert live.wait_unused(live.current, 0)


def test_quiet_is_waited_for() -> None:
    live = ActiveRuntime(runtime(1))
    live.arrive()
    live.arrive()
    live.leave()

    assert live.wait_quiet(0) == 1

    threading.Timer(0.05, live.leave).start()
    assert live.wait_quiet(30) == 0


def test_closing_is_seen() -> None:
    live = ActiveRuntime(runtime(1))
    assert not live.closed
    live.close()
    assert live.closed
