"""Collect the links of one HTML document while it is being read."""

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from phish_milter.message.html import link_elements
from phish_milter.message.model import Anchor

Attributes = dict[str, str | None]

_MOST_LOADED = 100  # different things one document loads; newsletters have some dozens


@dataclass(slots=True)
class CollectedLink:
    """
    A link whose text may still be read.

    Attributes:
        source: As in ``message.model.Anchor``.
        url: Target as written.
        first: Number of the text piece at which the link begins.
        quoted: It stands in a quoted element.
        shown: Text of the link.
        asks_secret: As in ``message.model.Anchor``.
        unseen: Number of the hidden piece at which it begins, -1 where it is visible.
    """

    source: str
    url: str
    first: int
    quoted: bool = False
    shown: str = ""
    asks_secret: bool = False
    unseen: int = -1


class LinkCollector:
    """
    The links of a document, in order.

    Args:
        say: Called with text that an element shows without holding it (button labels).
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._form: CollectedLink | None = None
        self.base = ""
        self.all: list[CollectedLink] = []
        self._loaded: dict[tuple[str, str], CollectedLink] = {}

    def element(
        self, tag: str, attributes: Attributes, piece: int, *, quoted: bool
    ) -> CollectedLink | None:
        """Take the links of one element; returns the one whose text is what it holds."""
        if tag == "base":
            self.base = self.base or link_elements.clean_url(attributes.get("href"))
            return None
        if tag == "meta":
            if (attributes.get("http-equiv") or "").strip().lower() == "refresh":
                target = link_elements.refresh_target(attributes.get("content") or "")
                self._add("html:refresh", target, piece, quoted=quoted)
            return None
        if tag == "input":
            self._input(attributes, piece)
        link = self._target(tag, attributes, piece, quoted=quoted)
        if "onclick" in attributes:
            for url in link_elements.script_targets(attributes["onclick"] or ""):
                self._add("html:button", url, piece, quoted=quoted)
        if tag == "form":
            self._form = link or CollectedLink("html:form", "", piece)
        return link

    def script(self, text: str, piece: int) -> None:
        """Take the pages that a script leads to."""
        for url in link_elements.script_targets(text):
            self._add("html:script", url, piece, quoted=False)

    def loads(self, found: Iterable[tuple[str, str]], piece: int, *, quoted: bool) -> None:
        """Take what is loaded without a click: sources and URLs, each once."""
        for key in found:
            if len(self._loaded) < _MOST_LOADED and key not in self._loaded:
                self._loaded[key] = CollectedLink(
                    key[0], link_elements.clean_url(key[1]), piece, quoted
                )

    def framed(self, anchors: Iterable[Anchor], piece: int, *, quoted: bool) -> None:
        """Take the links of a page that is written into an attribute of this one."""
        for inner in anchors:
            link = CollectedLink(
                inner.source, inner.url, piece, quoted or inner.quoted, inner.shown
            )
            link.asks_secret = inner.asks_secret
            self.all.append(link)

    def unquote(self) -> None:
        """Take nothing for quoted: the author wrote it all."""
        for link in (*self.all, *self._loaded.values()):
            link.quoted = False

    def comment(self, text: str, piece: int, *, quoted: bool) -> None:
        """Take the links of a conditional comment."""
        if text.lstrip()[:1] != "[":
            return
        for url, shown in link_elements.conditional_targets(text):
            link = self._add("html:v", html.unescape(url), piece, quoted=quoted)
            if link is not None:
                link.shown = html.unescape(shown)[: link_elements.MAX_SHOWN]

    def end_form(self) -> None:
        """Forget the open form."""
        self._form = None

    def finish(self, limit: int, cut: int) -> tuple[Anchor, ...]:
        """
        Return the links, at most *limit*, and then what is loaded.

        Those from piece *cut* on are quoted.
        """
        kept = link_elements.keep_some([link.url for link in self.all], limit)
        links = [*(self.all[number] for number in kept), *self._loaded.values()]
        return tuple(self._anchor(link, cut) for link in links)

    def _anchor(self, link: CollectedLink, cut: int) -> Anchor:
        return Anchor(
            source=link.source,
            url=link.url,
            shown=link.shown,
            base=self.base,
            quoted=link.quoted or link.first >= cut,
            asks_secret=link.asks_secret,
            unseen=link.unseen >= 0,
        )

    def _target(
        self, tag: str, attributes: Attributes, piece: int, *, quoted: bool
    ) -> CollectedLink | None:
        source, names = link_elements.TARGETS.get(tag, link_elements.VML)
        for name in names:
            url = attributes.get(name)
            if url:
                source = "html:svg" if name == "xlink:href" else source
                link = self._add(source, url, piece, quoted=quoted)
                if link is not None and tag == "area":
                    link.shown = (attributes.get("alt") or "")[: link_elements.MAX_SHOWN]
                return link
        return None

    def _input(self, attributes: Attributes, piece: int) -> None:
        kind = (attributes.get("type") or "").strip().lower()
        if kind in {"submit", "button", "reset"}:
            self._say(attributes.get("value") or "")
        elif kind != "hidden":
            self._say(attributes.get("placeholder") or attributes.get("alt") or "")
        if link_elements.is_secret_field(attributes):
            self._secret_form(piece).asks_secret = True

    def _secret_form(self, piece: int) -> CollectedLink:
        """
        Return the form that asks for a secret, kept even where it names no target.

        Without a target, or without a form, a script sends what was typed.
        """
        form = self._form or CollectedLink("html:form", "", piece)
        self._form = form
        if not form.url and not form.asks_secret:
            self.all.append(form)
        return form

    def _add(self, source: str, url: str, piece: int, *, quoted: bool) -> CollectedLink | None:
        url = link_elements.clean_url(url)
        if link_elements.leads_nowhere(url):
            return None
        link = CollectedLink(source, url, piece, quoted)
        self.all.append(link)
        return link
