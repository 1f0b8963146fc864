"""Types of single settings: each accepts one way of writing a value and says what is wrong."""

import re
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from phish_milter.domains.names import canonical_domain

# A socket path must fit into sockaddr_un with its final NUL (unix(7)).
SOCKET_PATH_BYTES = 107

# Bits in front of an IPv4 address that is mapped into IPv6.
_MAPPED_BITS = 96
# The families of libmilter's own syntax and the addresses they take.
_FAMILIES = {"inet": IPv4Address, "inet6": IPv6Address}

# RFC 1035 section 2.3.4: 63 octets for a label, 253 characters for a name.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NAME_LENGTH = 253

# RFC 8601 section 2.5: a token of RFC 2045; quoted forms are not used in practice.
_AUTHSERV_ID = re.compile(r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]{1,253}")

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?P<domain>[^\s@]{0,253})")
# Name of a network interface (IFNAMSIZ of if.h) or its index, which is a positive C int.
_ZONE = re.compile(r"(?!0+$|[0-9]{10})[0-9A-Za-z._-]{1,15}")
# What inet_aton(3) would take for an address in some old way of writing.
_NUMERIC = re.compile(r"[0-9.]+")
_OCTAL = re.compile(r"0?[0-7]{3}")
_HOST = re.compile(r"[0-9A-Za-z._:%-]{1,253}")


class Affects(StrEnum):
    """What a changed setting touches; the mark of a setting, ``SCAN`` where it bears none."""

    SCAN = "scan"  # what is found in a message
    POLICY = "policy"  # what is done with what was found
    OUTPUT = "output"  # how it is told
    RESTART = "restart"  # what only a start can change, since others have to be told first


class SocketAddress(NamedTuple):
    """Where Postfix connects: *family* is ``unix``, ``inet`` or ``inet6``."""

    family: str
    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"{self.family}:{self.path or f'{self.port}@{self.host}'}"


def _domain(value: str) -> str:
    """Return the name as those of authors and links are written, to be equal to them."""
    written = value.removesuffix(".")
    name = canonical_domain(written)
    too_long = max(len(written), len(name)) > _NAME_LENGTH
    strays = written != written.strip(" .")
    if too_long or strays or not _is_name(name):
        raise ValueError("must be a domain name such as example.net")
    return name


def _site_domain(value: str) -> str:
    """Refuse a domain under which others register theirs: all of them would be the site's own."""
    # Imported when needed: the list is large, and most who read settings name no such domain.
    from phish_milter.domains.registrable import is_public_suffix  # noqa: PLC0415

    if is_public_suffix(value):
        raise ValueError("must be the site's own domain; this is a public suffix, open to others")
    return value


def _authserv_id(value: str) -> str:
    if not _AUTHSERV_ID.fullmatch(value):
        raise ValueError("must be one word such as mx.example.net")
    return value.lower()


def _optional_authserv_id(value: str) -> str:
    return value and _authserv_id(value)


def _role_address(value: str) -> str:
    match = _ADDRESS.fullmatch(value)
    if not match:
        raise ValueError("must be an address such as abuse@example.net, or abuse@")
    local = value.partition("@")[0].lower()
    return f"{local}@{_domain(match['domain']) if match['domain'] else ''}"


def network(value: object) -> IPv4Network | IPv6Network:
    """
    Return the network written as *value*; raises ValueError that explains.

    IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2) becomes IPv4, as clients are given.
    """
    if not isinstance(value, str):
        raise ValueError('must be a network in quotes, such as "192.0.2.0/24"')  # noqa: TRY004
    try:
        return _unmapped(ip_network(value))
    except ValueError as error:
        reason = "has host bits set" if "host bits" in str(error) else "is no network"
        raise ValueError(f"{reason}; write it like 192.0.2.0/24 or 2001:db8::/32") from None


def _unmapped(net: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    mapped = net.network_address.ipv4_mapped if isinstance(net, IPv6Network) else None
    if mapped is None or net.prefixlen < _MAPPED_BITS:
        return net
    return IPv4Network((mapped, net.prefixlen - _MAPPED_BITS))


def nameserver(value: str) -> str:
    """Return the address of a resolver as it is asked; raises ValueError that explains."""
    try:
        address = ip_address(value)
    except ValueError:
        raise ValueError("must be an IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise ValueError("must be the address of one host")
    zone = address.scope_id if isinstance(address, IPv6Address) else None
    # RFC 4007 section 6: without its zone such an address says nothing.
    if isinstance(address, IPv6Address) and address.is_link_local and zone is None:
        raise ValueError("is link-local and must name its interface, such as fe80::1%eth0")
    if zone is not None and not _ZONE.fullmatch(zone):
        raise ValueError("must have the name of an interface after %")
    return str(address)


def _octal_mode(value: str) -> str:
    if not _OCTAL.fullmatch(value):
        raise ValueError('must be three octal digits in quotes, such as "660"')
    return value


def _resolved(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("must be a path")
    return _directory(info) / value


def _directory(info: ValidationInfo) -> Path:
    """Directory of the configuration file, which relative paths start from."""
    context = info.context or {}
    return Path(context.get("directory", "."))


def _socket(value: str, info: ValidationInfo) -> str:
    """Check the socket and write it in full: paths absolute, ports without leading zeros."""
    return str(socket_address(value, _directory(info)))


def socket_address(value: str, directory: Path = Path()) -> SocketAddress:
    """
    Take ``unix:PATH``, ``inet:PORT@HOST`` or ``inet6:PORT@HOST`` apart.

    A relative path starts from *directory*.  Raises ValueError that explains.
    """
    family, _, rest = value.partition(":")
    if family == "unix":
        return SocketAddress(family, path=_socket_path(rest, directory))
    port, _, host = rest.partition("@")
    if family not in _FAMILIES or not _HOST.fullmatch(host):
        raise ValueError("must be unix:PATH, inet:PORT@HOST or inet6:PORT@HOST")
    return SocketAddress(family, host=_socket_host(host, family), port=_port(port))


def _socket_path(written: str, directory: Path) -> str:
    if not written or "\0" in written:
        raise ValueError("must name a path after unix:")
    path = str(directory / written)
    if len(path.encode()) > SOCKET_PATH_BYTES:
        raise ValueError(f"path is longer than the {SOCKET_PATH_BYTES} bytes a socket may have")
    return path


def _socket_host(host: str, family: str) -> str:
    """Return *host*, an address of *family* or a name, whose addresses are not looked at."""
    address = _host_address(host)
    if address and not isinstance(address, _FAMILIES[family]):
        other = "inet6" if family == "inet" else "inet"
        raise ValueError(f"must be {other}:PORT@HOST with an IPv{address.version} address")
    return host


def _host_address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that *host* is, None for a name; raises ValueError that explains."""
    if _is_name(host.lower().removesuffix(".")) and not _NUMERIC.fullmatch(host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        raise ValueError("must have an IP address or the name of a host") from None


def _is_name(text: str) -> bool:
    return all(_LABEL.fullmatch(part) for part in text.split("."))


def _host_port(value: str) -> str:
    if value:
        host_and_port(value)
    return value


def host_and_port(value: str) -> tuple[str, int]:
    """Split ``HOST:PORT`` or ``[IPV6]:PORT``; raises ValueError that explains."""
    host, _, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed:
        host = host[1:-1]
    written = _HOST.fullmatch(host) is not None
    if not written or isinstance(_host_address(host), IPv6Address) != bracketed:
        raise ValueError("must be HOST:PORT or [IPV6]:PORT")
    return host, _port(port)


def _feed_name(text: str) -> str:
    """Check the name of a feed, which becomes a label of metrics."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", text):
        raise ValueError("must be up to 40 lower case letters, digits, - and _")
    return text


def _port(digits: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", digits) or not 1 <= int(digits) <= 65535:
        raise ValueError("must have a port between 1 and 65535")
    return int(digits)


FeedName = Annotated[str, AfterValidator(_feed_name)]
Domain = Annotated[str, AfterValidator(_domain)]
SiteDomain = Annotated[Domain, AfterValidator(_site_domain)]
AuthservId = Annotated[str, AfterValidator(_authserv_id)]
OptionalAuthservId = Annotated[str, AfterValidator(_optional_authserv_id)]
RoleAddress = Annotated[str, AfterValidator(_role_address)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(network)]
Nameserver = Annotated[str, AfterValidator(nameserver)]
OctalMode = Annotated[str, AfterValidator(_octal_mode)]
ResolvedPath = Annotated[Path, BeforeValidator(_resolved)]
SocketSpec = Annotated[str, AfterValidator(_socket)]
OptionalHostPort = Annotated[str, AfterValidator(_host_port)]
