"""Resolvers of the system: what of resolv.conf is used, what is told about the rest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from phish_milter.settings.load import SettingsError
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import PORT, resolvable

OWN = Settings.model_validate({"dns": {"nameservers": ("192.0.2.53",), "port": 5353}})
LINK_LOCAL = "nameserver is link-local and must name its interface, such as fe80::1%eth0"
ADVICE = "no nameserver can be used; name one there or in [dns] nameservers"


@pytest.mark.parametrize(
    ("data", "addresses", "told"),
    [
        (b"nameserver 192.0.2.1\nnameserver\t2001:db8::1\n", ("192.0.2.1", "2001:db8::1"), []),
        (b"search a.example\r\nnameserver 192.0.2.1\r\n", ("192.0.2.1",), []),
        (b"nameserver 192.0.2.1 # near\nnameserver 192.0.2.1", ("192.0.2.1",), []),
        (b"# caf\xe9\noptions \xff\xfe\nnameserver 192.0.2.1\n", ("192.0.2.1",), []),
        (b"nameserver fe80::1%eth0\n", ("fe80::1%eth0",), []),
        (b"nameserver fe80::1%2\n", ("fe80::1%2",), []),
        (
            b"nameserver localhost\nnameserver 127.0.0.1\n",
            ("127.0.0.1",),
            ["line 1: nameserver must be an IP address, not 'localhost'"],
        ),
        (
            b"nameserver 192.0.2.\xb9\nnameserver 192.0.2.1\n",
            ("192.0.2.1",),
            [r"line 1: nameserver must be an IP address, not '192.0.2.\\xb9'"],
        ),
        (
            b"\nnameserver fe80::1\nnameserver fe80::2\n",
            (),
            [
                f"line 2: {LINK_LOCAL}, not 'fe80::1'",
                f"line 3: {LINK_LOCAL}, not 'fe80::2'",
            ],
        ),
        (b"nameserver\n", (), ["line 1: nameserver must be an IP address, not ''"]),
        (b"nameserver 0.0.0.0\n", (), ["must be the address of one host, not '0.0.0.0'"]),
        (b"nameserver ff02::1%2\n", (), ["must be the address of one host, not 'ff02::1%2'"]),
        (b"nameserver fe80::1%a\0b\n", (), ["must have the name of an interface after %"]),
        (b"nameserver fe80::1%0\n", (), ["must have the name of an interface after %"]),
        (b"nameserver fe80::1%99999999999\n", (), ["must have the name of an interface"]),
        (b"#nameserver 192.0.2.1\nsearch a.example\n", (), ["names no nameserver"]),
        (b"nameservers 192.0.2.1\n", (), ["names no nameserver"]),
        (b"", (), ["names no nameserver"]),
        (bytes(range(256)) * 4, (), ["names no nameserver"]),
        (b"n\0a\0m\0e\0s\0e\0r\0v\0e\0r\0 \0001\0", (), ["names no nameserver"]),
    ],
)
def test_usable_lines_are_used_and_others_told(
    tmp_path: Path, data: bytes, addresses: tuple[str, ...], told: list[str]
) -> None:
    path = tmp_path / "resolv.conf"
    path.write_bytes(data)

    found = resolvable(Settings(), path)

    assert (found.settings.dns.nameservers, found.settings.dns.port) == (addresses, PORT)
    assert len(found.problems) == len(told)
    for problem, text in zip(found.problems, told, strict=True):
        assert problem.startswith(f"{path}: ")
        assert text in problem
        assert problem.isprintable()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (Path.exists, "cannot be read: No such file or directory"),  # makes nothing
        (Path.mkdir, "cannot be read: Is a directory"),
        (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links"),
        (Path.touch, "names no nameserver"),
    ],
)
def test_without_any_resolver_there_are_none_and_whoever_needs_one_is_told(
    tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "resolv.conf"
    make(path)

    found = resolvable(Settings(), path)

    assert found.settings.dns.nameservers == ()
    with pytest.raises(SettingsError) as caught:
        found.required()
    assert caught.value.problems == (f"{path}: {reason}", ADVICE)


def test_resolvers_that_settings_name_are_enough(tmp_path: Path) -> None:
    found = resolvable(OWN, tmp_path / "none")

    assert (found.required().settings, found.problems) == (OWN, ())


def test_a_long_value_is_told_in_short(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_bytes(b"nameserver " + b"\x1b[2J" * 5000)

    (problem,) = resolvable(Settings(), path).problems

    assert problem.isprintable()
    assert len(problem) < 300
