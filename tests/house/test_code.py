"""Rules about the code that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from phish_milter.detection.checks import ALL, SYMBOLS
from support.tree import PACKAGE, ROOT, files, name

MOST_LINES = 450
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_CHECK = 120
# Where a fault of ours, whatever it is, is caught so that it costs one message only.
ISOLATION = {
    "milter/phish_milter/daemon/handler.py": 1,
    "milter/phish_milter/scanning/worker.py": 1,
}
# Sealers and examples that an operator sees, and programs that a mail may tell its reader to run.
BRANDS_NAMED = {
    "settings/model.py": {"github", "python.org"},
    "detection/checks/foreign_command.py": {"npm"},
}
# Spelt so that this line does not name them.
LATER = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b")
HEADINGS = ("Why it matters", "Fires on", "Stays silent on", "Known evasions")

SOURCES = sorted(PACKAGE.rglob("*.py"))
PYTHON = list(files(".py", ".pyi"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def strings(module: ast.Module) -> Iterator[str]:
    """Yield the string constants that are no docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and id(node) not in docs:
            if isinstance(node.value, bytes):
                yield node.value.decode("latin-1")
            elif isinstance(node.value, str):
                yield node.value


def brand_words() -> set[str]:
    """Return ids and own domains of the brand packs; "python" alone is a language, too."""
    words = set()
    for pack in (ROOT / "config/brands").glob("*.toml"):
        data = tomllib.loads(pack.read_text())
        words |= {data["id"], *re.findall(r"[\w-]+(?:\.[\w-]+)+", str(data.get("domains", "")))}
    return words - {"python"}


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", [*SOURCES, *(ROOT / "tools").glob("*.py")], ids=name)
def test_modules_open_with_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_functions_are_short(path: Path) -> None:
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions(tree(path))}

    assert {n: size for n, size in lengths.items() if size > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_everything_is_caught_only_where_faults_are_isolated(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
    ]

    assert len(broad) <= ISOLATION.get(name(path), 0), broad


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_nothing_is_left_for_later(path: Path) -> None:
    assert LATER.findall(path.read_text()) == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_brands_are_data(path: Path) -> None:
    words = brand_words()
    assert len(words) > 5, "no brand packs found"
    allowed = BRANDS_NAMED.get(path.relative_to(PACKAGE).as_posix(), set())
    either = "|".join(map(re.escape, sorted(words)))
    pattern = re.compile(rf"(?<![\w.])(?:{either})(?!\w)", re.IGNORECASE)

    named = {m.lower() for text in strings(tree(path)) for m in pattern.findall(text)}

    assert named - allowed == set()


def test_the_register_names_every_check() -> None:
    in_folder = {path.stem for path in (PACKAGE / "detection/checks").glob("*.py")} - {"__init__"}

    assert sorted(check.__name__.rpartition(".")[2] for check in ALL) == sorted(in_folder)


@pytest.mark.parametrize("check", ALL, ids=lambda c: c.__name__.rpartition(".")[2])
def test_a_check_is_small_and_explains_itself(check: ModuleType) -> None:
    text = Path(str(check.__file__)).read_text()
    found = re.findall(r"^([A-Z][\w ]+):$", str(check.__doc__), re.MULTILINE)

    assert len(text.splitlines()) <= MOST_LINES_OF_A_CHECK
    assert tuple(heading for heading in found if heading in HEADINGS) == HEADINGS
    assert check.SYMBOLS


def test_a_symbol_has_one_owner_and_a_readable_name() -> None:
    names = [symbol.name for check in ALL for symbol in check.SYMBOLS]

    assert sorted(names) == sorted(SYMBOLS)
    assert [n for n in names if not re.fullmatch(r"[A-Z][A-Z0-9_]{2,39}", n)] == []
    assert {s.check for c in ALL for s in c.SYMBOLS} <= {c.__name__.rpartition(".")[2] for c in ALL}


@pytest.mark.parametrize("path", sorted((PACKAGE / "detection/checks").glob("*.py")), ids=name)
def test_a_check_says_its_name_by_its_module(path: Path) -> None:
    """Otherwise a copied check tells of its origin in every log line."""
    written = [
        keyword.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "check"
    ]

    assert all(isinstance(value, ast.Name) and value.id == "__name__" for value in written)
