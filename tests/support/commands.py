"""Calling the commands, and two mails to call them with."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from phish_milter.cli.main import main

PLAIN = b"""\
From: Anna <anna@example.org>
To: maintainer@example.net
Subject: Lunch on Friday
Date: Mon, 5 Oct 2026 09:00:00 +0000
Message-ID: <1@example.org>

Shall we meet at noon?  The menu: https://example.org/menu
"""


FAKE = b"""\
From: PyPI Support <support@registry-desk.example>
To: maintainer@example.net
Subject: [PyPI] Verify your email address
Date: Mon, 5 Oct 2026 09:00:00 +0000
Message-ID: <2@registry-desk.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Your PyPI account will be removed within 24 hours unless you verify your email address.</p>
<p><a href="https://pypi-login.example/account/login/?key=Zx81Qp">https://pypi.org/account/login/</a></p>
"""


ENVELOPE = {"client_ip": "203.0.113.7", "helo": "mail.example", "rcpt_to": ["joe@example.net"]}


def call(*arguments: object, stdin: bytes = b"") -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


UNUSABLE = (None, b"nameserver localhost\n", b"nameserver fe80::1\n", b"# caf\xe9\n")


def resolvers(box: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None) -> Path:
    """Let the system's resolvers be those of *data*; None: it has no such file."""
    path = box / "resolv.conf"
    if data is not None:
        path.write_bytes(data)
    monkeypatch.setattr("phish_milter.settings.nameservers.RESOLV_CONF", path)
    return path
