"""One message while it arrives: what SMTP said, its header fields and its body, bounded."""

from concurrent.futures import Future

from phish_milter.authentication.verify import Evidence
from phish_milter.message.buffer import BodyBuffer
from phish_milter.message.limits import TAIL_BYTES
from phish_milter.message.model import Envelope

# Postfix takes 1,000 recipients and 100 kB of header by default (smtpd_recipient_limit,
# header_size_limit); these only keep an MTA without limits from filling our memory.
MAX_RECIPIENTS = 10_000
MAX_HEADER_BYTES = 1024 * 1024


class Transaction:
    """
    Collects one message between MAIL and the final dot.

    Attributes:
        client_ip, helo: Where the message comes from.
        mail_from: Envelope sender without brackets; "" is the null sender.
        fields: Header fields as they came, topmost first: name and raw value, the value
            with its leading space and folds, without the final line end.
        shortened: Header fields were left out because there were too many.
        failed: A fault of ours lost a part of the message.
        inquiry: What DNS says about the message, being asked; None when it is not.
    """

    def __init__(self, client_ip: str, helo: str, mail_from: bytes, max_bytes: int) -> None:
        self.client_ip, self.helo = client_ip, helo
        self.mail_from = _address(mail_from)
        self.fields: list[tuple[str, bytes]] = []
        self.shortened = False
        self.failed = False
        self.inquiry: Future[Evidence] | None = None
        self._recipients: list[str] = []
        self._header_bytes = 0
        self._max_bytes = max_bytes
        self._buffer: BodyBuffer | None = None

    def add_recipient(self, address: bytes) -> None:
        """Note one recipient as RCPT named it."""
        if len(self._recipients) < MAX_RECIPIENTS:
            self._recipients.append(_address(address))

    def add_field(self, name: str, value: bytes) -> None:
        """Note one header field."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes <= MAX_HEADER_BYTES:
            self.fields.append((name, value))
        else:
            self.shortened = True

    def add_body(self, chunk: bytes) -> None:
        """Note the next bytes of the body; the header is complete now."""
        self._bytes().add(chunk)

    def forget(self) -> None:
        """Take back the questions about the message, unless they are being asked already."""
        if self.inquiry is not None:
            self.inquiry.cancel()

    @property
    def envelope(self) -> Envelope:
        """What SMTP said."""
        return Envelope(self.client_ip, self.helo, self.mail_from, tuple(self._recipients))

    def raw(self) -> bytes:
        """Return the message with CRLF line ends, as a mail file holds it."""
        return self._bytes().take()

    def _bytes(self) -> BodyBuffer:
        """Return the buffer of the whole message, begun with the header."""
        if self._buffer is None:
            # One byte more than the parser looks at, so that it sees itself what is missing.
            self._buffer = BodyBuffer(self._max_bytes, TAIL_BYTES + 1)
            self._buffer.add(self._header())
        return self._buffer

    def _header(self) -> bytes:
        lines = [name.encode("utf-8", "surrogateescape") + b":" + v for name, v in self.fields]
        header = b"\r\n".join((*lines, b"", b""))
        if header.count(b"\n") == header.count(b"\r\n"):
            return header
        return header.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # folds come with a bare LF


def _address(written: bytes) -> str:
    """Return an address without its brackets; SMTPUTF8 allows UTF-8 in it (RFC 6531)."""
    return written.decode("utf-8", "backslashreplace").strip().removeprefix("<").removesuffix(">")
