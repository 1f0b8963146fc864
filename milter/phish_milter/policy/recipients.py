"""Which recipients are role addresses, where reports of phishing must arrive."""

from collections.abc import Iterable, Sequence

from phish_milter.domains.names import canonical_domain
from phish_milter.policy.decision import RoleRecipients


def role_recipients(
    rcpt_to: Sequence[str], role_addresses: Iterable[str], domains: Iterable[str]
) -> RoleRecipients:
    """
    Tell how many of *rcpt_to* (RFC 5321 addresses) are among *role_addresses*.

    Case and ``+extension`` are ignored.  A role without a domain (``abuse@``) means that
    name at each of *domains*; a recipient without a domain (``postmaster``, RFC 5321
    section 4.5.1) is local and matches every role of that name.
    """
    roles = _expanded(role_addresses, tuple(domains))
    matches = [_plain(address) in roles for address in rcpt_to]
    if not any(matches):
        return RoleRecipients.NONE
    return RoleRecipients.ALL if all(matches) else RoleRecipients.SOME


def _expanded(role_addresses: Iterable[str], domains: tuple[str, ...]) -> set[str]:
    roles = set()
    for role in role_addresses:
        local, _, domain = _plain(role).partition("@")
        roles.add(local)
        roles.update(f"{local}@{name}" for name in ((domain,) if domain else domains))
    return roles


def _plain(address: str) -> str:
    """Return *address* without brackets, quotes, case and extension."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    if not at:
        local, domain = domain, ""
    local = local.strip('"').partition("+")[0].lower()
    return f"{local}@{canonical_domain(domain)}" if domain else local
