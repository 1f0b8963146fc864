from pathlib import Path

import pytest

from phish_milter.domains.registrable import registrable
from phish_milter.links.feeds import feed_set
from phish_milter.links.feeds.feed_set import Entries, Feed, FeedSet, Listing, read
from phish_milter.links.model import Link

OWN = ("brand.org", "orchard.net")
LINES = """\
# a comment
bad.com
http://worse.com/
https://Shop.COM/claim/   # with a comment
plain.com/a/b?x=1
xn--bcher-kva.com
203.0.113.9
evil.github.io
docs.google.com/forms/d/1
"""


def feed(tmp_path: Path, text: str = LINES, **more: bool) -> Feed:
    path = tmp_path / "local.txt"
    path.write_text(text, "utf-8")
    return Feed("local", path, **more)


def link(url: str, **more: object) -> Link:
    host, _, path = url.partition("://")[2].partition("/")
    known = {"source": "html:a", **more}
    return Link(url, url, host, registrable(host), f"/{path}", "", "", part="1", **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "path", "entry"),
    [
        ("bad.com", "/", "bad.com"),  # the host
        ("a.b.bad.com", "/x", "bad.com"),  # its subdomains
        ("notbad.com", "/", ""),  # the end of another name
        ("worse.com", "/", "worse.com"),  # a URL without a path is a host
        ("shop.com", "/claim", "shop.com/claim"),  # a prefix itself
        ("shop.com", "/claim/7?u=1", "shop.com/claim"),  # below it
        ("shop.com", "/claims", ""),  # another page that begins alike
        ("shop.com", "/", ""),  # the rest of the host
        ("www.shop.com", "/claim", ""),  # a path belongs to one host
        ("plain.com", "/a/b?x=1&y=2", "plain.com/a/b?x=1"),  # a prefix within a query
        ("plain.com", "/a/b?x=12", ""),  # another value
        ("xn--bcher-kva.com", "/", "xn--bcher-kva.com"),  # internationalised
        ("203.0.113.9", "/login", "203.0.113.9"),  # an address
        ("9.203.0.113.9", "/", ""),  # no subdomains of an address
        ("evil.github.io", "/", "evil.github.io"),  # one user of a shared host
        ("good.github.io", "/", ""),  # another one
        ("docs.google.com", "/forms/d/1/view", "docs.google.com/forms/d/1"),  # one form
        ("docs.google.com", "/forms/d/2", ""),  # another one
    ],
)
def test_what_a_feed_lists(tmp_path: Path, host: str, path: str, entry: str) -> None:
    found = FeedSet([feed(tmp_path)]).matches(host, path)

    assert (found.entry if found else "") == entry


@pytest.mark.parametrize(
    "line",
    [
        "com",  # a public suffix
        "co.uk",  # one of two labels
        "github.io",  # a private suffix
        "pages.dev",  # a platform
        "docs.google.com",  # a shared host
        "https://sites.google.com/",  # the same as a URL
        "google.com",  # holds shared hosts
        "bit.ly",  # a shortener
        "windows.net",  # holds a platform (blob.core.windows.net)
        "amazonaws.com",  # storage
        "brand.org",  # of a protected brand
        "org.uk",  # a suffix
    ],
)
def test_a_whole_shared_host_is_never_listed(tmp_path: Path, line: str) -> None:
    found = FeedSet([feed(tmp_path, f"{line}\nbad.com\n")], OWN)

    assert found.states()[0].entries == 1
    assert "local.txt:1: " in found.problems[0]
    assert "shared" in found.problems[0]


def test_own_domains_are_never_listed_below_either(tmp_path: Path) -> None:
    found = FeedSet([feed(tmp_path, "files.brand.org\nfiles.brand.org/bad\n")], OWN)

    assert found.matches("files.brand.org", "/good") is None
    assert found.matches("files.brand.org", "/bad/x") == Listing("local", "files.brand.org/bad")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"two words\n", "neither a host nor a URL"),  # prose
        (b"192.0.2.7 router.example\n", "neither a host nor a URL"),  # a real address
        (b"@@||bad.com^\n", "neither a host nor a URL"),  # an exception
        (b"||bad.com^$script\n", "neither a host nor a URL"),  # not all of the host
        (b'"7","2026-01-01","online"\n', "no URL"),  # CSV without a URL
        (b"ht!tp\n", "neither a host nor a URL"),  # rubbish
        (b"x" * 3000 + b".com\n", "longer than"),  # no URL is so long
        (b"\xff.com\n", "utf-8"),  # not text
    ],
)
def test_bad_lines_are_named_and_skipped(tmp_path: Path, line: bytes, problem: str) -> None:
    path = tmp_path / "local.txt"
    path.write_bytes(b"bad.com\n" + line)

    entries = read(path, frozenset())

    assert len(entries) == 1
    assert f"{path}:2: " in entries.problems[0]
    assert problem in entries.problems[0]
    assert entries.problems[-1] == f"{path}: 1 lines ignored"
    assert entries.ignored == 1


def test_reads_so_many_entries_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_set, "MAX_ENTRIES", 3)
    many = feed(tmp_path, "".join(f"n{n}.com\n" for n in range(9)))

    entries = read(many.path, frozenset())

    assert len(entries) == 3
    assert "more than 3 entries" in entries.problems[-1]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def replace(path: Path, text: str) -> None:
    """Replace *path* in one step, as operators should."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.rename(path)


def test_a_replaced_file_is_read_after_a_while(tmp_path: Path) -> None:
    clock, local = Clock(), feed(tmp_path)
    found = FeedSet([local], clock=clock)
    replace(local.path, "other.com\n")

    found.refresh()
    assert found.matches("bad.com")  # looked a moment ago

    clock.now += feed_set.CHECK_SECONDS
    found.refresh()
    assert found.matches("other.com")
    assert not found.matches("bad.com")


def test_a_large_file_is_read_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_set, "INLINE_BYTES", 0)
    clock, local = Clock(), feed(tmp_path)
    found = FeedSet([local], clock=clock)
    replace(local.path, "other.com\n")
    clock.now += feed_set.CHECK_SECONDS

    found.refresh()
    found.join(5.0)

    assert found.matches("other.com")


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [gone, emptied, directory])
def test_a_broken_file_leaves_the_old_entries(tmp_path: Path, damage: object) -> None:
    clock, local = Clock(), feed(tmp_path)
    found = FeedSet([local], clock=clock)
    damage(local.path)  # type: ignore[operator]
    clock.now += feed_set.CHECK_SECONDS

    found.refresh()

    assert found.matches("bad.com")
    assert "the old entries stay" in found.problems[0]


def test_a_missing_file_lists_nothing_until_it_comes(tmp_path: Path) -> None:
    clock = Clock()
    missing = Feed("local", tmp_path / "local.txt")
    found = FeedSet([missing], clock=clock)
    assert found.matches("bad.com") is None
    assert found.problems
    assert found.states()[0].modified == 0.0

    missing.path.write_text("bad.com\n", "utf-8")
    clock.now += feed_set.CHECK_SECONDS
    found.refresh()

    assert found.matches("bad.com")
    assert not found.problems


class Meddler(frozenset[str]):
    """Appends to a file whenever it is asked about a host."""

    path: Path

    def __contains__(self, host: object) -> bool:
        with self.path.open("a") as file:
            file.write("# one more line\n")
        return False


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    meddler = Meddler()
    meddler.path = feed(tmp_path).path

    with pytest.raises(OSError, match="changed"):
        read(meddler.path, meddler)


def test_an_enforced_feed_goes_before_another(tmp_path: Path) -> None:
    watched = feed(tmp_path)
    held = Feed("held", watched.path, enforce=True)

    assert FeedSet([watched, held]).matches("bad.com") == Listing("held", "bad.com", enforce=True)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (link("https://bad.com/x"), 1),  # a link
        (link("https://bad.com/x", quoted=True), 0),  # quoted
        (link("https://good.com/"), 0),  # another
        (link("https://good.com/", candidates=("bad.com",)), 1),  # where other programs go
        (link("https://bad.com/x", source="text"), 1),  # a URL in text
    ],
)
def test_links_that_count(tmp_path: Path, found: Link, expected: int) -> None:
    assert len(FeedSet([feed(tmp_path)]).listings([found])) == expected


def test_a_host_merely_mentioned_does_not_count(tmp_path: Path) -> None:
    mention = Link("bad.com", "http://bad.com/", "bad.com", "bad.com", "/", "", "", "text", "1")

    assert FeedSet([feed(tmp_path)]).listings([mention]) == ()


def test_no_feeds_cost_and_list_nothing() -> None:
    assert FeedSet(()).listings([link("https://bad.com/")]) == ()
    assert not Entries()
