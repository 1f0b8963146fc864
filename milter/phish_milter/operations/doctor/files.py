"""Every file and directory that a configuration names, seen by the service's user."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from phish_milter.detection.brands.pack import brand_ids, pack_files, shipped_ids
from phish_milter.links.feeds.feed_set import read, shipped_shared_hosts
from phish_milter.operations.doctor.access import (
    Account,
    Right,
    described,
    group_name,
    refusal,
)
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import Resolvable

# Who connects to the socket.
MTA = "postfix"


def forbidden(settings: Settings, account: Account, config: Path | None) -> Iterator[str]:
    """Yield what *account* may not do though it has to; where something is said, start fails."""
    if config and (why := refusal(config, account, Right.READ)):
        yield f"{config}: {why}"
    for number, directory in enumerate(settings.brands.directories, 1):
        yield from _at(f"[brands] directories: item {number}", _unreadable(directory, account))
    if settings.socket_address.family == "unix":
        directory = Path(settings.socket_address.path).parent
        if os.path.isdir(directory):  # noqa: PTH112 - Path.is_dir raises behind a closed one
            yield from _at("socket", _unwritable(directory, account))


def _at(key: str, why: str) -> Iterator[str]:
    if why:
        yield f"{key}: {why}"


def _unreadable(directory: Path, account: Account) -> str:
    """Return what keeps *account* from the packs in *directory*."""
    for path in (directory, *pack_files(directory)):
        rights = Right.READ | Right.ENTER if path == directory else Right.READ
        if why := refusal(path, account, rights):
            return why
    return ""


def doubtful(found: Resolvable, account: Account) -> Iterator[str]:
    """Yield what lets the service start and still is not as somebody will have meant it."""
    settings = found.settings
    for key, path in _paths(settings):
        if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises behind a closed directory
            yield from _at(key, refusal(path, account, Right.READ))
    if found.source:
        yield from _at(str(found.source), refusal(found.source, account, Right.READ))
    yield from _feeds(settings)
    yield from _packs(settings)
    if settings.socket_address.family == "unix":
        yield from _socket(settings, account)


def _socket(settings: Settings, account: Account) -> Iterator[str]:
    """No error: the directory may be made, by systemd-tmpfiles(8), after the check."""
    directory = Path(settings.socket_address.path).parent
    why = _unwritable(directory, account)
    yield from _at("socket", why or _closed_to_mta(settings, account))


def _unwritable(directory: Path, account: Account) -> str:
    why = refusal(directory, account, Right.WRITE | Right.ENTER)
    return f"{why}; the service will not start" if why else ""


def _paths(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield key and value of every path in *model*, however deep; a new setting is found, too."""
    for key in type(model).model_fields:
        value = getattr(model, key)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Path):
                yield f"[{prefix}] {key}" if prefix else key, item
            elif isinstance(item, BaseModel):
                yield from _paths(item, key)


def _feeds(settings: Settings) -> Iterator[str]:
    for feed in settings.feeds:
        try:
            entries = read(feed.path, shipped_shared_hosts())
        except FileNotFoundError:
            continue  # said already: "is no file yet"
        except OSError as error:
            yield f"[[feeds]] {feed.name}: {feed.path}: {error.strerror or error}"
            continue
        if not len(entries):
            yield f"[[feeds]] {feed.name}: {feed.path} has no entry"
        yield from (f"[[feeds]] {feed.name}: {problem}" for problem in entries.problems)


def _packs(settings: Settings) -> Iterator[str]:
    shipped, enabled = shipped_ids(), brand_ids(settings.brands.enabled)
    for directory in settings.brands.directories:
        for path in pack_files(directory):
            if path.stem not in enabled:
                yield (
                    f"[brands] enabled: {path} is not in use; a pack's file name is its id, "
                    f"and {path.stem!r} is not enabled"
                )
            elif path.stem in shipped:
                yield f"[brands] directories: {path} replaces the shipped pack {path.stem!r}"


def _closed_to_mta(settings: Settings, account: Account) -> str:
    """Return what will keep Postfix from connecting to the socket that *account* makes."""
    mta = Account.named(MTA)
    directory = Path(settings.socket_address.path).parent
    if mta is None:
        return ""
    if why := refusal(directory, mta, Right.ENTER):
        return why
    found, mode = directory.stat(), settings.socket_mode_bits
    if mode & Right.WRITE:  # everybody may connect
        return ""
    sticky = bool(found.st_mode & stat.S_ISGID)
    group = settings.socket_group or group_name(found.st_gid if sticky else account.gid)
    if group in map(group_name, mta.groups) and mode >> 3 & Right.WRITE:
        return ""
    because = "" if sticky or settings.socket_group else ", as its directory is not set-gid"
    return (
        f"{MTA} cannot connect: the socket will have mode {mode:o} and group {group}{because}: "
        f"{described(directory, found)}"
    )
