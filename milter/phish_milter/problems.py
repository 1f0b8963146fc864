"""What somebody has to mend before anything runs: the base of such errors."""

from collections.abc import Iterable


class ProblemsError(ValueError):
    """
    Input of an administrator that cannot be used.

    Attributes:
        problems: Everything that is wrong, each with file and place, for people.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type["ProblemsError"], tuple[object, ...]]:
        """Come through pickle with the problems in place of the text."""
        return type(self), (self.problems,)
