"""A category that nobody weighs would be found and forgotten."""

from phish_milter.detection.checks.lure import LURES
from phish_milter.detection.lures.categories import LureCategory


def test_every_category_has_its_symbol() -> None:
    assert set(LURES) == set(LureCategory) - {LureCategory.SELF_PRESENT}
