"""What CSS declarations say about the visibility of text, as far as mail clients follow them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MAX_STYLE: Final = 2000  # characters of one declaration block; inline images are longer
_TINY: Final = {"px": 2.0, "pt": 1.5, "em": 0.15, "rem": 0.15, "%": 12.0, "": 0.0, "ex": 0.3}
_LENGTH: Final = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*([a-z%]{0,4})")
_ESCAPE: Final = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)", re.DOTALL | re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d{1,6}(?:\.\d{0,6})?%?|\.\d{1,6}")
_FAR: Final = 500.0  # pixels; farther out is off every screen's text column
_OPAQUE_FROM: Final = 0.06
_NEARLY_WHITE: Final = 0xF8
_OUT: Final = frozenset(
    {"left", "right", "top", "bottom", "margin-left", "margin-top", "text-indent"}
)
# A block that names none of these cannot hide anything.
_RELEVANT: Final = re.compile(
    r"(?i)display|visib|opacity|font|hide|height|width|indent|left|right|top|bottom|clip"
    r"|color|background|transform|direction|bidi|flex|float|\\"
)


@dataclass(frozen=True, slots=True)
class Look:
    """
    What a block of declarations says; None (or "") where it says nothing.

    Attributes:
        gone: The element and all it holds is not shown, whatever its children say.
        doubtful: So do some programs treat it, and others show it: many drop positions,
            clips and transforms, or do not know ``opacity``.
        display: Value of ``display``.
        invisible: ``visibility``; inherited, children can say otherwise.
        tiny: Font too small to read; inherited likewise.
        color: ``white``, ``clear`` (transparent) or ``other``; inherited.
        background: ``white``, ``clear`` or ``other``.
        overrides: Letters run as ``direction`` says, whatever they are.
        leftward: ``direction`` is right to left; inherited.
        turned: What it holds stands in the opposite order.
        floats: It stands to the right of what was written before it.
    """

    gone: bool = False
    doubtful: bool = False
    display: str = ""
    invisible: bool | None = None
    tiny: bool | None = None
    color: str = ""
    background: str = ""
    overrides: bool = False
    leftward: bool | None = None
    turned: bool = False
    floats: bool = False


NOTHING: Final = Look()


def look(style: str) -> Look:
    """Return what the declarations *style* say about visibility."""
    if not style or _RELEVANT.search(style, 0, _MAX_STYLE) is None:
        return NOTHING
    return _look(style[:_MAX_STYLE])


@lru_cache(maxsize=2048)
def _look(style: str) -> Look:
    rules = _declarations(style)
    font = rules.get("font-size") or rules.get("font", "")
    return Look(
        gone=rules.get("display") == "none",
        doubtful=_is_doubtful(rules),
        display=rules.get("display", ""),
        invisible=_hidden(rules["visibility"]) if "visibility" in rules else None,
        tiny=_is_tiny(font) if font else None,
        color=color(rules.get("-webkit-text-fill-color") or rules.get("color", "")),
        background=_background(rules),
        overrides="override" in rules.get("unicode-bidi", ""),
        leftward=rules["direction"] == "rtl" if "direction" in rules else None,
        turned="-reverse" in rules.get("flex-direction", rules.get("flex-flow", "")),
        floats=rules.get("float") == "right",
    )


def without_comments(css: str) -> str:
    """
    Return *css* with a space for each comment; one that does not end hides the rest.

    No pattern does this in linear time without possessive quantifiers, and those are
    wrong in the CPython of Debian 12 (gh-106052).
    """
    kept, at = [], 0
    while (start := css.find("/*", at)) >= 0:
        kept.append(css[at:start])
        end = css.find("*/", start + 2)
        at = end + 2 if end >= 0 else len(css)
    kept.append(css[at:])
    return " ".join(kept)


def _declarations(style: str) -> dict[str, str]:
    if "/*" in style:
        style = without_comments(style)
    style = unescaped(style)
    rules: dict[str, str] = {}
    firm: set[str] = set()
    for declaration in style.lower().split(";"):
        name, colon, value = declaration.partition(":")
        value, bang, mark = value.partition("!")
        name, important = name.strip(), mark.strip() == "important"
        # Any other mark makes a declaration invalid; what is important stays.
        if not colon or (bang and not important) or (name in firm and not important):
            continue
        rules[name] = value.strip()
        if important:
            firm.add(name)
    return rules


def unescaped(css: str) -> str:
    """Return *css* with its escapes undone (CSS Syntax Level 3, section 4.3.7)."""
    return _ESCAPE.sub(_unescape, css) if "\\" in css else css


def _unescape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0xD800 else " "


def _hidden(value: str) -> bool:
    return value in {"hidden", "collapse"}


def _is_doubtful(rules: dict[str, str]) -> bool:
    if rules.get("mso-hide") == "all":
        return True
    if "opacity" in rules and _number(rules["opacity"]) < _OPAQUE_FROM:
        return True
    clips = rules.get("overflow", rules.get("overflow-y", "")) in {"hidden", "clip"}
    if clips and any(_is_nothing(rules.get(name, "")) for name in _SIZES):
        return True
    return _is_outside(rules) or _is_clipped(rules)


_SIZES: Final = ("max-height", "height", "max-width", "width")


def _is_nothing(value: str) -> bool:
    match = _LENGTH.match(value)
    return match is not None and match[2] in {"", "px", "pt", "em"} and float(match[1]) <= 1


def _number(value: str) -> float:
    match = _LENGTH.match(value)
    if match is None:
        return 1.0
    return float(match[1]) / (100 if match[2] == "%" else 1)


def _is_outside(rules: dict[str, str]) -> bool:
    for name in _OUT & rules.keys():
        match = _LENGTH.match(rules[name])
        if match is None:
            continue
        distance = float(match[1]) * (16 if match[2] in {"em", "rem"} else 1)
        if distance <= -_FAR and match[2] != "%":
            return True
        if distance >= 10 * _FAR and rules.get("position") in {"absolute", "fixed"}:
            return True
    return False


def _is_clipped(rules: dict[str, str]) -> bool:
    clip = rules.get("clip", "")
    if clip.startswith("rect(") and rules.get("position") in {"absolute", "fixed"}:
        return all(float(n.rstrip("%")) <= 1 for n in _NUMBERS.findall(clip))
    path = rules.get("clip-path", "").replace(" ", "")
    if path.startswith(("inset(50%", "inset(100%", "circle(0")):
        return True
    return (
        rules.get("transform", "")
        .replace(" ", "")
        .startswith(("scale(0)", "scale(0,", "scalex(0)"))
    )


def _is_tiny(value: str) -> bool | None:
    """Say whether a ``font-size`` or ``font`` value is too small to read, None if relative."""
    match = _FONT_SIZE.search(value)
    if match is None:
        return None if value in {"inherit", "smaller", "larger", "unset", ""} else False
    size, unit = float(match[1] or 0), match[2] or ""
    if unit in {"em", "%", "ex"} and size > _TINY[unit]:
        return None  # relative to the parent: nothing times anything is nothing
    return size <= _TINY.get(unit, 0.0)


# The size of ``font: italic 400 0/0 serif``: a number with a unit, or a zero.
_FONT_SIZE: Final = re.compile(
    r"(?<![\w.])(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(px|pt|r?em|ex|%|cm|mm|in|vw|vh)|(?<![\w.])(0)(?![\w.])"
)


def _background(rules: dict[str, str]) -> str:
    value = rules.get("background-color") or rules.get("background", "")
    if not value:
        return "other" if "background-image" in rules else ""
    if "url(" in value or "gradient" in value:
        return "other"
    return color(value)


def color(value: str) -> str:
    """Return ``white``, ``clear``, ``other``, or "" where *value* is none or inherited."""
    value = value.strip().lower()
    if not value or value in {"inherit", "initial", "unset", "currentcolor", "none"}:
        return ""
    if value.startswith("#"):
        return _hex_color(value[1:].partition(" ")[0])
    if value.startswith(("rgb", "hsl")):
        return _function_color(value)
    word = value.partition(" ")[0]
    if word == "transparent":
        return "clear"
    return "white" if word in {"white", "snow", "ghostwhite", "floralwhite"} else "other"


def _hex_color(digits: str) -> str:
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    try:
        channels = bytes.fromhex(digits)
    except ValueError:
        return "other"
    if len(channels) == 4 and channels[3] < 16:
        return "clear"
    return "white" if len(channels) >= 3 and min(channels[:3]) >= _NEARLY_WHITE else "other"


def _function_color(value: str) -> str:
    numbers = _NUMBERS.findall(value)
    if len(numbers) < 3:
        return "other"
    values = [float(n.rstrip("%")) * (2.55 if n.endswith("%") else 1) for n in numbers[:3]]
    if len(numbers) > 3 and float(numbers[3].rstrip("%")) < _OPAQUE_FROM:
        return "clear"
    if value.startswith("hsl"):
        return "white" if values[2] >= _NEARLY_WHITE else "other"
    return "white" if min(values) >= _NEARLY_WHITE else "other"
