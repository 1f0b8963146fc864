"""Read HTML as its reader sees it: text, links and title, in one parse."""

import re
import sys
from dataclasses import dataclass, field, replace
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from phish_milter.message import defects
from phish_milter.message.html import generated_text
from phish_milter.message.html.css import NOTHING, Look, color, look
from phish_milter.message.html.drawn_order import Span, turn
from phish_milter.message.html.link_collector import Attributes, CollectedLink, LinkCollector
from phish_milter.message.html.link_elements import MAX_SHOWN
from phish_milter.message.html.remote_content import loaded, sheet
from phish_milter.message.html.sanitize import sanitize
from phish_milter.message.html.stylesheet import Sheet
from phish_milter.message.html.unseen import Unseen
from phish_milter.message.limits import Limits, ends
from phish_milter.message.model import Anchor
from phish_milter.message.quoting import own_or_visible, own_text, tail_start

_BLOCKS: Final = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li listing main menu nav ol optgroup option p plaintext pre section summary table "
    "tbody tfoot thead tr ul xmp"
)
_CELLS: Final = "button input select td textarea th"
_BREAKS: Final = dict.fromkeys(_BLOCKS.split(), "\n") | dict.fromkeys(_CELLS.split(), " ")
# Their text is no text of the message, seen or hidden.
_SILENT: Final = frozenset({"head", "metadata", "noembed", "noframes", "script", "style", "title"})
# Their text is a fallback, shown by every program that does not know the element.
_FALLBACK: Final = frozenset({"applet", "audio", "canvas", "datalist", "iframe", "object", "video"})
_PREFORMATTED: Final = frozenset({"listing", "plaintext", "pre", "textarea", "xmp"})
_CODE: Final = frozenset({"code", "kbd", "listing", "pre", "samp", "tt", "xmp"})
_ACTIVE: Final = frozenset(
    {"a", "area", "base", "button", "embed", "form", "frame", "iframe", "input", "meta", "object"}
)
_CHANGING: Final = _SILENT | _FALLBACK | _PREFORMATTED | _CODE | {"blockquote"}
_QUOTE_CLASS: Final = re.compile(
    r"(?i)(?:^|\s)(?:gmail_(?:quote|attr|extra)|gmail_quote_container|yahoo_quoted|zmail_extra"
    r"|moz-cite-prefix|moz-forward-container|protonmail_quote|tutanota_quote|front-blockquote"
    r"|OutlookMessageHeader)(?:\s|\Z)"
)
# Outlook marks the place where the quoted message begins, and does not wrap it.
_QUOTE_ID: Final = re.compile(r"(?i)(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION)\Z")
_MAX_FRAMES: Final = 3  # pages in ``srcdoc`` that are read; honest mail has none
_MAX_FRAME: Final = 32 * 1024  # characters of each
_SPACES: Final = re.compile(r"[ \t]{2,}|\t")
_BLANK: Final = re.compile(r" ?\n\s*")
_QUOTE_MARK: Final = "\n>\n"  # stands for a quoted element when quote marks are looked for


@dataclass(frozen=True, slots=True)
class View:
    """
    An HTML part as its reader sees it; text fields as in ``message.model.Document``.

    Attributes:
        unseen: Hidden text that is read all the same; see ``unseen``.
        defects: What was not looked at.
    """

    visible: str
    own: str
    hidden: str
    title: str
    anchors: tuple[Anchor, ...]
    defects: frozenset[str]
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """What an element inherits."""

    gone: bool = False
    doubtful: bool = False
    silent: bool = False
    invisible: bool = False
    tiny: bool = False
    color: str = ""
    background: str = "white"
    leftward: bool = False
    mirrored: bool = False
    preformatted: bool = False
    quoted: bool = False

    def unseen(self) -> bool:
        pale = self.color == "clear" or (self.color == "white" and self.background == "white")
        surely = self.gone or self.silent or self.invisible or self.tiny
        return surely or self.doubtful or pale


@dataclass(slots=True)
class _Frame:
    """
    An open element: its identity, what it hands down, and what happens at its end.

    Attributes:
        made: Text that the style sheet puts at its end.
        turned: Its items stand in the opposite order.
        item: First piece of it where it is such an item, else -1.
        items: Pieces of its items, to be put in the opposite order.
    """

    id: int
    tag: str
    state: _State
    unseen: bool
    after: str = ""
    draft: CollectedLink | None = None
    is_form: bool = False
    made: str = ""
    turned: bool = False
    item: int = -1
    items: list[Span] = field(default_factory=list)


def render(
    html: str,
    limits: Limits,
    *,
    forward: bool = False,
    conversation: bool = True,
    frames: int = _MAX_FRAMES,
) -> View:
    """
    Return *html* as its reader sees it.

    Args:
        html: The whole part, decoded.
        limits: Budgets of tags, text and links.
        forward: The subject says that the message is a forward; see ``quoting``.
        conversation: The message answers another one or comes from a list. Elsewhere a
            ``<blockquote>`` without a mark of quoting indents, and quotes nothing.
        frames: How many pages written into ``<iframe srcdoc>`` are read.
    """
    found: set[str] = set()
    source = sanitize(html.replace("\0", ""), limits.max_tags, found)
    try:
        tree = LexborHTMLParser(source)
    except (SelectolaxError, ValueError):
        found.add(defects.TOO_COMPLEX)
        return View(html, html, "", "", (), frozenset(found))
    reader = _Reader(tree, limits, found, conversation=conversation, frames=frames)
    reader.walk(source.count("<"))
    return reader.view(forward=forward)


class _Reader:
    """Walks the tree once and collects text pieces, hidden text and links."""

    def __init__(
        self,
        tree: LexborHTMLParser,
        limits: Limits,
        found: set[str],
        *,
        conversation: bool,
        frames: int,
    ) -> None:
        self._conversation = conversation
        self._pages = frames
        self._tree = tree
        self._limits = limits
        self._found = found
        self._pieces: list[str] = []
        self._quoted: list[bool] = []
        self._hidden: list[str] = []
        self._unseen = Unseen()
        self._frames = [_Frame(0, "", _State(), unseen=False)]
        self._drafts = LinkCollector(self._say)
        self._sheet = Sheet(tree)
        self._title = ""
        self._tail = sys.maxsize  # number of the piece from which on all is quoted

    def walk(self, tags: int) -> None:
        """Read the whole tree; *tags* is about how many tags the source has."""
        element = self._tree.root
        root = element and (element.parent or element)  # comments stand outside of <html> too
        if root is None:
            return
        skip = self._skipped(root, tags)
        frames = self._frames
        for index, node in enumerate(root.traverse(include_text=True)):
            if index in skip:
                continue
            parent = node.parent
            above = parent.mem_id if parent is not None else 0
            while frames[-1].id != above and len(frames) > 1:
                self._leave()
            if node.is_text_node:
                self._text(node.text_content or "", frames[-1])
            elif node.is_element_node:
                self._enter(node)
            elif node.is_comment_node:
                quoted = frames[-1].state.quoted
                self._drafts.comment(node.comment_content or "", len(self._pieces), quoted=quoted)
        while len(frames) > 1:
            self._leave()

    def _skipped(self, root: LexborNode, tags: int) -> range:
        """Return the nodes that are left out: the middle of a huge document."""
        limit = self._limits.max_tags * 2  # an element has about one piece of text
        if tags * 2 <= limit:
            return range(0)
        total = sum(1 for _ in root.traverse(include_text=True))
        if total <= limit:
            return range(0)
        self._found.add(defects.TOO_MANY_TAGS)
        return range(limit * 3 // 4, total - limit // 4)

    def _enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        attributes = node.attributes
        identity = node.mem_id
        parent = self._frames[-1]
        state, style = parent.state, NOTHING
        if attributes or tag in _CHANGING or identity in self._sheet.hiding:
            style = self._look(identity, attributes)
            state = self._inherit(tag, identity, attributes, state, style)
        unseen = parent.unseen if state is parent.state else state.unseen()
        frame = _Frame(identity, tag, state, unseen, turned=style.turned)
        if style.floats or parent.turned:
            frame.item = len(self._pieces)
        self._frames.append(frame)
        if tag == "br":
            self._put("\n", frame)
        elif tag in _BREAKS and not style.display.startswith("inline"):
            frame.after = _BREAKS[tag]
            self._put(frame.after, frame)
        if attributes:
            self._drafts.loads(loaded(tag, attributes), len(self._pieces), quoted=state.quoted)
        if tag == "img":
            self._say(attributes.get("alt") or "")
        elif tag in _ACTIVE or ":" in tag:
            self._active(tag, attributes, frame)
        sheet = self._sheet
        if identity in sheet.before:
            self._text(generated_text.text(sheet.before[identity], attributes), frame)
        if identity in sheet.after:
            frame.made = generated_text.text(sheet.after[identity], attributes)

    def _active(self, tag: str, attributes: Attributes, frame: _Frame) -> None:
        quoted = frame.state.quoted
        frame.draft = self._drafts.element(tag, attributes, len(self._pieces), quoted=quoted)
        frame.is_form = tag == "form"
        if frame.draft is not None and frame.unseen:
            frame.draft.unseen = len(self._unseen)
        if tag == "iframe" and attributes.get("srcdoc"):
            self._page(attributes["srcdoc"] or "", self._frames[-2])

    def _page(self, html: str, around: _Frame) -> None:
        """Read a page that stands in an attribute; pages inside of it are left out."""
        if self._pages <= 0:
            self._found.add(defects.DEEP_HTML)
            return
        self._pages -= 1
        view = render(ends(html, _MAX_FRAME), self._limits, conversation=False, frames=0)
        self._drafts.framed(view.anchors, len(self._pieces), quoted=around.state.quoted)
        self._put(f"\n{view.visible}\n", around)
        self._hidden.append(view.visible if around.unseen else view.hidden)
        self._found.update(view.defects)

    def _leave(self) -> None:
        frame = self._frames.pop()
        if frame.made:
            self._text(frame.made, frame)
        if frame.items:
            turn(self._pieces, self._quoted, frame.items)
        draft = frame.draft
        if draft is not None and not frame.is_form:
            seen = draft.unseen < 0
            text = "".join(self._pieces[draft.first :]) if seen else self._unseen.text(draft.unseen)
            shown = " ".join(text.split())
            draft.shown = shown[:MAX_SHOWN] or draft.shown
        if frame.after:
            self._put(frame.after, frame)
        if frame.is_form:
            self._drafts.end_form()
        if frame.item >= 0:
            self._frames[-1].items.append((frame.item, len(self._pieces)))

    def _text(self, text: str, frame: _Frame) -> None:
        if frame.state.silent:
            self._silent(text, frame.tag)
            return
        if not frame.state.preformatted:
            text = _collapse(text)
        if frame.state.mirrored:
            text = text[::-1]
        self._put(text, frame)
        if frame.unseen and not text.isspace():
            self._hidden.append(text)

    def _silent(self, text: str, tag: str) -> None:
        if tag == "title" and not self._title:
            self._title = " ".join(text.split())[:MAX_SHOWN]
        elif tag == "script":
            self._drafts.script(text, len(self._pieces))
        elif tag == "style" and ("(" in text or "@" in text):
            self._drafts.loads(sheet(text), len(self._pieces), quoted=False)

    def _say(self, text: str) -> None:
        """Show text that an attribute of the current element holds."""
        if text:
            self._text(f" {text[:MAX_SHOWN]} ", self._frames[-1])

    def _put(self, text: str, frame: _Frame) -> None:
        state = frame.state
        if not frame.unseen:
            self._pieces.append(text)
            self._quoted.append(state.quoted)
        elif not state.silent:
            at = len(self._pieces)
            doubtful = state.doubtful and not state.gone
            self._unseen.add(text, at, quoted=state.quoted, doubtful=doubtful)

    def _look(self, identity: int, attributes: Attributes) -> Look:
        own = attributes.get("style") or ""
        ruled = self._sheet.hiding.get(identity)
        return look(own) if ruled is None else look(f"{ruled};{own}")

    def _inherit(
        self, tag: str, identity: int, attributes: Attributes, state: _State, style: Look
    ) -> _State:
        changes: dict[str, Any] = {}
        if style.gone or ("hidden" in attributes and not style.display):
            changes["doubtful" if self._sheet.shows else "gone"] = True
        if style.doubtful or tag in _FALLBACK:
            changes["doubtful"] = True
        if tag in _SILENT:
            changes["silent"] = True
        if style.invisible is not None:
            changes["invisible"] = style.invisible
        if style.tiny is not None:
            changes["tiny"] = style.tiny
        self._direct(tag, attributes, state, style, changes)
        if tag in _PREFORMATTED:
            changes["preformatted"] = True
        if tag in _CODE or self._is_quote(tag, attributes):
            changes["quoted"] = True
        if "id" in attributes and _QUOTE_ID.match((attributes["id"] or "")[:80]):
            self._tail = min(self._tail, len(self._pieces))
        self._paint(tag, identity, attributes, style, changes)
        return replace(state, **changes) if changes else state

    def _direct(
        self, tag: str, attributes: Attributes, state: _State, style: Look, changes: dict[str, Any]
    ) -> None:
        if style.leftward is not None or "dir" in attributes:
            leftward = style.leftward or (attributes.get("dir") or "").lower() == "rtl"
            changes["leftward"] = leftward
        if style.overrides or tag == "bdo":
            changes["mirrored"] = changes.get("leftward", state.leftward)

    def _is_quote(self, tag: str, attributes: Attributes) -> bool:
        if tag == "blockquote" and (self._conversation or attributes.get("type") == "cite"):
            return True
        name = attributes.get("class")
        return bool(name and _QUOTE_CLASS.search(name[:200]))

    def _paint(
        self, tag: str, identity: int, attributes: Attributes, style: Look, changes: dict[str, Any]
    ) -> None:
        ink = style.color or (color(attributes.get("color") or "") if tag == "font" else "")
        if ink:
            changes["color"] = ink
        background = style.background or color(attributes.get("bgcolor") or "")
        if attributes.get("background") or self._sheet.paints(identity):
            background = background if background == "white" else "other"
        if background and background != "clear":
            changes["background"] = background

    def view(self, *, forward: bool) -> View:
        """Return what was read."""
        limit = self._limits.max_text
        visible = _tidy("".join(self._pieces))
        own, cut = self._own(visible, forward=forward)
        if len(visible) > limit:
            self._found.add(defects.LONG_TEXT)
        if len(self._drafts.all) > self._limits.max_anchors:
            self._found.add(defects.TOO_MANY_LINKS)
        unseen = _tidy(self._unseen.reading(own, self._drafts.all, cut))
        return View(
            visible=ends(visible, limit),
            own=ends(own, limit),
            hidden=ends(_tidy("\n".join(self._hidden)), limit),
            title=self._title,
            anchors=self._drafts.finish(self._limits.max_anchors, cut),
            defects=frozenset(self._found),
            unseen=ends(unseen, limit),
        )

    def _own(self, visible: str, *, forward: bool) -> tuple[str, int]:
        """Return the author's own text, and the piece from which on all is quoted."""
        text, starts = self._unquoted()
        tail = tail_start(text)
        own = _tidy(own_text(text, html=True))
        if own_or_visible(own, visible, forward=forward) is not own:
            self._drafts.unquote()
            return visible, sys.maxsize
        if tail == len(text):
            return own, self._tail
        return own, next((i for i, start in enumerate(starts) if start >= tail), self._tail)

    def _unquoted(self) -> tuple[str, list[int]]:
        """Return the text with a mark for every quoted element, and the pieces' offsets."""
        out, before = self._pieces[: self._tail], False
        if any(self._quoted):
            for number, quoted in enumerate(self._quoted[: self._tail]):
                if quoted:
                    out[number] = "" if before else _QUOTE_MARK
                before = quoted
        starts, size = [], 0
        for piece in out:
            starts.append(size)
            size += len(piece)
        return "".join(out), starts


def _collapse(text: str) -> str:
    """Collapse white space as browsers do; a space at an end stays one space."""
    words = text.split()
    if not words:
        return " "
    start = " " if text[0].isspace() else ""
    end = " " if text[-1].isspace() else ""
    return f"{start}{' '.join(words)}{end}"


def _tidy(text: str) -> str:
    """Drop blank lines and the space around line ends."""
    return _BLANK.sub("\n", _SPACES.sub(" ", text)).strip()
