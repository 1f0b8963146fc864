import zlib
from base64 import b64encode, urlsafe_b64encode
from json import dumps
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links import unwrap as subject
from phish_milter.links.model import Trick
from phish_milter.links.url import parse

INNER = "https://evil.example/login?a=b"


def base64(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def encoded(text: str, times: int = 1) -> str:
    return text if times == 0 else encoded(quote(text, safe=""), times - 1)


def unwrap(url: str) -> subject.Unwrapped:
    parsed = parse(url)
    assert parsed is not None
    return subject.unwrap(parsed)


SAFE_LINKS = f"https://eur01.safelinks.protection.outlook.com/?url={encoded(INNER)}&data=05%7C"
TEAMS = "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp.html"
SOPHOS = "https://eu-central-1.protection.sophos.com"
TREND = "https://ddei5-0-ctp.trendmicro.com:443/wis/clicktime/v1/query"
HORNET = "https://atpscan.global.hornetsecurity.com/index.php?atp_str=x"
MANDRILL = dumps({"s": "x", "p": dumps({"url": INNER})})


@pytest.mark.parametrize(
    "url",
    [
        SAFE_LINKS,
        f"{TEAMS}?url={encoded(INNER)}&locale=en",
        f"https://urldefense.proofpoint.com/v1/url?u={encoded(INNER)}&k=abc",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_login-3Fa-3Db&d=DwMFaQ",
        "https://urldefense.com/v3/__https://evil.example/login?a=b__;!!Abc!def$",
        "https://urldefense.us/v3/__https:/evil.example/login?a=b__;!!Abc!def$",  # a lost slash
        f"https://linkprotect.cudasvc.com/url?a={encoded(INNER)}&c=E,1,x&typo=1",
        f"https://secure-web.cisco.com/1abcDEF/{encoded(INNER)}",
        f"{SOPHOS}/?d=evil.example&u={b64encode(INNER.encode()).decode()}&i=x",
        f"{TREND}?url={encoded(INNER)}&umid=x",
        f"https://protect2.fireeye.com/v1/url?k=1&q=1&e=2&u={encoded(INNER)}",
        f"https://clicktime.symantec.com/3abc?h=x&u={encoded(INNER)}",
        "https://url.avanan.click/v2/___https://evil.example/login?a=b___.YXAzOm9",
        f"https://urlsand.esvalabs.com/?u={encoded(INNER)}&e=1",
        f"https://scanmail.trustwave.com/?c=1&d=2&s=5&u={encoded(INNER)}",
        f"https://www.google.com/url?q={encoded(INNER)}&sa=D",
        f"https://www.google.de/url?sa=t&url={encoded(INNER)}",
        f"https://www.bing.com/ck/a?!&&p=1&u=a1{base64(INNER)}&ntb=1",
        f"https://www.linkedin.com/redir/redirect?url={encoded(INNER)}&urlhash=x",
        f"https://l.facebook.com/l.php?u={encoded(INNER)}&h=x",
        f"https://www.youtube.com/redirect?event=x&q={encoded(INNER)}",
        f"https://slack-redir.net/link?url={encoded(INNER)}",
        f"https://href.li/?{INNER}",
        f"https://abc.r.us-east-1.awstrack.me/L0/{encoded(INNER)}/1/0100-x",
        f"https://mandrillapp.com/track/click/1/x?p={base64(MANDRILL)}",
        f"https://e.customeriomail.com/e/c/{base64(dumps({'href': INNER}))}/x",
        f"https://click.convertkit-mail.com/a/b/{base64(INNER)}",
        "https://evil-example.translate.goog/login?a=b",
        "https://www.google.com/amp/s/evil.example/login?a=b",
        "https://evil-example.cdn.ampproject.org/c/s/evil.example/login?a=b",
        f"https://r.search.yahoo.com/_ylt=x/RU={encoded(INNER)}/RK=2/RS=x-",
    ],
)
def test_known_wrappers(url: str) -> None:
    found = unwrap(url)

    assert found.url.href in (INNER, INNER.replace("https", "http"))
    assert len(found.wrappers) == 1
    assert not found.unresolved


def test_proofpoint_v3_replacements() -> None:
    """One star is one character, two stars and a letter a run of them."""
    tail = base64("?+~~~~")
    found = unwrap(f"https://urldefense.com/v3/__https://evil.example/a*b*c**Cd__;{tail}!!x!y$")

    assert found.url.path == "/a?b+c~~~~d"


def test_proofpoint_v3_replaces_letters_of_other_scripts() -> None:
    tail = base64("\u0435")
    found = unwrap(f"https://urldefense.com/v3/__https://*vil.example/__;{tail}!!x!y$")

    assert found.url.host == "xn--vil-qdd.example"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://protect-eu.mimecast.com/s/AbC?domain=evil.example", "evil.example"),
        ("https://url.us.m.mimecastprotect.com/s/AbC?domain=evil.example", "evil.example"),
        ("https://eu.protection.sophos.com/?d=evil.example&i=x", "evil.example"),
        ("https://url.us.m.mimecastprotect.com/s/AbC", "url.us.m.mimecastprotect.com"),
        (HORNET, "atpscan.global.hornetsecurity.com"),
        ("https://bit.ly/abc", "bit.ly"),
        ("https://someone.us1.list-manage.com/track/click?u=1", "someone.us1.list-manage.com"),
        ("https://u1.ct.sendgrid.net/ls/click?upn=x", "u1.ct.sendgrid.net"),
        (f"https://www.google.com/url?q={encoded('https://bit.ly/abc')}", "bit.ly"),
    ],
)
def test_hidden_targets(url: str, host: str) -> None:
    found = unwrap(url)

    assert found.url.host == host
    assert found.unresolved
    assert found.wrappers


@pytest.mark.parametrize(
    ("url", "wrappers"),
    [
        (
            f"https://nam02.safelinks.protection.outlook.com/?url={encoded(SAFE_LINKS)}",
            2,  # two gateways, each encodes
        ),
        (f"https://www.google.com/url?q={encoded(INNER, 3)}", 1),  # encoded three times
        (f"https://l.facebook.com/l.php?u={encoded(f'https://www.google.com/url?q={INNER}')}", 2),
    ],
)
def test_nested(url: str, wrappers: int) -> None:
    found = unwrap(url)

    assert (found.url.host, len(found.wrappers)) == ("evil.example", wrappers)


def test_too_deep_is_unresolved() -> None:
    url = INNER
    for _ in range(12):
        url = f"https://href.li/?{url}"

    assert unwrap(url).unresolved


def test_tricks_inside_a_wrapper_are_seen() -> None:
    found = unwrap(f"https://www.google.com/url?q={encoded('https://brand.example@evil.example/')}")

    assert (found.url.host, found.candidates) == ("evil.example", ("brand.example",))
    assert Trick.USERINFO in found.tricks


@pytest.mark.parametrize(
    ("url", "candidates"),
    [
        (f"https://site.example/login?next={INNER}", ("evil.example",)),
        (
            f"https://site.example/oauth?client_id=1&redirect_uri={encoded(INNER)}",
            ("evil.example",),
        ),
        (f"https://site.example/go/{encoded(INNER)}", ("evil.example",)),
        (f"https://site.example/go/{INNER}", ("evil.example",)),
        (f"https://site.example/c/{base64(INNER)}", ("evil.example",)),
        (
            "https://email.site.example/c/"
            + urlsafe_b64encode(zlib.compress(f"h=1&i=2&l={encoded(INNER)}".encode())).decode(),
            ("evil.example",),  # a compressed token
        ),
        ("https://site.example/login?next=/account", ()),
        (f"https://site.example/?comment={INNER}", ()),  # not where the reader is sent
        ("https://site.example/https-everywhere", ()),
    ],
)
def test_unknown_sites_stay_the_target(url: str, candidates: tuple[str, ...]) -> None:
    found = unwrap(url)

    assert (found.url.host, found.wrappers) == ("site.example", ()) or "email" in found.url.host
    assert found.candidates == candidates


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/search?q=https://evil.example/",  # a search, no redirect
        "https://www.google.com/url?sa=t",
        "https://www.youtube.com/watch?v=abc",
        "https://www.facebook.com/someone",
    ],
)
def test_ordinary_pages_of_redirecting_sites(url: str) -> None:
    found = unwrap(url)

    assert (found.url.href, found.wrappers, found.unresolved) == (url, (), False)


@given(
    st.sampled_from(
        [
            "https://urldefense.com/v3/__",
            "https://urldefense.com/v2/url?u=",
            "https://www.bing.com/ck/a?u=a1",
            "https://mandrillapp.com/track/click/1/x?p=eyJ",
            "https://site.example/c/eJ",
            "https://url.avanan.click/v2/___",
            "https://r.search.yahoo.com/RU=",
            "https://x.translate.goog/",
        ]
    ),
    st.text(max_size=60),
)
def test_unwrap_never_raises(prefix: str, rest: str) -> None:
    parsed = parse(prefix + rest)

    assert parsed is None or len(subject.unwrap(parsed).wrappers) <= 8
