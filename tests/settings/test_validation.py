"""What is wrong with a configuration, and what is hardly meant: every problem, told at once."""

from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.settings.load import SettingsError, parse_settings
from phish_milter.settings.model import Settings
from phish_milter.settings.validation import doubts

FILE = Path("/etc/mail/filter.toml")


def problems(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, FILE, SYMBOLS)
    assert all(problem.startswith(f"{FILE}: ") for problem in caught.value.problems)
    return [problem.removeprefix(f"{FILE}: ") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sokket = 'x'", "sokket: unknown key; did you mean socket?"),
        ("zzz = 1", "zzz: unknown key"),
        ("[polizy]", "polizy: unknown key; did you mean policy?"),
        ("site = 3", "[site]: must be a table"),
        ("[[log]]", "[log]: must be a table"),
        ("[scanner]\nmax_byte = 1", "[scanner] max_byte: unknown key; did you mean max_bytes?"),
        ("socket = 'tcp:1@x'", "inet6:PORT@HOST, not 'tcp:1@x'"),
        ("socket = 'inet:70000@x'", "socket: must have a port between 1 and 65535"),
        ("socket = 'inet:+25@x'", "socket: must have a port between 1 and 65535"),
        ("socket = 'inet:1@::1'", "socket: must be inet6:PORT@HOST with an IPv6 address"),
        ("socket = 'inet6:1@127.0.0.1'", "socket: must be inet:PORT@HOST with an IPv4 address"),
        ("socket = 'inet:1@127.0.0.256'", "socket: must have an IP address or the name of a host"),
        ("socket = 'inet:1@127.1'", "socket: must have an IP address or the name of a host"),
        ("socket = 'inet:1@a..b'", "socket: must have an IP address or the name of a host"),
        (f"socket = 'inet:1@{'a' * 64}'", "socket: must have an IP address or the name of a host"),
        ("socket = 'inet6:1@::1::'", "socket: must have an IP address or the name of a host"),
        ("socket = 'unix:'", "socket: must name a path"),
        (f"socket = 'unix:/{'x' * 120}'", "socket: path is longer than the 107 bytes"),
        ("socket_mode = 660", "socket_mode: must be a string, not 660"),  # octal or decimal?
        ("socket_mode = '888'", "socket_mode: must be three octal digits"),
        ("[site]\ndomains = ['a..b']", "[site] domains: item 1: must be a domain name"),
        ("[site]\ndomains = ['.a.b']", "[site] domains: item 1: must be a domain name"),
        ("[site]\ndomains = [' a.b']", "[site] domains: item 1: must be a domain name"),
        ("[site]\ndomains = ['ü x.b']", "[site] domains: item 1: must be a domain name"),
        (f"[site]\ndomains = ['{'ü.' * 150}b']", "[site] domains: item 1: must be a domain name"),
        ("[site]\ndomains = 'a.example'", "[site] domains: must be a list"),
        *(
            (f"[site]\ndomains = ['a.example', '{suffix}']", "[site] domains: item 2: must be the")
            for suffix in ("org", "CO.UK.", "github.io", "a.ck", "рф", "xn--p1ai", "个人.hk")
        ),
        ("[site]\nauthserv_id = 'a b'", "[site] authserv_id: must be one word"),
        ("[site]\ninternal_networks = ['10.0.0.1/8']", "item 1: has host bits set"),
        ("[site]\ninternal_networks = ['::/129']", "item 1: is no network"),
        ("[site]\ninternal_networks = ['::ffff:192.0.2.1/120']", "item 1: has host bits set"),
        ("[site]\ninternal_networks = [10]", "must be a network in quotes"),
        ("[site]\nrole_addresses = ['abuse']", "item 1: must be an address"),
        ("[site]\nskip_authenticated = 'yes'", "[site] skip_authenticated: must be true or false"),
        ("[scanner]\nworkers = true", "[scanner] workers: must be a whole number, not True"),
        ("[scanner]\nworkers = -1", "[scanner] workers: must be at least 0, not -1"),
        ("[scanner]\ndeadline_seconds = 0", "must be greater than 0, not 0"),
        ("[scanner]\ndeadline_seconds = nan", "must be a finite number"),
        ("[scanner]\ndeadline_seconds = '10'", "must be a number, not '10'"),
        ("[dns]\nnameservers = ['dns.example']", "item 1: must be an IP address"),
        ("[dns]\nnameservers = ['fe80::1']", "item 1: is link-local and must name its interface"),
        ("[dns]\nnameservers = ['::']", "item 1: must be the address of one host"),
        ("[dns]\nport = 0", "[dns] port: must be at least 1"),
        ("[authentication]\nverify = 'maybe'", "must be 'auto', 'always' or 'never'"),
        ("[policy]\nceiling = 'defer'", "[policy] ceiling: must be"),  # defer is for our faults
        ("[policy]\non_failure = 'reject'", "[policy] on_failure: must be"),
        ("[scores]\nLOOKALIKE_LINC = 1", "unknown symbol; did you mean LOOKALIKE_LINK?"),
        ("[scores]\nLOOKALIKE_LINK = '1'", "[scores] LOOKALIKE_LINK: must be a number"),
        ("[scores]\nLOOKALIKE_LINK = -1", "[scores] LOOKALIKE_LINK: must be at least 0"),
        ("[brands]\ndirectories = [1]", "[brands] directories: item 1: must be a path"),
        ("[metrics]\nlisten = '9479'", "[metrics] listen: must be HOST:PORT"),
        ("[metrics]\nlisten = '::1:9479'", "[metrics] listen: must be HOST:PORT or [IPV6]:PORT"),
        ("[metrics]\nlisten = 'a..b:9479'", "[metrics] listen: must have an IP address or the"),
        ("[metrics]\nlisten = '[localhost]:9479'", "[metrics] listen: must be HOST:PORT or [IPV6]"),
        ("[log]\nformat = 'xml'", "[log] format: must be 'logfmt' or 'json', not 'xml'"),
        ("[policy]\ntag = 9", "[policy] tag: must not be greater than quarantine"),
        ("[policy]\nquarantine = 20", "[policy] quarantine: must not be greater than reject"),
        (
            "[authentication]\nadd_results_header = true",
            "[authentication] add_results_header: needs [site] authserv_id",
        ),
        (
            (
                "[site]\nauthserv_id = 'mx.a'\n"
                "[authentication]\nadd_results_header = true\ntrusted_authserv_ids = ['b', 'MX.a.']"
            ),
            "[authentication] add_results_header: contradicts trusted_authserv_ids",
        ),
        (
            "[dns]\ntimeout_seconds = 10",
            "[dns] timeout_seconds: must be less than [scanner] deadline_seconds",
        ),
        ("[scanner]\ndeadline_seconds = 2", "[dns] timeout_seconds: must be less than"),
        ("[scanner]\nmax_bytes = 104857600", "[scanner] memory_bytes: must be at least 8 times"),
        ("a = ", "Invalid value (at end of document)"),
        ("a = 1\nb = [\n= 2", "(at line 3, column 1)"),
    ],
)
def test_a_problem_names_file_key_and_reason(text: str, expected: str) -> None:
    (problem,) = problems(text)

    assert expected in problem


def test_all_problems_are_told_at_once() -> None:
    found = problems("""
        socket_mode = "x"
        unknown = 1
        [site]
        domains = ["fine.example", "not fine", 3]
        [scanner]
        workers = "many"
        [policy]
        on_failure = "reject"
        tag = 9
        [scores]
        NO_SUCH_SYMBOL = 1
        """)

    assert [problem.partition(":")[0] for problem in found] == [
        "socket_mode",
        "[site] domains",
        "[site] domains",
        "[scanner] workers",
        "[policy] on_failure",
        "unknown",
        "[scores] NO_SUCH_SYMBOL",
        "[policy] tag",  # compared although another key of the table is wrong
    ]


def test_a_refused_key_is_not_compared_with_others() -> None:
    """Its default would contradict the other key, which the operator never wrote."""
    found = problems("[policy]\ntag = 'x'\nquarantine = 2\n")

    assert found == ["[policy] tag: must be a number, not 'x'"]


def test_a_hostile_value_is_escaped_and_short() -> None:
    (problem,) = problems('[log]\nformat = "\\u202e\\n' + "x" * 5000 + '"')

    assert problem.isprintable()
    assert len(problem) < 200


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("[scanner]\ndeadline_seconds = 30", "not below content_timeout = 30s"),
        ("[scanner]\ndeadline_seconds = 400", "not below even Postfix' own default"),
        ("[site]\nrole_addresses = ['abuse@a.example']", "at none of the site's domains"),
        ("[site]\nrole_addresses = ['abuse@']", "means no address"),
        ("[site]\ninternal_networks = ['0.0.0.0/0']", "nothing will be scanned"),
        (
            "[site]\nauthserv_id = 'mx.a'\n[authentication]\ntrusted_authserv_ids = ['MX.A']",
            "this host's own id",
        ),
        ("socket = 'inet:1@0.0.0.0'", "whoever reaches 0.0.0.0 port 1"),
        ("[metrics]\nlisten = '0.0.0.0:1'", "[metrics] listen: whoever reaches"),
        (
            "[authentication]\nverify = 'never'\ntrusted_arc_sealers = ['a.example']",
            "has no effect",
        ),
        ("[brands]\nenabled = []", "no brand is protected"),
        ("[policy]\nceiling = 'accept'\non_failure = 'defer'", "is more than the ceiling"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(text: str, warning: str) -> None:
    (found,) = doubts(parse_settings(text, FILE))

    assert warning in found


def test_never_verifying_does_not_doubt_the_sealers_shipped() -> None:
    assert doubts(parse_settings("[authentication]\nverify = 'never'", FILE)) == ()


def test_the_defaults_raise_no_doubts() -> None:
    assert doubts(Settings()) == ()
