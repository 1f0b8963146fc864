"""Platforms that carry mailing lists and add links about themselves to what they pass on."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from phish_milter.authentication.model import Authentication
from phish_milter.detection.origin_proof import held
from phish_milter.domains.names import is_within
from phish_milter.message.model import Message
from phish_milter.resources import entries, list_path

_LIST_ID = re.compile(r"<([^<>\s]{1,253})>\s*$")


@lru_cache(maxsize=1)
def platforms() -> Mapping[str, tuple[str, ...]]:
    """
    Return the hosts of list pages by the domain that signs for them.

    Raises:
        ValueError: A line of the shipped list is not ``domain = host ...``.
    """
    path = list_path("list-platforms.txt")
    table = {}
    for number, text in entries(path):
        words = text.split()
        if len(words) < 3 or words[1] != "=":
            raise ValueError(f"{path}:{number}: expected domain = host ...")
        table[words[0]] = tuple(words[2:])
    return MappingProxyType(table)


def list_host(message: Message) -> str:
    """Return the host-like identifier of List-Id (RFC 2919), "" without one."""
    found = _LIST_ID.search(message.first("list-id"))
    return found[1].lower() if found else ""


def pages(message: Message, authentication: Authentication) -> tuple[str, ...]:
    """
    Return the hosts that a known platform's footer in *message* may lead to.

    The platform has to have signed what it passed on: header fields are anybody's.
    """
    host = list_host(message)
    if not host:
        return ()
    for signer, hosts in platforms().items():
        if is_within(host, (signer, *hosts)) and held(authentication, signer):
            return hosts
    return ()
