"""Apply the rules of ``<style>`` elements that hide or paint something, and only those."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from phish_milter.message.html import generated_text
from phish_milter.message.html.css import look, without_comments

_MAX_RULES: Final = 300  # looked at of one document; a newsletter has about 60
_MAX_APPLIED: Final = 60  # selectors matched against the tree, each costs a walk of it
_MAX_SELECTOR: Final = 200
_MAX_SHEET: Final = 128 * 1024  # characters; Outlook's own lists of fonts take 20,000
_BRACE: Final = re.compile(r"[{}]")
_ALWAYS: Final = re.compile(r"(?i)@media\s+(?:only\s+)?(?:all|screen)\s*\Z|@layer|@supports")
_STATE: Final = re.compile(
    r"(?i):(?!first-child|last-child|nth-|only-child|root)|\*|:has|:not|>\s*>"
)
_HINT: Final = re.compile(
    r"(?i)none|hidden|opacity|font(?:-size)?\s*:|hide|height|indent|-\d{3}|clip|color|background"
    r"|scale|direction|bidi|reverse|float|display|\\"
)

_SHOWS: Final = re.compile(r"(?i)display\s{0,9}:\s{0,9}(?!none)[a-z-]{1,20}\s{0,9}(!?)")
_HIDES: Final = re.compile(r"(?i)display\s{0,9}:\s{0,9}none")
_MAX_MADE: Final = 500  # elements that a sheet writes text beside


class Sheet:
    """
    The style rules of one document that bear on visibility.

    Attributes:
        hiding: Declarations by ``mem_id`` of the elements they apply to.
        before, after: Text that rules put there, likewise.
        shows: A rule, on whatever screen, can show again what another one hides.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._painting: list[str] = []
        self._painted: frozenset[int] | None = None
        self.hiding: dict[int, str] = {}
        self.before: dict[int, generated_text.Made] = {}
        self.after: dict[int, generated_text.Made] = {}
        sheet = "\n".join(node.text() for node in tree.css("style"))[:_MAX_SHEET]
        marks = _SHOWS.findall(sheet)
        self.shows = "!" in marks or (bool(marks) and _HIDES.search(sheet) is not None)
        if "{" in sheet:
            self._read(sheet)

    def _read(self, sheet: str) -> None:
        chosen: dict[str, str] = {}
        for selector, declarations in sheet_rules(sheet, _MAX_RULES):
            if "content" in declarations:
                self._write(selector, declarations)
            seen = look(declarations) if _HINT.search(declarations) else None
            if seen is None:
                if selector in chosen:
                    chosen[selector] += ";" + declarations
                continue
            if seen.background:
                self._painting.append(selector)
            hides = seen.gone or seen.doubtful or seen.invisible or seen.tiny
            hides = hides or seen.color in {"white", "clear"}
            moves = seen.overrides or seen.turned or seen.floats
            if hides or moves or selector in chosen:
                chosen[selector] = f"{chosen.get(selector, '')};{declarations}"
        for selector, declarations in list(chosen.items())[:_MAX_APPLIED]:
            for identity in _matches(self._tree, selector):
                self.hiding[identity] = f"{self.hiding.get(identity, '')};{declarations}"

    def _write(self, selector: str, declarations: str) -> None:
        for element, place, made in generated_text.rules(selector, declarations):
            if len(self.before) + len(self.after) < _MAX_MADE:
                written = self.before if place == "before" else self.after
                written |= dict.fromkeys(_matches(self._tree, element), made)

    def paints(self, identity: int) -> bool:
        """Say whether a rule gives the element a background."""
        if not self._painting:
            return False
        if self._painted is None:
            chosen = self._painting[:_MAX_APPLIED]
            self._painted = frozenset(i for s in chosen for i in _matches(self._tree, s))
        return identity in self._painted


def _matches(tree: LexborHTMLParser, selector: str) -> list[int]:
    if len(selector) > _MAX_SELECTOR or _STATE.search(selector):
        return []
    try:
        return [node.mem_id for node in tree.css(selector)]
    except (SelectolaxError, ValueError):
        return []


def sheet_rules(sheet: str, limit: int) -> list[tuple[str, str]]:
    """
    Return selector and declarations of the first *limit* rules of a style sheet.

    Rules that hold only for some screens (``@media`` with a condition, print) are left
    out: a newsletter's phone layout hides half of its desktop text.
    """
    found: list[tuple[str, str]] = []
    sheet = without_comments(sheet).replace("<!--", " ").replace("-->", " ")
    skipped = depth = position = 0
    prelude = ""
    for match in _BRACE.finditer(sheet):
        text = sheet[position : match.start()]
        position = match.end()
        if match[0] == "{":
            depth += 1
            prelude = text.rpartition(";")[2].strip()
            if not skipped and prelude.startswith("@") and not _ALWAYS.match(prelude):
                skipped = depth
            continue
        if not skipped and prelude and not prelude.startswith("@"):
            found.append((prelude, text))
            if len(found) >= limit:
                break
        prelude = ""
        skipped = 0 if depth == skipped else skipped
        depth = max(depth - 1, 0)
    return found
