"""The explanation of a symbol, taken from the check that raises it."""

import difflib
import inspect
from types import ModuleType

from phish_milter.detection.checks import ALL, SYMBOLS
from phish_milter.findings import Symbol


class UnknownSymbolError(ValueError):
    """No check raises a symbol of this name; the text names similar ones."""


def explain(name: str) -> str:
    """Return what there is to know about the symbol *name*; raises UnknownSymbolError."""
    symbol = find(name)
    return f"{_headline(symbol)}\n\n{inspect.getdoc(_check_of(symbol))}"


def find(name: str) -> Symbol:
    """Return the symbol *name*, in whatever letters; raises UnknownSymbolError."""
    symbol = SYMBOLS.get(name.upper())
    if symbol is None:
        raise UnknownSymbolError(_unknown(name))
    return symbol


def _headline(symbol: Symbol) -> str:
    rows = (
        ("says", symbol.summary),
        ("role", symbol.role),
        ("score", f"{symbol.score:g} unless [scores] {symbol.name} says otherwise"),
        ("check", symbol.check),
    )
    notes = []
    if symbol.survives_alibi:
        notes.append("It counts also where the brand's origin is proved; it can tag then.")
    if symbol.enforced:
        notes.append("It may quarantine without any brand.")
    if symbol.conveyed:
        notes.append("A mail with it is never rejected.")
    return "\n".join([symbol.name, *(f"  {key:<6} {value}" for key, value in rows), *notes])


def _check_of(symbol: Symbol) -> ModuleType:
    return next(check for check in ALL if symbol in check.SYMBOLS)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name.upper(), list(SYMBOLS), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "no check has one like it"
    return f"unknown symbol {name!r}; {hint}"
