"""
Structured logging: one line about each message, and the events of the service.

``configure()`` is called once at the start and after a reload.  Then ``structlog`` and
the ``logging`` of libraries write to the same place in the same form, and every text
value is escaped and redacted on its way there.
"""

import json
import logging
import os
import sys
import syslog
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from phish_milter.policy.decision import Verdict
from phish_milter.policy.outcome import Outcome
from phish_milter.settings.model import LogSettings, Settings
from phish_milter.text.escaping import mask_address, present

log = structlog.get_logger()

# A value of one field; a traceback needs more room than any text of a message.
VALUE_LIMIT = 300
TRACEBACK_LIMIT = 8000

_SYSLOG_PRIORITIES = (
    (logging.CRITICAL, syslog.LOG_CRIT),
    (logging.ERROR, syslog.LOG_ERR),
    (logging.WARNING, syslog.LOG_WARNING),
    (logging.INFO, syslog.LOG_INFO),
)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logging where *settings* say; *stream* stands in for stderr."""
    if settings.log.destination == "syslog":
        syslog.openlog("phish-milter", syslog.LOG_PID, syslog.LOG_MAIL)
        handler: logging.Handler = _SyslogHandler()
    else:
        handler = _StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(settings.log))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [structlog.stdlib.add_log_level, structlog.processors.format_exc_info]


def _formatter(settings: LogSettings) -> logging.Formatter:
    stamp: list[Processor] = []
    if settings.destination == "stderr":  # syslog stamps its lines itself
        stamp = [structlog.processors.TimeStamper(fmt="iso", key="time")]
    render: list[Processor] = [
        _flatten,
        structlog.processors.LogfmtRenderer(key_order=_FIRST, drop_missing=True),
    ]
    if settings.format == "json":
        render = [_first_keys, structlog.processors.JSONRenderer(json.dumps)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            *stamp,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _safe,
            *render,
        ],
    )


_FIRST = ("time", "level", "event")


def _first_keys(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: event[key] for key in _FIRST if key in event} | dict(event)


def _safe(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape and redact every value: any of them may hold text of a message."""
    return {
        key: _safe_value(value, TRACEBACK_LIMIT if key == "exception" else VALUE_LIMIT)
        for key, value in event.items()
    }


def _safe_value(value: object, limit: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {present(str(key)): _safe_value(item, limit) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe_value(item, limit) for item in value]
    return present(str(value), limit)


def _flatten(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Write lists and mappings as one word each, as logfmt has only strings."""
    return {key: _flat(value) for key, value in event.items()}


def _flat(value: object) -> object:
    if isinstance(value, dict):
        return ",".join(f"{key}:{item}" for key, item in value.items())
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return value


class _StreamHandler(logging.StreamHandler[TextIO]):
    """Writes lines; for the journal each starts with its priority (sd-daemon(3))."""

    _journal = "JOURNAL_STREAM" in os.environ

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return f"<{_priority(record.levelno)}>{line}" if self._journal else line


class _SyslogHandler(logging.Handler):
    """Writes to the system log; libc finds the socket again when it was restarted."""

    def emit(self, record: logging.LogRecord) -> None:
        syslog.syslog(_priority(record.levelno), self.format(record))


def _priority(level: int) -> int:
    return next((word for least, word in _SYSLOG_PRIORITIES if level >= least), syslog.LOG_DEBUG)


class MessageLog:
    """Writes the line about each message."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = settings.log.addresses

    def record(self, outcome: Outcome) -> None:
        """Write one line about an answered message; a fault of ours makes it a warning."""
        fields = self._fields(outcome)
        if outcome.failure:
            log.warning("message", **fields, failure=outcome.failure)
        else:
            log.info("message", **fields)

    def _fields(self, outcome: Outcome) -> dict[str, Any]:
        verdict, envelope = outcome.verdict, outcome.envelope
        return {
            "queue_id": outcome.queue_id,
            "sender": mask_address(envelope.mail_from, self._addresses),
            "recipients": len(envelope.rcpt_to),
            "action": str(verdict.action),
            "uncapped_action": str(verdict.uncapped_action),
            "score": verdict.score,
            "brands": {brand.brand: str(brand.verdict) for brand in verdict.brands},
            "symbols": _symbols(verdict),
            "milliseconds": round(outcome.seconds * 1000, 1),
        }


def _symbols(verdict: Verdict) -> list[str]:
    """Return the symbols found, each once, in the order of the findings."""
    return list(dict.fromkeys(item.finding.symbol.name for item in verdict.findings))
