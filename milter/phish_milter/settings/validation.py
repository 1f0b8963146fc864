"""What is wrong, contradictory or doubtful in a configuration, in words an operator can act on."""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from phish_milter.settings.model import Settings
from phish_milter.text.escaping import show

# content_timeout of the shipped Postfix snippet (config/postfix).
SNIPPET_CONTENT_TIMEOUT = 30
# milter_content_timeout of Postfix where nobody set one.
POSTFIX_CONTENT_TIMEOUT = 300

# How much of a wrong value is repeated in a message.
SHOWN_VALUE = 60

Key = tuple[str, ...]

# Tables that may be repeated.
_ARRAYS = ("feeds",)

# Our words for those of pydantic.
_WORDS = (
    ("must be", "Input should be"),
    ("a whole number", "a valid integer"),
    ("a ", "a valid "),
    ("true or false", "a boolean"),
    ("a list", "a tuple"),
    ("at least", "greater than or equal to"),
    ("at most", "less than or equal to"),
)


def describe(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Return one validation error of *model* as ``[section] key: message``."""
    loc = tuple(error["loc"])
    if len(loc) > 1 and loc[0] in _ARRAYS and isinstance(loc[1], int):
        return _describe_item(error, loc)
    keys = tuple(show(str(step), 60) for step in loc[:2])
    item = f"item {loc[2] + 1}: " if len(loc) > 2 and isinstance(loc[2], int) else ""
    table = len(keys) == 1 and _is_table(model, keys[0])
    place = f"[{keys[0]}]" if table else name_of(keys)
    return f"{place}: {item}{_message(error, model, loc, table=table)}"


def _describe_item(error: ErrorDetails, loc: tuple[int | str, ...]) -> str:
    """Describe an error in the nth table of an array of tables."""
    table, number, *key = loc
    place = f"[[{table}]] item {int(number) + 1}"
    if error["type"] == "missing":
        return f"{place}: {key[0]} is missing"
    if error["type"] == "extra_forbidden":
        return f"{place}: {show(str(key[0]), 60)}: unknown key"
    return f"{place}: {''.join(f'{k}: ' for k in key)}{_text(error)}, not {_value(error)}"


def name_of(key: Key) -> str:
    """Return *key* as ``[section] key``, or ``key`` at the top level."""
    return f"[{key[0]}] {key[1]}" if len(key) > 1 else key[0]


def _message(
    error: ErrorDetails, model: type[BaseModel], loc: tuple[int | str, ...], *, table: bool
) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key" + _suggestion(str(loc[-1]), _known(model, loc[:-1]))
    if table:
        return "must be a table"
    return f"{_text(error)}, not {_value(error)}"


def _text(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    text = error["msg"]
    for ours, theirs in _WORDS:
        text = text.replace(theirs, ours)
    return text


def _value(error: ErrorDetails) -> str:
    return show(repr(error["input"]), SHOWN_VALUE)


def _is_table(model: type[BaseModel], key: str) -> bool:
    field = model.model_fields.get(key)
    return field is not None and (isinstance(field.default, BaseModel | Mapping))


def _known(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for step in path:
        default = model.model_fields[str(step)].default
        model = type(default)
    return list(model.model_fields)


def _suggestion(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def unknown_symbols(scores: Iterable[str], symbols: Collection[str]) -> list[str]:
    """Return a problem for every name of ``[scores]`` that is none of *symbols*."""
    return [
        f"[scores] {show(name, 60)}: unknown symbol" + _suggestion(name, list(symbols))
        for name in scores
        if name not in symbols
    ]


def conflicts(settings: Settings, bad: set[Key]) -> list[str]:
    """
    Return the contradictions between settings, one line each.

    A rule that looks at a key in *bad* is left out: that key has its default only
    because its value was refused.
    """
    return [
        f"{name_of(keys[0])}: {message}"
        for keys, broken, message in _RULES
        if not any(key in bad or key[:1] in bad for key in keys) and broken(settings)
    ]


def _writes_a_trusted_id(settings: Settings) -> bool:
    """Whether one id is ours and somebody else's; a final dot makes no other name."""
    written = settings.written_authserv_id.rstrip(".")
    trusted = settings.authentication.trusted_authserv_ids
    return bool(written) and written in {name.rstrip(".") for name in trusted}


_RULES: tuple[tuple[tuple[Key, ...], Callable[[Settings], bool], str], ...] = (
    (
        (("policy", "tag"), ("policy", "quarantine")),
        lambda s: s.policy.tag > s.policy.quarantine,
        "must not be greater than quarantine",
    ),
    (
        (("policy", "quarantine"), ("policy", "reject")),
        lambda s: s.policy.quarantine > s.policy.reject,
        "must not be greater than reject",
    ),
    (
        (("authentication", "add_results_header"), ("site", "authserv_id")),
        lambda s: s.authentication.add_results_header and not s.site.authserv_id,
        "needs [site] authserv_id",
    ),
    (
        (("authentication", "add_results_header"), ("authentication", "verify")),
        lambda s: s.authentication.add_results_header and s.authentication.verify == "never",
        'cannot be combined with verify = "never"',
    ),
    (
        (
            ("authentication", "add_results_header"),
            ("site", "authserv_id"),
            ("authentication", "trusted_authserv_ids"),
        ),
        _writes_a_trusted_id,
        (
            "contradicts trusted_authserv_ids, which has [site] authserv_id: fields under that "
            "name would be ours and somebody else's; give phish-milter a name of its own"
        ),
    ),
    (
        (("dns", "timeout_seconds"), ("scanner", "deadline_seconds")),
        lambda s: s.dns.timeout_seconds >= s.scanner.deadline_seconds,
        "must be less than [scanner] deadline_seconds, or no time is left for the scan",
    ),
    (
        (("scanner", "memory_bytes"), ("scanner", "max_bytes")),
        lambda s: s.scanner.memory_bytes < 8 * s.scanner.max_bytes,
        "must be at least 8 times max_bytes, or large messages cannot be decoded",
    ),
)


def doubts(settings: Settings) -> tuple[str, ...]:
    """Return what is allowed but hardly meant, each as ``[section] key: message``."""
    return (
        *_timeouts(settings),
        *_site(settings),
        *_trust(settings),
        *_exposure(settings),
        *_without_effect(settings),
        *_feeds(settings),
    )


def _timeouts(settings: Settings) -> Iterator[str]:
    deadline = settings.scanner.deadline_seconds
    if deadline >= POSTFIX_CONTENT_TIMEOUT:
        yield (
            f"[scanner] deadline_seconds: {deadline:g} s is not below even Postfix' own default "
            f"milter_content_timeout = {POSTFIX_CONTENT_TIMEOUT}s; Postfix gives up first"
        )
    elif deadline >= SNIPPET_CONTENT_TIMEOUT:
        yield (
            f"[scanner] deadline_seconds: {deadline:g} s is not below content_timeout = "
            f"{SNIPPET_CONTENT_TIMEOUT}s of the shipped Postfix snippet; raise it there, or "
            "Postfix gives up first"
        )


def _site(settings: Settings) -> Iterator[str]:
    site = settings.site
    for address in site.role_addresses:
        domain = address.partition("@")[2]
        if domain and domain not in site.domains:
            yield f"[site] role_addresses: {address} is at none of the site's domains"
        if not domain and not site.domains:
            yield f"[site] role_addresses: {address} means no address, as domains is empty"
    for net in site.internal_networks:
        if net.prefixlen == 0:
            yield f"[site] internal_networks: {net} is every address; nothing will be scanned"


def _trust(settings: Settings) -> Iterator[str]:
    own, trusted = settings.site.authserv_id, settings.authentication.trusted_authserv_ids
    if own and own in trusted:
        yield (
            f"[authentication] trusted_authserv_ids: {own} is this host's own id; senders can "
            "forge it unless something in front of phish-milter removes such fields"
        )


def _exposure(settings: Settings) -> Iterator[str]:
    address = settings.socket_address
    if address.family != "unix" and not _is_loopback(address.host):
        yield f"socket: whoever reaches {address.host} port {address.port} can use the filter"
    listen = settings.metrics.address
    if listen and not _is_loopback(listen[0]):
        yield "[metrics] listen: whoever reaches this address can read the metrics"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _without_effect(settings: Settings) -> Iterator[str]:
    authentication, policy = settings.authentication, settings.policy
    chosen = "trusted_arc_sealers" in authentication.model_fields_set
    if authentication.verify == "never" and chosen and authentication.trusted_arc_sealers:
        yield '[authentication] trusted_arc_sealers: has no effect with verify = "never"'
    if not settings.brands.enabled:
        yield "[brands] enabled: is empty; no brand is protected"
    if policy.ceiling == "accept" and policy.on_failure != "accept":
        yield (
            f"[policy] on_failure: {policy.on_failure} is more than the ceiling, and is done all "
            "the same"
        )


def _feeds(settings: Settings) -> Iterator[str]:
    names = [feed.name for feed in settings.feeds]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[feeds]] {name}: two feeds have this name; metrics show their sum"
    for feed in settings.feeds:
        if _is_absent(feed.path):
            yield f"[[feeds]] {feed.name}: {feed.path} is no file yet"


def _is_absent(path: Path) -> bool:
    """Whether there is no file; what is behind a closed directory cannot be told."""
    try:
        return not path.is_file()
    except PermissionError:
        return False
