from collections.abc import Callable
from typing import Any

class TempError(Exception): ...
class PermError(Exception): ...

DNSLookup: Callable[..., list[tuple[tuple[str, str], Any]]]

class query:  # noqa: N801 - the library's name
    ident: str
    def __init__(
        self,
        i: str,
        s: str,
        h: str,
        receiver: str | None = ...,
        strict: bool = ...,
        timeout: float = ...,
        querytime: float = ...,
    ) -> None: ...
    def check(self) -> tuple[str, int, str]: ...
    def dns(self, name: str, qtype: str, *args: Any, **kwargs: Any) -> list[Any]: ...
