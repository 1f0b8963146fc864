from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

class DKIMException(Exception): ...  # noqa: N818 - the library's name
class ValidationError(DKIMException): ...

DnsFunction: TypeAlias = Callable[..., bytes | None]

class DomainSigner:
    headers: list[tuple[bytes, bytes]]
    body: bytes
    def __init__(
        self,
        message: bytes | None = ...,
        logger: Any = ...,
        signature_algorithm: bytes = ...,
        minkey: int = ...,
    ) -> None: ...
    def verify_sig(
        self,
        sig: dict[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: DnsFunction,
    ) -> bool: ...

class DKIM(DomainSigner):
    def sign(
        self,
        selector: bytes,
        domain: bytes,
        privkey: bytes,
        signature_algorithm: bytes | None = ...,
        identity: bytes | None = ...,
        canonicalize: tuple[bytes, bytes] = ...,
        include_headers: Sequence[bytes] | None = ...,
        length: bool = ...,
    ) -> bytes: ...
    def verify(self, idx: int = ..., dnsfunc: DnsFunction = ...) -> bool: ...

class ARC(DomainSigner):
    def sign(
        self,
        selector: bytes,
        domain: bytes,
        privkey: bytes,
        srv_id: bytes,
        include_headers: Sequence[bytes] | None = ...,
    ) -> list[bytes]: ...
    def verify(
        self, dnsfunc: DnsFunction = ...
    ) -> tuple[bytes | None, list[dict[str, Any]], str]: ...

def validate_signature_fields(sig: dict[bytes, bytes]) -> None: ...
def rfc822_parse(message: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]: ...
