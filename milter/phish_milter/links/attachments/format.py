"""What a module of this room says of the one format that it reads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from phish_milter.links.attachments.budget import Spending
from phish_milter.message.model import Anchor, Part


@dataclass(frozen=True, slots=True)
class Format:
    """
    One format of files that can hold links.

    Attributes:
        read: Yields the links of a part; never raises, asks before each costly step.
        types: Declared content types that mean it.
        suffixes: Ends of file names that mean it, lower case with a dot.
        recognises: Whether content looks like it, whatever a sender calls it; None: never.
    """

    read: Callable[[Part, Spending], Iterable[Anchor]]
    types: frozenset[str]
    suffixes: tuple[str, ...] = ()
    recognises: Callable[[bytes], bool] | None = None
