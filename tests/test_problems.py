"""Errors that list everything that is wrong."""

import pickle

from phish_milter.problems import ProblemsError


class PackError(ProblemsError):
    """One of those there are."""


def test_problems_are_kept_and_told_one_a_line() -> None:
    error = PackError(f"{n}: wrong" for n in "ab")

    assert error.problems == ("a: wrong", "b: wrong")
    assert str(error) == "a: wrong\nb: wrong"


def test_they_come_through_pickle_as_scanner_processes_send_them() -> None:
    error = pickle.loads(pickle.dumps(PackError(("a", "b"))))

    assert type(error) is PackError
    assert error.problems == ("a", "b")
