"""The configuration file: defaults, every problem at once, relative paths, doubts."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import get_args, get_origin

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.dns.questions import dns_name
from phish_milter.evaluation.manifest import Word
from phish_milter.message.address import parse_mailboxes
from phish_milter.policy.decision import VERDICTS, Action
from phish_milter.settings.load import SettingsError, load_settings, parse_settings
from phish_milter.settings.model import PolicySettings, Settings
from phish_milter.settings.types import Affects
from phish_milter.settings.validation import doubts

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "config" / "phish-milter.toml"
FILE = Path("/etc/mail/filter.toml")
MAIN = "[policy]\nceiling = 'quarantine'\n"
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


def problems(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, FILE, SYMBOLS)
    assert all(problem.startswith(f"{FILE}: ") for problem in caught.value.problems)
    return [problem.removeprefix(f"{FILE}: ") for problem in caught.value.problems]


def test_every_word_of_a_policy_is_an_action() -> None:
    fields = PolicySettings.model_fields.values()
    words = {
        word
        for field in fields
        if get_origin(field.annotation)
        for word in get_args(field.annotation)
    }

    assert words == {str(action) for action in Action}
    assert get_args(PolicySettings.model_fields["ceiling"].annotation) == tuple(map(str, VERDICTS))
    assert get_args(Word) == tuple(map(str, VERDICTS))


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("socket = 'inet:1@127.0.0.1'", "socket", Affects.RESTART),
        ("[policy]\ntag = 2", "policy", Affects.POLICY),
        ("[scores]\nLURE_VERIFY = 1", "scores", Affects.POLICY),
        ("[log]\nformat = 'json'", "log", Affects.OUTPUT),
        ("[dns]\nport = 5353", "dns", Affects.SCAN),
    ],
)
def test_a_setting_says_what_it_touches(written: str, name: str, kind: Affects) -> None:
    changed = parse_settings(written, Path("a.toml"))

    assert changed.differing(Settings()) == (name,)
    assert name in Settings.affecting(kind)


def test_an_empty_file_means_the_defaults() -> None:
    assert parse_settings("", FILE, SYMBOLS) == Settings()


def test_the_defaults_watch_before_they_act() -> None:
    policy = Settings().policy_values()

    assert (policy.tag, policy.quarantine, policy.reject) == (4.0, 8.0, 15.0)
    assert (policy.ceiling, policy.on_failure) == (Action.TAG, Action.ACCEPT)


def test_without_any_file_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phish_milter.settings.load.DEFAULT_PATH", Path("/nonexistent/file.toml"))

    assert load_settings(None, SYMBOLS) == Settings()


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
    ("make", "expected"),
    [
        (Path.exists, "no such file"),  # makes nothing
        (Path.mkdir, "cannot be read: Is a directory"),
        *(
            (partial(Path.write_bytes, data=data), f"{complaint}; save it as UTF-8")
            for data, complaint in (
                (b"a = '\xff'", "line 1: byte 0xff is not UTF-8 text"),
                (b"\xef\xbb\xbf\n# caf\xe9\n", "line 2: byte 0xe9 is not UTF-8 text"),
                *((MAIN.encode(wide), "looks like UTF-16 or UTF-32") for wide in WIDE),
            )
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, make: Callable[[Path], object], expected: str
) -> None:
    path = tmp_path / "settings.toml"
    make(path)

    with pytest.raises(SettingsError) as caught:
        load_settings(path, SYMBOLS)

    assert caught.value.problems == (f"{path}: {expected}",)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path, line_end: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(MAIN.replace("\n", line_end).encode("utf-8-sig"))

    assert load_settings(path, SYMBOLS).policy.ceiling == "quarantine"


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("socket = 'unix:run/x.sock'\n[brands]\ndirectories = ['packs', '/abs']\n")

    settings = load_settings(path, SYMBOLS)

    assert settings.socket == f"unix:{tmp_path}/run/x.sock"
    assert settings.brands.directories == (tmp_path / "packs", Path("/abs"))


@pytest.mark.parametrize(
    ("socket", "parts"),
    [
        ("unix:/run/x.sock", ("unix", "/run/x.sock", "", 0)),
        ("inet:8899@127.0.0.1", ("inet", "", "127.0.0.1", 8899)),
        ("inet:08899@mx-1.example.", ("inet", "", "mx-1.example.", 8899)),
        ("inet6:8899@::1", ("inet6", "", "::1", 8899)),
        ("inet6:8899@fe80::1%eth0", ("inet6", "", "fe80::1%eth0", 8899)),
        ("inet6:8899@localhost", ("inet6", "", "localhost", 8899)),
    ],
)
def test_socket_address(socket: str, parts: tuple[str, str, str, int]) -> None:
    assert parse_settings(f"socket = '{socket}'", FILE, SYMBOLS).socket_address == parts


@pytest.mark.parametrize(
    ("listen", "address"),
    [("", None), ("localhost:80", ("localhost", 80)), ("[::1]:80", ("::1", 80))],
)
def test_metrics_address(listen: str, address: tuple[str, int] | None) -> None:
    assert parse_settings(f"[metrics]\nlisten = '{listen}'", FILE).metrics.address == address


def test_values_are_normalised() -> None:
    site = parse_settings(
        """[site]
        domains = ["Example.NET.", "bücher.example"]
        role_addresses = ["Abuse@Example.net", "postmaster@"]
        internal_networks = ["2001:db8::/32"]
        """,
        FILE,
        SYMBOLS,
    ).site

    assert site.domains == ("example.net", "xn--bcher-kva.example")
    assert site.role_addresses == ("abuse@example.net", "postmaster@")
    assert site.internal_networks == (ip_network("2001:db8::/32"),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::FFFF:C000:200/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::fffe:0:0/95", "::fffe:0:0/95"),  # more than what is mapped
        ("::192.0.2.0/120", "::c000:200/120"),  # compatible, not mapped
    ],
)
def test_a_mapped_network_is_that_of_the_clients_meant(written: str, meant: str) -> None:
    (net,) = parse_settings(
        f"[site]\ninternal_networks = ['{written}']", FILE, SYMBOLS
    ).site.internal_networks

    assert net == ip_network(meant)


@pytest.mark.parametrize("name", ["lan", "localhost", "www.ck", "example.co.uk", "a.github.io"])
def test_a_site_may_have_a_name_below_a_public_suffix_or_a_private_one(name: str) -> None:
    assert parse_settings(f"[site]\ndomains = ['{name}']", FILE, SYMBOLS).site.domains == (name,)


def test_settings_and_errors_cross_process_borders() -> None:
    settings = parse_settings("[scores]\nLOOKALIKE_LINK = 2\n[policy]\nceiling = 'reject'", FILE)
    error = SettingsError(("one", "two"))

    assert pickle.loads(pickle.dumps(settings)) == settings
    assert pickle.loads(pickle.dumps(error)).problems == ("one", "two")


@pytest.mark.parametrize("name", ["straße.example", "BÜCHER.example.", "例え.example", "☃.example"])
def test_a_domain_is_written_as_that_of_an_author(name: str) -> None:
    (domain,) = parse_settings(f"[site]\ndomains = ['{name}']", FILE, SYMBOLS).site.domains
    (author,) = parse_mailboxes(f"a@{name}", 1).authors

    assert domain == author.domain
    assert dns_name(name) in (domain, "")  # "": no name that DNS may hold (RFC 5891)


def test_another_ceiling_leaves_the_rest_as_it_is() -> None:
    settings = parse_settings("[policy]\ntag = 3\n[scores]\nLOOKALIKE_LINK = 2", FILE, SYMBOLS)

    policy = settings.with_ceiling("reject").policy_values()

    assert (policy.ceiling, policy.tag) == (Action.REJECT, 3)
    assert policy.scores == {"LOOKALIKE_LINK": 2}


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


@pytest.mark.parametrize(
    ("text", "sealers"),
    [
        ("", ("google.com", "microsoft.com", "python.org")),
        ("[authentication]\ntrusted_arc_sealers = []", ()),
        ("[authentication]\ntrusted_arc_sealers = ['a.example']", ("a.example",)),
    ],
)
def test_known_sealers_are_believed_unless_others_are_named(
    text: str, sealers: tuple[str, ...]
) -> None:
    assert parse_settings(text, FILE, SYMBOLS).authentication.trusted_arc_sealers == sealers


@pytest.mark.parametrize(("add", "written"), [("false", ""), ("true", "mx.a")])
def test_only_an_id_that_we_write_is_ours(add: str, written: str) -> None:
    text = f"[site]\nauthserv_id = 'mx.a'\n[authentication]\nadd_results_header = {add}"

    assert parse_settings(text, FILE, SYMBOLS).written_authserv_id == written


def test_never_verifying_does_not_doubt_the_sealers_shipped() -> None:
    assert doubts(parse_settings("[authentication]\nverify = 'never'", FILE)) == ()


def test_the_defaults_raise_no_doubts() -> None:
    assert doubts(Settings()) == ()


def test_the_sample_is_what_the_code_says() -> None:
    command = [sys.executable, str(ROOT / "tools" / "sample_config.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_sample_as_shipped_changes_nothing() -> None:
    assert load_settings(SAMPLE, SYMBOLS) == Settings()


def test_the_sample_lists_every_default() -> None:
    text = SAMPLE.read_text("utf-8")
    settings = "\n".join(
        line.removeprefix("#") if line[:2] != "# " else line for line in text.splitlines()
    )

    assert settings.count(" = ") > 25
    assert parse_settings(settings, SAMPLE, SYMBOLS) == Settings()
