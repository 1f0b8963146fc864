"""Brand packs: TOML files that say how a brand looks, read and checked before anything runs."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from phish_milter.detection.brands.model import (
    Alignment,
    Brand,
    DomainRole,
    OwnedDomain,
    Speaker,
    TokenUse,
)
from phish_milter.domains.registrable import is_public_suffix, is_registered_name
from phish_milter.problems import ProblemsError
from phish_milter.resources import data_directory
from phish_milter.text.folding import skeleton

_LABEL_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_MAX_HOST = 253  # RFC 1035 section 2.3.4
_MAX_LABEL = 63
_MIN_PHRASE_WORDS = 3  # shorter wordings occur in anybody's mail


#: In place of an id: every shipped pack.
SHIPPED = "shipped"


class PackError(ProblemsError):
    """A pack cannot be used."""


def _host(value: str) -> str:
    labels = value.split(".")
    if len(labels) < 2 or len(value) > _MAX_HOST:
        raise ValueError(f"{value!r} is not a domain name")
    for label in labels:
        if not 0 < len(label) <= _MAX_LABEL or not _LABEL_CHARS.issuperset(label):
            raise ValueError(f"{value!r} is not a domain name in lower-case ASCII")
    return value


def _owned(value: str) -> str:
    if not is_registered_name(_host(value)):
        raise ValueError(f"{value!r} is a public suffix: anybody can register below it")
    return value


def _related(value: str) -> str:
    if is_public_suffix(_host(value)):
        raise ValueError(f"{value!r} is a public suffix: anybody can register below it")
    return value


def _neighbour(value: str) -> str:
    """Check ``host``, ``*.host-with-stars`` or ``host/path/``."""
    host, slash, path = value.partition("/")
    if host == "*":
        if len(path) < 2:
            raise ValueError(f"{value!r} would cover every page of every host")
    elif is_public_suffix(_least_host(host)) and not path:
        raise ValueError(f"{value!r} is a public suffix: anybody can register below it")
    if slash and path.lower() != path:
        raise ValueError(f"{value!r}: paths are compared in lower case")
    return value


def _least_host(pattern: str) -> str:
    """Return the shortest host that *pattern* covers everything below of."""
    _host(pattern.replace("*", "x"))
    rest = pattern.rpartition("*")[2]
    return rest[1:] if rest.startswith(".") else "x" + rest if "*" in pattern else rest


def _path(value: str) -> str:
    if not value.startswith("/") or len(value) < 3:
        raise ValueError(f"{value!r} is not a path that only this brand has")
    return value


def _phrase(value: str) -> str:
    if len(value.split()) < _MIN_PHRASE_WORDS:
        raise ValueError(f"{value!r} has fewer than {_MIN_PHRASE_WORDS} words")
    return skeleton(value)


_Text = Annotated[str, Field(min_length=1, max_length=300)]
_Host = Annotated[str, AfterValidator(_host)]
_Owned = Annotated[str, AfterValidator(_owned)]
_Related = Annotated[str, AfterValidator(_related)]
_Token = Annotated[str, Field(pattern=r"^[a-z0-9]{3,40}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Domain(_Table):
    name: _Owned
    roles: Annotated[list[DomainRole], Field(min_length=1)]
    subdomains: bool = True
    signers: list[_Owned] = []
    alignment: Alignment = Alignment.STRICT
    unsigned: list[Literal["date", "mime-version", "content-type"]] = []
    reason: _Text


class _Hosts(_Table):
    hosts: Annotated[list[_Related], Field(min_length=1)]
    reason: _Text


class _Neighbours(_Table):
    hosts: Annotated[list[Annotated[str, AfterValidator(_neighbour)]], Field(min_length=1)]
    reason: _Text


class _Targets(_Table):
    hosts: Annotated[list[_Host], Field(min_length=1)]
    reason: _Text


class _Speaker(_Table):
    name: _Text
    from_domains: Annotated[list[_Related], Field(min_length=1)]
    lists: list[_Related] = []
    reason: _Text


class _Pack(_Table):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    title: _Text
    names: Annotated[list[_Text], Field(min_length=1)]
    tokens: Annotated[list[_Token], Field(min_length=1)]
    token_use: TokenUse = TokenUse.DISTINCT
    subject_tags: list[_Text] = []
    teams: list[_Text] = []
    own_marks: list[Annotated[str, Field(min_length=1, max_length=1)]] = []
    paths: list[Annotated[str, AfterValidator(_path)]] = []
    phrases: list[Annotated[str, AfterValidator(_phrase)]] = []
    domains: Annotated[list[_Domain], Field(min_length=1)]
    siblings: list[_Hosts] = []
    neighbours: list[_Neighbours] = []
    placeholders: list[_Hosts] = []
    targets: list[_Targets] = []
    speakers: list[_Speaker] = []


def load_packs(directories: Sequence[Path], enabled: Sequence[str]) -> tuple[Brand, ...]:
    """
    Load the brands *enabled*, each once, in that order.

    The shipped packs come first; a pack ``ID.toml`` in one of *directories* replaces an
    earlier one of the same id.

    Raises:
        PackError: Names every problem of every pack, and ids that no pack has.

    """
    files = {
        path.stem: path
        for directory in (_shipped_directory(), *directories)
        for path in pack_files(Path(directory))
    }
    ids = brand_ids(enabled)
    known = ", ".join(sorted(files))
    problems = [f"{directory}: {why}" for directory in directories if (why := _unusable(directory))]
    problems += [
        f"no pack for brand {name!r}; there are: {known}" for name in ids if name not in files
    ]
    brands = []
    for name in ids:
        try:
            brands += [load_pack(files[name])] if name in files else []
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return tuple(brands)


def _unusable(directory: Path) -> str:
    """Return why *directory* cannot be read, "" where it can."""
    try:
        next(directory.iterdir(), None)
    except (FileNotFoundError, NotADirectoryError):
        return "no such directory"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def pack_files(directory: Path) -> tuple[Path, ...]:
    """Return the packs in *directory*, none where it cannot be read."""
    try:
        return tuple(sorted(directory.glob("*.toml")))
    except OSError:
        return ()


def brand_ids(enabled: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that *enabled* names, each once; `SHIPPED` stands for every shipped pack."""
    ids: list[str] = []
    for name in enabled:
        ids += shipped_ids() if name == SHIPPED else [name]
    return tuple(dict.fromkeys(ids))


def shipped_ids() -> tuple[str, ...]:
    """Return the ids of the packs that ship, sorted."""
    return tuple(sorted(path.stem for path in _shipped_directory().glob("*.toml")))


def load_pack(path: Path) -> Brand:
    """
    Read the pack at *path*.

    Raises:
        PackError: Names every problem of the file.

    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError([f"{path}: {error}"]) from error
    problems = list(_wrong_together(raw, path))
    try:
        pack = _Pack.model_validate(raw)
    except ValidationError as error:
        problems = [*_wrong_entries(error), *problems]
        raise PackError([f"{path}: {problem}" for problem in problems]) from None
    if problems:
        raise PackError([f"{path}: {problem}" for problem in problems])
    return _compile(pack)


def _shipped_directory() -> Path:
    return data_directory() / "brands"


def _wrong_entries(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        yield f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _wrong_together(raw: dict[str, Any], path: Path) -> Iterator[str]:
    """Yield what no single entry shows; *raw* may be of any shape."""
    if raw.get("id") != path.stem:
        yield f"id: must be {path.stem!r}, as the file is called, is {raw.get('id')!r}"
    for key in ("names", "tokens", "subject_tags", "teams", "paths", "phrases"):
        yield from _repeated(key, _strings(raw.get(key)))
    yield from _repeated("domains", (name for name, _ in _domain_roles(raw)))
    for name, roles in _domain_roles(raw):
        if is_public_suffix(name) and DomainRole.UPLOADS not in roles:
            yield f"domains: others have names below {name!r}, so it needs the role 'uploads'"
    hosts = [
        host
        for key in ("siblings", "neighbours", "placeholders")
        for table in _tables(raw.get(key))
        for host in _strings(table.get("hosts"))
    ]
    yield from _repeated("siblings, neighbours, placeholders", hosts)
    owned = {name for name, _ in _domain_roles(raw)}
    for host in sorted(owned.intersection(hosts)):
        yield f"siblings, neighbours, placeholders: {host!r} is a domain of the brand already"


def _repeated(key: str, values: Iterable[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{key}: {value!r} is there {count} times"


def _domain_roles(raw: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for table in _tables(raw.get("domains")):
        if isinstance(name := table.get("name"), str):
            yield name, _strings(table.get("roles"))


def _tables(value: object) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _compile(pack: _Pack) -> Brand:
    return Brand(
        id=pack.id,
        title=pack.title,
        names=tuple(dict.fromkeys(form for name in pack.names for form in _numbers(name))),
        tokens=tuple(pack.tokens),
        subject_tags=tuple(pack.subject_tags),
        domains=MappingProxyType({d.name: _compile_domain(d) for d in pack.domains}),
        siblings=tuple(host for table in pack.siblings for host in table.hosts),
        neighbours=MappingProxyType(
            {host: table.reason for table in pack.neighbours for host in table.hosts}
        ),
        paths=tuple(pack.paths),
        speakers=tuple(
            Speaker(s.name, tuple(s.from_domains), tuple(s.lists)) for s in pack.speakers
        ),
        phrases=tuple(pack.phrases),
        targets=tuple(host for table in pack.targets for host in table.hosts),
        token_use=pack.token_use,
        teams=tuple(pack.teams),
        own_marks=tuple(pack.own_marks),
        placeholders=tuple(host for table in pack.placeholders for host in table.hosts),
    )


def _numbers(name: str) -> Iterator[str]:
    """Yield *name*, and a long one with each later word as a plural ("Python Packages Index")."""
    yield name
    first, *words = name.split()
    for at, word in enumerate(words):
        if len(words) > 1 and word.isascii() and not word.endswith("s"):
            yield " ".join([first, *words[:at], word + "s", *words[at + 1 :]])


def _compile_domain(domain: _Domain) -> OwnedDomain:
    return OwnedDomain(
        name=domain.name,
        roles=frozenset(domain.roles),
        subdomains=domain.subdomains,
        signers=tuple(domain.signers),
        alignment=domain.alignment,
        unsigned=frozenset(domain.unsigned),
    )
