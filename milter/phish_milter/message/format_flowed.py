"""Join the soft line breaks of ``format=flowed`` text (RFC 3676), so that URLs are whole."""

import re
from typing import Final

_QUOTES: Final = re.compile(r">*")


def unflow(text: str, *, delete_space: bool) -> str:
    """
    Return *text* with soft breaks joined and space-stuffing undone.

    Args:
        text: Lines that end with a line feed.
        delete_space: The ``DelSp=yes`` parameter: the space before a soft break goes too.
    """
    out: list[str] = []
    open_depth = -1  # quote depth of the paragraph that the line before left open
    for line in text.split("\n"):
        depth = _depth(line)
        content = line[depth:].removeprefix(" ")
        if depth != open_depth:
            out.append("\n")
            out.append(">" * depth + (" " if depth else ""))
        flows = content.endswith(" ") and content != "-- "
        out.append(content[:-1] if flows and delete_space else content)
        open_depth = depth if flows else -1
    return "".join(out[1:])


def _depth(line: str) -> int:
    match = _QUOTES.match(line)
    return match.end() if match else 0
