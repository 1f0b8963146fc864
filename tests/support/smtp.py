"""An SMTP client for what smtplib does not do: XCLIENT, BDAT and raw bytes."""

import smtplib
from typing import Self

OUTSIDE = {"ADDR": "192.0.2.7", "NAME": "mail.example.org", "HELO": "mail.example.org"}


class SmtpClient(smtplib.SMTP):
    """One session with a Postfix that trusts our XCLIENT."""

    def __init__(self, port: int, **xclient: str) -> None:
        super().__init__("127.0.0.1", port, local_hostname="mail.example.org", timeout=60)
        self.ehlo()
        attributes = " ".join(f"{key}={value}" for key, value in (OUTSIDE | xclient).items())
        code, text = self.docmd(f"XCLIENT {attributes}")
        assert code == 220, text
        self.ehlo()

    def __enter__(self) -> Self:
        return self

    def begin(
        self, sender: str = "a@example.org", recipients: tuple[str, ...] = ("b@example.net",)
    ) -> None:
        self._expect(250, *self.docmd(f"MAIL FROM:<{sender}>"))
        for recipient in recipients:
            self._expect(250, *self.docmd(f"RCPT TO:<{recipient}>"))

    def message(
        self,
        data: bytes,
        sender: str = "a@example.org",
        recipients: tuple[str, ...] = ("b@example.net",),
    ) -> tuple[int, str]:
        """Send one message and return the answer to its final dot."""
        self.begin(sender, recipients)
        code, text = self.data(data)
        return code, text.decode()

    def bdat(self, *chunks: bytes) -> tuple[int, str]:
        """Send one message in chunks (RFC 3030) and return the last answer."""
        self.begin()
        code, text = 0, b""
        for number, chunk in enumerate(chunks, 1):
            last = " LAST" if number == len(chunks) else ""
            self.send(f"BDAT {len(chunk)}{last}\r\n".encode() + chunk)
            code, text = self.getreply()
        return code, text.decode()

    @staticmethod
    def _expect(wanted: int, code: int, text: bytes) -> None:
        assert code == wanted, text


def mail(marker: str, order: str = "", *, extra: bytes = b"", body: bytes = b"text\r\n") -> bytes:
    """Return a mail that tells the small scanner what to do."""
    head = f"From: a@example.org\r\nSubject: {marker}\r\nX-Order: {order}\r\n".encode()
    return head + extra + b"\r\n" + body
