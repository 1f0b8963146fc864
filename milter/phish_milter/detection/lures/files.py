"""The files that hold the wordings of lures: their shape, their validation, their reading."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phish_milter.detection.lures.categories import LureCategory
from phish_milter.problems import ProblemsError

NO_LANGUAGE = "zxx"  # ISO 639-2: no linguistic content

MAX_FILE_BYTES = 200_000  # ten times the largest shipped file

_Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class LureError(ProblemsError):
    """Lure files that cannot be used."""


class LureFile(BaseModel):
    """
    One file of wordings.

    Attributes:
        origin: Name of the file.
        language: ISO 639-1 code; `NO_LANGUAGE` for commands.
        name: English name of the language.
        spaced: Whether its script puts spaces between words.
        spellings: Letters and what people type instead.
        common: Words (or beginnings) that most mail holds; the index avoids them.
        negations: Words before a request that turn it into advice.
        near_misses: Ordinary sentences that hold no request and no threat.
        vocabulary: Lists of alternatives for ``<name>``.
        phrases: Wordings by category, in the language of `phish_milter.detection.lures.phrases`.
        examples: Sentences by category that have to match.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    origin: str
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    name: _Text
    spaced: bool = True
    spellings: dict[str, str] = {}
    common: list[_Text] = []
    negations: list[_Text] = []
    near_misses: list[_Text] = []
    vocabulary: dict[str, list[_Text]] = {}
    phrases: dict[str, list[_Text]]
    examples: dict[str, list[_Text]] = {}


def read(directory: Path) -> tuple[tuple[LureFile, ...], tuple[str, ...]]:
    """
    Read every ``*.toml`` in *directory*, in the order of the names.

    Returns:
        The files that could be read, and every problem of the others.
    """
    problems: list[str] = []
    files = [_read_file(path, problems) for path in sorted(directory.glob("*.toml"))]
    usable = tuple(file for file in files if file)
    if not files:
        problems.append(f"{directory}: no lure files")
    languages = [file.language for file in usable]
    problems += [
        f"{file.origin}: language: {file.language} has another file already"
        for place, file in enumerate(usable)
        if file.language in languages[:place]
    ]
    return usable, tuple(problems)


def _read_file(path: Path, problems: list[str]) -> LureFile | None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problems.append(f"{path.name}: larger than {MAX_FILE_BYTES} bytes")
            return None
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        file = LureFile.model_validate({**content, "origin": path.name})
    except ValidationError as error:
        for fault in error.errors():
            key = ".".join(map(str, fault["loc"]))
            problems.append(f"{path.name}: {key}: {fault['msg']}")
        return None
    except (OSError, ValueError) as error:
        problems.append(f"{path.name}: {error}")
        return None
    problems += [f"{path.name}: {problem}" for problem in _problems(file)]
    return file


def _problems(file: LureFile) -> Iterator[str]:
    for table, content in (("phrases", file.phrases), ("examples", file.examples)):
        for category in content:
            if category not in set(LureCategory):
                yield f"{table}.{category}: no such category"
    slotted = LureCategory.SELF_PRESENT
    for category, sources in file.phrases.items():
        for source in sources:
            if ("{brand}" in source) != (category == slotted):
                yield f"phrases.{category}: {{brand}} belongs into {slotted} only: {source}"
