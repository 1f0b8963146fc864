from pathlib import Path

import pytest

from phish_milter.domains import host_lists as subject


@pytest.fixture
def hosts(tmp_path: Path) -> subject.HostList:
    path = tmp_path / "hosts.txt"
    path.write_text("# why\nshort.example  # a service\n\nbig.example/forms\nbig.example/s\n")
    return subject.HostList.load(path)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("short.example", "/x", True),
        ("www.short.example", "/x", True),  # subdomains too
        ("notshort.example", "/x", False),  # no label boundary
        ("short.example.org", "/x", False),
        ("big.example", "/forms/1", True),
        ("big.example", "/s/1", True),  # the second prefix of one host
        ("big.example", "/about", False),
        ("", "/", False),
    ],
)
def test_matches(hosts: subject.HostList, host: str, path: str, expected: bool) -> None:
    assert hosts.matches(host, path) is expected


@pytest.mark.parametrize("line", ["two words", "localhost", "Upper.Example"])
def test_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "hosts.txt"
    path.write_text(f"good.example\n{line}\n")

    with pytest.raises(ValueError, match=r"hosts\.txt:2"):
        subject.HostList.load(path)


@pytest.mark.parametrize("shipped", [subject.shorteners, subject.trackers, subject.free_hosting])
def test_shipped_lists_load_once(shipped: object) -> None:
    assert callable(shipped)
    assert len(shipped().prefixes) > 50
    assert shipped() is shipped()


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("docs.google.com", "/forms/d/e/x/viewform", True),
        ("docs.google.com", "/", False),
        ("someone.github.io", "/", True),
        ("github.com", "/someone", False),  # accounts and projects have owners
    ],
)
def test_free_hosting(host: str, path: str, expected: bool) -> None:
    assert subject.free_hosting().matches(host, path) is expected
