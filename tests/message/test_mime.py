"""The leaves of MIME trees, above all where two clients would see different trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.header import split
from phish_milter.message.limits import DEFAULT, Limits
from phish_milter.message.mime import Tree, walk


def tree(text: str | bytes, limits: Limits = DEFAULT) -> Tree:
    data = text.encode() if isinstance(text, str) else text
    return walk(data, split(data, 0, len(data), limits), limits)


def leaves(text: str) -> list[tuple[str, str, str]]:
    return [(leaf.path, leaf.type.name, leaf.data.decode()) for leaf in tree(text).leaves]


PLAIN = "Content-Type: text/plain\n\n"
MIXED = "Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("text", "expected", "defect"),
    [
        ("A: b\n\nhi", [("1", "text/plain", "hi")], ""),
        (f"{MIXED}--b\n{PLAIN}x\n--b--\n", [("1.1", "text/plain", "x")], ""),
        (
            f"{MIXED}--b\n{PLAIN}x\n--b\nContent-Type: text/html\n\ny\n--b--",
            [("1.1", "text/plain", "x"), ("1.2", "text/html", "y")],
            "",
        ),
        (f"{MIXED}--b \t\n\nx\n--b-- \n", [("1.1", "text/plain", "x")], ""),  # trailing space
        (f"{MIXED}--b\r\n\r\nx\r\n--b--\r\n", [("1.1", "text/plain", "x")], ""),
        (f"{MIXED}--b\n\nx", [("1.1", "text/plain", "x")], "unclosed-multipart"),
        (f"{MIXED}--b\n\nx --b\n--b--", [("1.1", "text/plain", "x --b")], ""),  # not at line start
        (f"{MIXED}--bb\n\nx\n--b--", [], ""),  # a prefix of another boundary is none
        (f"{MIXED}--b x\n\ny\n--b-- z\n", [("1.1", "text/plain", "y")], "loose-boundary"),
        (f"{MIXED}no parts", [("1", "multipart/mixed", "no parts")], "missing-boundary"),
        (
            "Content-Type: multipart/mixed\n\n--q\nContent-Type: text/html\n\nx\n--q--",
            [("1.1", "text/html", "x")],
            "missing-boundary",  # guessed from the first delimiter
        ),
        (
            f"{MIXED}--b\n\nx\n--b--\n--b\n\ny\n--b--\n",
            [("1.1", "text/plain", "x"), ("1.2", "text/plain", ""), ("1.3", "text/plain", "y")],
            "parts-after-end",  # some clients go on reading
        ),
        (
            f"{MIXED}see https://a.example\n--b\n\nx\n--b--\n",
            [("1.0", "text/plain", "see https://a.example\n"), ("1.1", "text/plain", "x")],
            "text-in-preamble",
        ),
        (
            f"{MIXED}This is a multi-part message.\n--b\n\nx\n--b--",
            [("1.1", "text/plain", "x")],
            "",
        ),
        (
            f"{MIXED}--b\n\nx\n--b--\n<a href='y'>",
            [("1.1", "text/plain", "x"), ("1.2", "text/plain", "<a href='y'>")],
            "text-in-epilogue",
        ),
        (
            "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n\nx\n--b--",
            [("1.1", "text/plain", "x")],
            "duplicate-boundary",
        ),
        ("Content-Type: nonsense\n\nhi", [("1", "text/plain", "hi")], "broken-content-type"),
        (
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: s\n\nx\n--b--",
            [("1.1.1", "text/plain", "x")],
            "",  # parts of a digest are messages
        ),
    ],
)
def test_leaves(text: str, expected: list[tuple[str, str, str]], defect: str) -> None:
    found = tree(text)

    if expected:
        assert leaves(text) == expected
    if defect:
        assert defect in found.defects
    elif expected:
        assert not found.defects


def test_a_part_is_read_under_every_declared_type() -> None:
    found = leaves(
        "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/html\n\n<b>x</b>\n--b--"
    )

    assert ("1.1", "text/html", "<b>x</b>") in found
    assert [kind for _, kind, _ in found] == ["text/plain", "text/html"]


def test_a_part_is_read_under_every_declared_encoding() -> None:
    found = tree("Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\naGVsbG8=")

    assert [leaf.data for leaf in found.leaves] == [b"aGVsbG8=", b"hello"]
    assert found.defects == {"duplicate-transfer-encoding"}


@pytest.mark.parametrize(
    "encoding",
    [
        "(comment) base64",
        "base64 (comment)",
        "(nested (twice) \\) ;) base64",
        "base64 (no end",
        "base64 (a) rest",
        f"({'long ' * 100}) base64",
    ],
)
def test_comments_of_the_encoding_are_skipped(encoding: str) -> None:
    found = tree(f"Content-Transfer-Encoding: {encoding}\n\naGVsbG8gd29ybGQ=")

    assert [leaf.data for leaf in found.leaves] == [b"hello world"]


def test_what_is_no_base64_is_read_as_it_stands_too() -> None:
    found = tree("Content-Transfer-Encoding: base64\n\nGo to https://a.example now!")

    assert b"Go to https://a.example now!" in [leaf.data for leaf in found.leaves]
    assert found.defects == {"broken-base64"}


def test_an_encoded_message_is_opened() -> None:
    inner = "U3ViamVjdDogeAoKaGVsbG8="  # "Subject: x\n\nhello"
    found = tree(f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}")

    assert [(leaf.path, leaf.data, leaf.nested) for leaf in found.leaves] == [
        ("1.1", b"hello", True)
    ]
    assert found.defects == {"encoded-multipart"}


def test_what_a_report_returns_is_nested() -> None:
    found = tree(
        'Content-Type: multipart/report; report-type="delivery-status"; boundary=b\n\n'
        "--b\n\nsorry\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--"
    )

    assert [(leaf.data, leaf.nested) for leaf in found.leaves] == [(b"sorry", False), (b"y", True)]


def test_names_and_dispositions() -> None:
    leaf = tree('Content-Type: a/b; name=x\nContent-Disposition: attachment; filename="y.html"\n\n')

    assert [(part.filename, part.disposition) for part in leaf.leaves] == [("y.html", "attachment")]


def test_a_wall_of_parts_keeps_its_end() -> None:
    text = MIXED + "".join(f"--b\n\n{number}\n" for number in range(3000)) + "--b--"
    found = tree(text, Limits(max_parts=50))

    assert "too-many-parts" in found.defects
    assert found.leaves[0].data == b"0"
    assert found.leaves[-1].data == b"2999"
    assert len(found.leaves) <= 50


def test_depth_ends_in_a_leaf_that_holds_the_rest() -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(100)
    )
    found = tree(f"{nested}\nhttps://deep.example/")

    assert "too-deep" in found.defects
    assert b"https://deep.example/" in found.leaves[-1].data


def test_readings_do_not_multiply_by_depth() -> None:
    header = (
        "Content-Type: message/rfc822\nContent-Type: multipart/mixed; boundary=x\n"
        "Content-Type: multipart/mixed; boundary=y\n\n--x\n--y\n\n"
    )

    assert len(tree(header * 200).leaves) <= DEFAULT.max_parts


_LINES = st.sampled_from(
    [
        "--b",
        "--b--",
        "--c",
        "",
        "x",
        "Content-Type: text/html",
        "Content-Type: message/rfc822",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/mixed; boundary=c",
        "Content-Transfer-Encoding: base64",
        "aGVsbG8=",
        "\x00",
        "Content-Type",
    ]
)


@given(st.lists(_LINES, max_size=40), st.sampled_from(["\n", "\r\n", "\r"]))
def test_never_raises(lines: list[str], end: str) -> None:
    found = tree(end.join(lines))

    assert len(found.leaves) <= DEFAULT.max_parts
