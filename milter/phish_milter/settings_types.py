"""Types of single settings: each accepts one way of writing a value and says what is wrong."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from phish_milter.message.address import canonical_domain

# A socket path must fit into sockaddr_un with its final NUL (unix(7)).
SOCKET_PATH_BYTES = 107

# RFC 1035 section 2.3.4: 63 octets for a label, 253 characters for a name.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NAME_LENGTH = 253

# RFC 8601 section 2.5: a token of RFC 2045; quoted forms are not used in practice.
_AUTHSERV_ID = re.compile(r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]{1,253}")

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?P<domain>[^\s@]{0,253})")
_OCTAL = re.compile(r"0?[0-7]{3}")
_HOST = re.compile(r"[0-9A-Za-z._:%-]{1,253}")


def _domain(value: str) -> str:
    """Return the name as those of authors and links are written, to be equal to them."""
    written = value.removesuffix(".")
    name = canonical_domain(written)
    too_long = max(len(written), len(name)) > _NAME_LENGTH
    strays = written != written.strip(" .")
    if too_long or strays or not all(_LABEL.fullmatch(part) for part in name.split(".")):
        raise ValueError("must be a domain name such as example.net")
    return name


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
    """Return the network written as *value*; raises ValueError that explains."""
    if not isinstance(value, str):
        raise ValueError('must be a network in quotes, such as "192.0.2.0/24"')  # noqa: TRY004
    try:
        return ip_network(value)
    except ValueError as error:
        reason = "has host bits set" if "host bits" in str(error) else "is no network"
        raise ValueError(f"{reason}; write it like 192.0.2.0/24 or 2001:db8::/32") from None


def _ip_address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address") from None


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
    family, _, rest = value.partition(":")
    if family == "unix":
        return _unix_socket(rest, info)
    port, _, host = rest.partition("@")
    if family not in ("inet", "inet6") or not _HOST.fullmatch(host):
        raise ValueError("must be unix:PATH, inet:PORT@HOST or inet6:PORT@HOST")
    return f"{family}:{_port(port)}@{host}"


def _unix_socket(written: str, info: ValidationInfo) -> str:
    if not written or "\0" in written:
        raise ValueError("must name a path after unix:")
    path = str(_directory(info) / written)
    if len(path.encode()) > SOCKET_PATH_BYTES:
        raise ValueError(f"path is longer than the {SOCKET_PATH_BYTES} bytes a socket may have")
    return f"unix:{path}"


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
    if not _HOST.fullmatch(host) or (":" in host) != bracketed:
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
AuthservId = Annotated[str, AfterValidator(_authserv_id)]
OptionalAuthservId = Annotated[str, AfterValidator(_optional_authserv_id)]
RoleAddress = Annotated[str, AfterValidator(_role_address)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(network)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
OctalMode = Annotated[str, AfterValidator(_octal_mode)]
ResolvedPath = Annotated[Path, BeforeValidator(_resolved)]
SocketSpec = Annotated[str, AfterValidator(_socket)]
OptionalHostPort = Annotated[str, AfterValidator(_host_port)]
