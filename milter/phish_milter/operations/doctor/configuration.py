"""What a checked configuration comes to, in a few lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from phish_milter.detection.brands.pack import PackError, load_packs
from phish_milter.detection.checks import SYMBOLS
from phish_milter.operations.doctor.access import Account
from phish_milter.operations.doctor.files import doubtful, forbidden
from phish_milter.settings.load import DEFAULT_PATH, SettingsError, load_settings
from phish_milter.settings.model import BrandSettings, Settings
from phish_milter.settings.nameservers import Resolvable, resolvable
from phish_milter.settings.validation import doubts

#: The user of the shipped unit.
SERVICE_USER = "phish-milter"


@dataclass(frozen=True, slots=True)
class Checked:
    """
    A configuration that the service can start with.

    Attributes:
        settings: With the resolvers in force.
        user: Whose rights were looked at.
        warnings: What is hardly meant, each as ``PLACE: message``.
    """

    settings: Settings
    user: str
    warnings: tuple[str, ...]


def checked(path: Path | None, user: str | None = None) -> Checked:
    """
    Read the configuration at *path*, the brand packs it names and the resolvers of the system.

    Files are looked at with the rights of *user*, by default the one of the shipped unit or,
    where there is none, whoever asks.  Raises SettingsError that lists every problem at once.
    """
    account = Account.named(user or SERVICE_USER)
    if account is None and user:
        raise SettingsError((f"--user: no user {user}",))
    found = _readable(path)
    config = path or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    account, doubt = (account, ()) if account else (Account.present(), (_NO_USER,))
    if problems := tuple(forbidden(found.settings, account, config)):
        raise SettingsError(problems, found.settings.brands)
    warnings = (*doubts(found.settings), *found.problems, *doubtful(found, account))
    return Checked(found.settings, account.name, (*warnings, *doubt))


_NO_USER = (
    f"user {SERVICE_USER} does not exist on this host: files were looked at with your own "
    "rights; --user names another"
)


def _readable(path: Path | None) -> Resolvable:
    """Return what start would read; raises SettingsError where it would fail."""
    try:
        settings = load_settings(path, SYMBOLS)
    except SettingsError as error:
        problems = error.problems + _pack_problems(error.brands)
        raise SettingsError(problems, error.brands) from None
    found = resolvable(settings)
    if problems := _pack_problems(settings.brands) + _resolver_problems(found):
        raise SettingsError(problems, settings.brands)
    return found


def _resolver_problems(found: Resolvable) -> tuple[str, ...]:
    """Return what is wrong where no resolver is left; otherwise there are only warnings."""
    try:
        found.required()
    except SettingsError as error:
        return error.problems
    return ()


def _pack_problems(brands: BrandSettings | None) -> tuple[str, ...]:
    if brands is None:
        return ()
    try:
        load_packs(brands.directories, brands.enabled)
    except PackError as error:
        return tuple(error.problems)
    return ()


def summary(found: Checked, path: Path | None = None) -> Iterator[str]:
    """
    Yield "OK", the file that was read, and what is in force.

    The brand packs are loaded first; raises PackError where one cannot be used.
    """
    settings = found.settings
    brands = load_packs(settings.brands.directories, settings.brands.enabled)
    site, scanner, policy = settings.site, settings.scanner, settings.policy
    read = path or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    yield "OK"
    yield f"file: {read}" if read else f"file: none, defaults hold ({DEFAULT_PATH} is not there)"
    yield f"user: {found.user}"
    yield f"socket: {settings.socket}"
    yield f"site: {', '.join(site.domains) or 'no domains'}; {_networks(settings)} not scanned"
    yield (
        f"scanner: {scanner.processes} processes, {scanner.deadline_seconds:g} s and "
        f"{scanner.max_bytes} bytes for a message"
    )
    yield (
        f"policy: tag from {policy.tag:g}, quarantine from {policy.quarantine:g}, reject from "
        f"{policy.reject:g}, ceiling {policy.ceiling}; {policy.on_failure} on failure, "
        f"{policy.on_unverifiable} when unverifiable"
    )
    yield f"scores: {len(settings.scores)} changed"
    yield f"brands: {', '.join(brand.id for brand in brands) or 'none'}"
    yield f"metrics: {settings.metrics.listen or 'off'}"
    yield f"log: {settings.log.destination}, {settings.log.format}"


def _networks(settings: Settings) -> str:
    networks = [str(network) for network in settings.site.internal_networks]
    clients = ["authenticated clients"] if settings.site.skip_authenticated else []
    return ", ".join([*networks, *clients]) or "nothing"
