"""The gate: a TOML file into ``Settings``, or into the list of everything that is wrong with it."""

import tomllib
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from phish_milter.problems import ProblemsError
from phish_milter.settings.encoding import decoded
from phish_milter.settings.model import BrandSettings, Settings
from phish_milter.settings.tree import frozen, without
from phish_milter.settings.validation import conflicts, describe, unknown_symbols

DEFAULT_PATH = Path("/etc/phish-milter/phish-milter.toml")


class SettingsError(ProblemsError):
    """
    A configuration that cannot be used.

    Attributes:
        problems: Every problem found, each as ``FILE: [section] key: message``.
        brands: The section of brands where that at least can be used, else None.
    """

    def __init__(self, problems: tuple[str, ...], brands: BrandSettings | None = None) -> None:
        super().__init__(problems)
        self.brands = brands

    def __reduce__(self) -> tuple[type["SettingsError"], tuple[object, ...]]:
        return SettingsError, (self.problems, self.brands)


def load_settings(path: Path | None, symbols: Collection[str]) -> Settings:
    """
    Read the configuration file at *path*.

    Without *path* the file of the system is read if there is one; otherwise the
    defaults hold.  *symbols* are the names that ``[scores]`` may use.  Raises SettingsError
    that lists every problem at once.
    """
    name = path or DEFAULT_PATH
    try:
        text = decoded(name.read_bytes())
    except FileNotFoundError:
        if path is None:
            return Settings()
        raise SettingsError((f"{name}: no such file",)) from None
    except OSError as error:
        raise SettingsError((f"{name}: cannot be read: {error.strerror}",)) from None
    except ValueError as error:
        raise SettingsError((f"{name}: {error}",)) from None
    return parse_settings(text, name, symbols)


def parse_settings(text: str, name: Path, symbols: Collection[str] | None = None) -> Settings:
    """
    Turn TOML *text* into settings; *name* is its file, which relative paths start from.

    Without *symbols* any name is taken in ``[scores]``.  Raises SettingsError that lists every
    problem at once.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"{name}: {error}",)) from None
    settings, problems, bad = _validate(data, name)
    if symbols is not None:
        problems += unknown_symbols(settings.scores, symbols)
    problems += conflicts(settings, bad)
    if problems:
        brands = None if any(key[0] == "brands" for key in bad) else settings.brands
        raise SettingsError(tuple(f"{name}: {problem}" for problem in problems), brands)
    return settings


def _validate(
    data: dict[str, object], name: Path
) -> tuple[Settings, list[str], set[tuple[str, ...]]]:
    """
    Return settings, what is wrong in *data* by itself, and the keys whose values were refused.

    What is wrong by itself is taken out before the keys are compared with each other,
    so that one reading of the file tells everything.
    """
    context = {"directory": name.absolute().parent}
    tree = {key: frozen(value) for key, value in data.items()}
    try:
        settings, bad, problems = Settings.model_validate(tree, context=context), set(), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        problems = [describe(item, Settings) for item in errors]
        bad = {tuple(str(step) for step in item["loc"][:2]) for item in errors}
        settings = Settings.model_validate(without(tree, bad), context=context)
    return settings, problems, bad
