"""
No domain and no wording that exists only in the development mails stands in this repository.

What was learned by heart catches the mails it was learned from and no others.  Domains that
the shared facts name are real, and so are the public services below.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from phish_milter.domains.registrable import known_tlds, registrable
from phish_milter.message.parse import Limits, parse
from support.tree import ROOT, name

SHARED = ROOT.parent / "shared"
LAB = SHARED / "lab"
# Read by everybody, or real and public; a line each says which.
SERVICES = {
    *("facebook.com", "youtube.com", "t.co", "trello.com", "pastebin.com"),  # public places
    *("gmail.com", "outlook.com", "proton.me"),  # mailboxes
    *("list-manage.com", "mailgun.net", "mailgun.org"),  # senders for others
    *("proofpoint.com", "urldefense.com"),  # gateways that rewrite links
    *("jfrog.com", "snyk.io", "sonatype.com"),  # they write about attacks on registries
    *("rubygems.org", "github.net", "bund.de"),  # own domains of brands and authorities
}
# RFC 2606 and RFC 6761: nobody has these.
EXAMPLES = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)")
HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}(?![\w-])")
# Eight words in a row are somebody's sentence; fewer are everybody's.
SHINGLE = 8
URL = re.compile(r"https?://[^\s<>\"']{1,2000}")
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
FOLDERS = ("config", "docs", "milter", "tests", "tools")
OUR_FILES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
]

pytestmark = pytest.mark.skipif(
    not (LAB / "zone.json").is_file(), reason="the development mails (../shared) are not there"
)


def domains(text: str) -> set[str]:
    """Return the registrable domains of everything in *text* that looks like a host."""
    hosts = HOST.findall(unquote(text).lower())
    return {registrable(h) for h in hosts if h.rpartition(".")[2] in known_tlds()}


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return every run of words in *text*, without URLs and header fields of MIME."""
    words = WORD.findall(URL.sub(" ", text.lower()))
    runs = {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
    return {run for run in runs if "charset" not in run}


def mails() -> Iterator[tuple[dict[str, str], bytes]]:
    for line in (LAB / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["kind"] != "robustness":  # noise, not mail
            yield entry, (LAB / entry["file"]).read_bytes()


@cache
def facts() -> str:
    return "\n".join(path.read_text() for path in sorted((SHARED / "facts").glob("*.md")))


@cache
def lab_domains() -> set[str]:
    """Return the domains that only the lab has."""
    found = {
        registrable(host.strip(".").lower()) for host in json.loads((LAB / "zone.json").read_text())
    }
    for entry, raw in mails():
        found |= domains(f"{entry['helo']} {entry['mail_from']}")
        found |= domains(" ".join(_seen(raw)))
    found -= domains(facts()) | SERVICES
    return {domain for domain in found if not EXAMPLES.fullmatch(domain)}


def _seen(raw: bytes) -> Iterator[str]:
    """Yield subject, authors, text and links of a mail, decoded."""
    message = parse(raw, Limits())
    yield message.subject
    yield from (field.value for field in message.fields if field.name in ("from", "reply-to"))
    for document in message.documents:
        yield document.visible
        yield from (anchor.url for anchor in document.anchors)


@cache
def lab_wordings() -> set[tuple[str, ...]]:
    """Return the wordings that only the lab's attacks have: no brand and no fact says so."""
    attacks: set[tuple[str, ...]] = set()
    others = shingles(facts())
    for entry, raw in mails():
        for document in parse(raw, Limits()).documents:
            (attacks if entry["kind"] == "attack" else others).update(shingles(document.visible))
    return attacks - others


def told(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        if path == Path(__file__):
            continue
        raw = path.read_bytes()
        mail = path.suffix == ".eml"
        yield name(path), "\n".join(_seen(raw)) if mail else raw.decode("utf-8", "replace")


def test_no_domain_of_the_lab() -> None:
    assert len(lab_domains()) > 20, "the development mails have no domains of their own"

    found = {file: sorted(domains(text) & lab_domains()) for file, text in told(OUR_FILES)}

    assert {file: hits for file, hits in found.items() if hits} == {}


def test_no_wording_of_the_lab() -> None:
    assert len(lab_wordings()) > 1000, "the development mails have no words"

    found = {file: shingles(text) & lab_wordings() for file, text in told(OUR_FILES)}

    assert {
        file: [" ".join(h) for h in sorted(hits)[:3]] for file, hits in found.items() if hits
    } == {}
