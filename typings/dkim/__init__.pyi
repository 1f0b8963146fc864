from collections.abc import Callable, Sequence
from typing import Any

class DKIMException(Exception): ...
class ValidationError(DKIMException): ...

DnsFunction = Callable[..., bytes | None]

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

def rfc822_parse(message: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]: ...
