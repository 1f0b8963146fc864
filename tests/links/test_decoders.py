"""Each way a gateway writes its target is read, and none of them trips over rubbish."""

import base64
import zlib
from urllib.parse import quote

import pytest

from phish_milter.links.decoders import DECODERS, as_url, first_base64, inflated, url_in_path
from phish_milter.links.url import ParsedUrl, parse

TARGET = "https://shop.example/a?b=c"
QUOTED = quote(TARGET, safe="")
JSON = f'{{"u": "{TARGET}"}}'


def base64_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parsed(url: str) -> ParsedUrl:
    result = parse(url)
    assert result is not None
    return result


WRITTEN = [
    ("parameter", f"https://gate.example/?x=1&url={QUOTED}", TARGET),
    ("parameter", f"https://gate.example/?amp;url={quote(QUOTED, safe='')}", TARGET),
    ("parameter", "https://gate.example/?url=shop.example/a", "http://shop.example/a"),
    ("parameter", f"https://gate.example/?url={base64_of(TARGET)}", TARGET),
    ("path", f"https://gate.example/click/{TARGET}", TARGET),
    ("path", f"https://gate.example/click/{QUOTED}/more", TARGET),
    ("path", f"https://gate.example/click/{base64_of(TARGET)}", TARGET),
    ("query", f"https://gate.example/?{QUOTED}", TARGET),
    ("proofpoint-v2", "https://gate.example/v2/url?u=https-3A__shop.example_a", TARGET[:22]),
    ("proofpoint-v3", "https://gate.example/v3/__https://shop.example/a*b__;Iw!!x", "#"),
    ("underscores", f"https://gate.example/x___{QUOTED}___.YXA", TARGET),
    ("json", f"https://gate.example/{base64_of(JSON)}", TARGET),
    ("host", "https://shop--a-example.gate.example/path", "https://shop-a.example/path"),
    ("amp", "https://gate.example/amp/s/shop.example/a", "https://shop.example/a"),
    ("amp", "https://gate.example/amp/shop.example/a", "http://shop.example/a"),
    ("yahoo", f"https://gate.example/RU={QUOTED}/RK=2", TARGET),
    ("bing", f"https://gate.example/ck/a?u=a1{base64_of(TARGET)}", TARGET),
    ("announced", "https://gate.example/?url=shop.example", "https://shop.example/"),
    ("nothing", f"https://gate.example/?url={QUOTED}", ""),
]


@pytest.mark.parametrize(("name", "url", "target"), WRITTEN)
def test_the_target_is_read(name: str, url: str, target: str) -> None:
    found = DECODERS[name](parsed(url), ("url",))
    assert found == target if target != "#" else found.startswith("https://shop.example/a#b")


def test_every_decoder_is_in_the_table() -> None:
    assert {name for name, _, _ in WRITTEN} == set(DECODERS)


@pytest.mark.parametrize("name", sorted(DECODERS))
@pytest.mark.parametrize("rubbish", ["?url=%%%", "?u=a1", "/v3/__*__;=!", "/RU=/", "/eyJAAAAAAAAA"])
def test_rubbish_is_no_target_and_no_error(name: str, rubbish: str) -> None:
    found = DECODERS[name](parsed(f"https://gate.example{rubbish}"), ("url",))
    assert parse(found) is None or name == "host"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (TARGET, TARGET),
        (QUOTED, TARGET),
        (quote(quote(QUOTED, safe=""), safe=""), TARGET),
        ("//shop.example/", "https://shop.example/"),
        ("https:/shop.example/", "https://shop.example/"),
        ("shop.example", ""),
        ("", ""),
    ],
)
def test_a_value_is_a_url_however_often_it_is_encoded(value: str, url: str) -> None:
    assert as_url(value) == url


def test_what_stands_in_a_path_is_found_without_a_name_for_its_service() -> None:
    assert url_in_path(parsed(f"https://gate.example/r/{TARGET}")) == TARGET
    assert url_in_path(parsed("https://gate.example/r/shop")) == ""
    assert first_base64(parsed(f"https://gate.example/?t={base64_of(TARGET)}")) == TARGET
    assert first_base64(parsed("https://gate.example/?t=aHR0")) == ""


def test_a_compressed_token_yields_its_target_and_a_bomb_yields_little() -> None:
    def token(text: str) -> str:
        return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")

    assert list(inflated(f"/c/{token(f'v=1&l={QUOTED}&n=0123456789')}")) == [TARGET]
    assert list(inflated(f"/c/{token('a' * 1_000_000 + f'&l={QUOTED}')}")) == []
    assert list(inflated("/c/eJ" + "A" * 40)) == []
