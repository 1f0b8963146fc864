"""The pages of docs/checks are those of the checks, and every check says what it should."""

import pytest

import check_pages
from phish_milter.detection.checks import ALL


def test_pages_are_current() -> None:
    assert check_pages.stale() == []


@pytest.mark.parametrize("check", ALL, ids=lambda c: c.__name__.rpartition(".")[2])
def test_docstrings_have_the_fixed_headings(check: object) -> None:
    headings = tuple(check_pages.sections(check))  # type: ignore[arg-type]

    assert headings == ("", *check_pages.HEADINGS)
