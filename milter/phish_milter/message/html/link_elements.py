"""Which HTML elements and attributes lead somewhere, and which forms ask for a secret."""

import re
from collections.abc import Sequence
from typing import Final

MAX_URL: Final = 8192  # characters; browsers and servers give up near there
MAX_SHOWN: Final = 500  # characters of link text that are kept

# element -> (source, attributes that can hold its target)
TARGETS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "a": ("html:a", ("href", "xlink:href")),
    "area": ("html:area", ("href",)),
    "button": ("html:button", ("formaction",)),
    "embed": ("html:object", ("src",)),
    "form": ("html:form", ("action",)),
    "frame": ("html:iframe", ("src",)),
    "iframe": ("html:iframe", ("src",)),
    "input": ("html:button", ("formaction",)),
    "object": ("html:object", ("data",)),
}
VML: Final = ("html:v", ("href",))  # any element of Outlook's vector language
_REFRESH: Final = re.compile(r"(?i)^[\s\d.]*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"']+)")
_SCRIPT: Final = re.compile(
    r"""(?:location(?:\.href)?\s{0,9}=|location\.(?:replace|assign)\s{0,9}\(|open\s{0,9}\()"""
    r"""\s{0,9}["'`]([^"'`\s]{4,2000})["'`]"""
)
_SECRET: Final = re.compile(
    r"(?i)passw|passcode|passphrase|\botp|otp\b|one.?time|totp|token|2fa|mfa|recovery|secret"
    r"|verification.?code"
)
_HOST: Final = re.compile(r"[\\/]{2,20}([^/?#\\]{1,300})")
_CONDITIONAL: Final = re.compile(r"(?i)\s*\[if\s+([^\]]{1,100})\]>")
_VML: Final = re.compile(
    r"""(?is)<(v:\w{1,30}|a)\s([^>]{0,4000}?)href\s*=\s*["']([^"']{1,8192})["']([^>]{0,4000})>"""
)
_TAGS: Final = re.compile(r"<[^>]{0,4000}>")
_MAX_CONDITIONAL: Final = 65536  # characters of one conditional comment that are read


def rough_host(url: str) -> str:
    """
    Return what stands where *url* names a host, lower case, "" where nothing does.

    It is not the host a browser opens, only good enough to tell new places from old ones.
    """
    match = _HOST.search(url, 0, 400)
    return match[1].lower() if match else ""


def keep_some(urls: Sequence[str], most: int) -> list[int]:
    """
    Return which *most* of the *urls* to keep, in order: no padding may hide a place.

    The first of every host stays, up to half of all; the rest comes from both ends, a
    fifth of it from the last.
    """
    if len(urls) <= most:
        return list(range(len(urls)))
    first: dict[str, int] = {}
    for number, url in enumerate(urls):
        first.setdefault(rough_host(url), number)
    new = list(first.values())
    kept = set(_both_ends(new, most // 2))
    rest = [number for number in range(len(urls)) if number not in kept]
    return sorted(kept.union(_both_ends(rest, most - len(kept))))


def _both_ends(numbers: list[int], most: int) -> list[int]:
    tail = -(-most // 5)
    if len(numbers) <= most:
        return numbers
    return numbers[: most - tail] + numbers[len(numbers) - tail :]


def leads_nowhere(url: str) -> bool:
    """Say whether a target is empty or a place on the same page."""
    return not url or url.startswith("#")


def clean_url(url: str | None) -> str:
    """Return an attribute value as a target: without the space around it, not too long."""
    return (url or "").strip(" \t\r\n\f")[:MAX_URL]


def refresh_target(content: str) -> str:
    """Return the URL of a ``<meta http-equiv=refresh>``, "" when it only reloads."""
    if not re.search(r"[;,=]|://", content[:MAX_URL]):
        return ""
    match = _REFRESH.match(content[:MAX_URL])
    return match[1].strip() if match else ""


def script_targets(script: str) -> list[str]:
    """Return the literal URLs that a script sends its reader to."""
    if "location" not in script and "open" not in script:
        return []
    return _SCRIPT.findall(script)[:20]  # pages go to one place; the rest is libraries


def is_secret_field(attributes: dict[str, str | None]) -> bool:
    """Say whether an ``<input>`` asks for a password, a code or a token."""
    kind = (attributes.get("type") or "").strip().lower()
    if kind == "password":
        return True
    if kind in {"hidden", "submit", "button", "image", "reset", "checkbox", "radio"}:
        return False
    names = ("name", "id", "placeholder", "autocomplete", "aria-label", "title")
    return any(_SECRET.search((attributes.get(name) or "")[:200]) for name in names)


def conditional_targets(comment: str) -> list[tuple[str, str]]:
    """
    Return target and text of the links in a conditional comment, which Outlook shows.

    Comments for "not Outlook" are shown by nobody and give nothing.
    """
    match = _CONDITIONAL.match(comment)
    if match is None or match[1].strip().startswith("!"):
        return []
    text = comment[match.end() : match.end() + _MAX_CONDITIONAL]
    found = []
    for link in _VML.finditer(text):
        end = text.find(f"</{link[1]}", link.end(), link.end() + 2000)
        shown = _TAGS.sub(" ", text[link.end() : end]) if end > 0 else ""
        found.append((link[3], " ".join(shown.split())))
        if len(found) >= 100:  # one button needs one; a whole Outlook copy some dozens
            break
    return found
