"""The resolvers of the system: what resolv.conf(5) names and we can use."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from phish_milter.settings.load import SettingsError
from phish_milter.settings.model import Settings
from phish_milter.settings.types import nameserver
from phish_milter.text.escaping import show

RESOLV_CONF = Path("/etc/resolv.conf")
# resolv.conf has no way to name another.
PORT = 53

# How much of a wrong value is repeated in a message.
SHOWN_VALUE = 60


@dataclass(frozen=True, slots=True)
class Resolvable:
    """
    Settings with the resolvers in force spelled out.

    Attributes:
        settings: With ``dns.nameservers`` empty only where there is no resolver at all.
        problems: What keeps resolvers of the system from being used, each as ``FILE: message``.
        source: The file that names the resolvers, None where the settings do.
    """

    settings: Settings
    problems: tuple[str, ...] = ()
    source: Path | None = None

    def required(self) -> "Resolvable":
        """Return this; raises SettingsError where nobody can be asked."""
        if self.settings.dns.nameservers:
            return self
        advice = "no nameserver can be used; name one there or in [dns] nameservers"
        raise SettingsError((*self.problems, advice))


def resolvable(settings: Settings, path: Path | None = None) -> Resolvable:
    """
    Fill in the resolvers of the system where *settings* name none; never raises.

    They are read from *path*, by default that of the system.
    """
    if settings.dns.nameservers:
        return Resolvable(settings)
    name = path or RESOLV_CONF
    try:
        data = name.read_bytes()
    except OSError as error:
        return Resolvable(settings, (f"{name}: cannot be read: {error.strerror}",), name)
    return _filled_in(settings, name, data)


def _filled_in(settings: Settings, name: Path, data: bytes) -> Resolvable:
    usable, problems = [], []
    for number, value in _nameservers(data):
        try:
            usable.append(nameserver(value))
        except ValueError as error:
            shown = show(repr(value), SHOWN_VALUE)
            problems.append(f"{name}: line {number}: nameserver {error}, not {shown}")
    if not usable and not problems:
        problems.append(f"{name}: names no nameserver")
    addresses = tuple(dict.fromkeys(usable))
    return Resolvable(settings.with_nameservers(addresses, PORT), tuple(problems), name)


def _nameservers(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield line number and value of every nameserver, whatever bytes stand elsewhere."""
    for number, line in enumerate(data.splitlines(), 1):
        keyword, *values = line.split() or [b""]
        if keyword == b"nameserver":
            yield number, b"".join(values[:1]).decode("utf-8", "backslashreplace")
