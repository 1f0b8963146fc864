"""The house: few modules in the root, rooms that say what they are, pages that know their way."""

import ast
import re
from pathlib import Path

import pytest

from support.tree import PACKAGE, ROOT, name

MOST_ROOT_MODULES = 5
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
CHANGES = sorted((ROOT / "docs").glob("adding-a*.md"))
# Paths with a word in capitals stand for a file that the reader makes.
PLACEHOLDER = re.compile(r"(?<![A-Z])(?:NAME|ID|SYMBOL)(?![A-Z])")
PATH = re.compile(r"`((?:config|docs|milter|systemd|tests|tools)/[\w./-]+|[\w-]+\.(?:toml|md))`")


def test_the_root_is_small() -> None:
    modules = [path.name for path in PACKAGE.glob("*.py") if path.stem != "__init__"]

    assert len(modules) <= MOST_ROOT_MODULES


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_room_says_what_lives_there_and_what_may_not(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""

    assert room == PACKAGE or len(re.findall(r"[.](?:\s|$)", said)) >= 2


@pytest.mark.parametrize("page", CHANGES, ids=name)
def test_pages_about_changes_name_files_that_exist(page: Path) -> None:
    named = PATH.findall(page.read_text())
    made = [path for path in named if PLACEHOLDER.search(path)]

    assert [path for path in named if path not in made and not (ROOT / path).exists()] == []
    assert [path for path in made if not (ROOT / path).parent.is_dir()] == []
    assert len(named) >= 3


def test_flow_shows_every_page_about_changes_and_every_room() -> None:
    flow = (ROOT / "docs/flow.md").read_text()
    rooms = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]

    assert [page.name for page in CHANGES if f"]({page.name})" not in flow] == []
    assert [room for room in rooms if f"`{room}`" not in flow] == []
