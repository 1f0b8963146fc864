"""
Tell what an author wrote from what is quoted, forwarded or code in it.

Quoting is a courtesy, not a proof: an attacker can put everything behind a fake "Forwarded
message" line. So a text that is quoted as a whole counts as its author's own, unless the
subject itself says that it is a forward (see ``own_or_visible``).
"""

import re
from typing import Final

# "Ann wrote:" in the languages of common clients; the words that end an attribution line.
_WROTE: Final = (
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "escreveu",
    "schreef",
    "skrev",
    "napsal",
    "napisał",
    "pisze",
    "kirjoitti",
    "írta",
    "yazd\u0131",
    "пишет",
    "написал",
    "写道",
    "寫道",
    "のメッセージ",
)
_ATTRIBUTION: Final = re.compile(
    r"(?:"
    + "|".join(re.escape(word) for word in _WROTE)
    + r")[^\n:\uff1a]{0,120}[:\uff1a][ \t\xa0]*(?=\n|\Z)"
)
# An attribution names a time or an address, or begins as one; prose ("She wrote:") does not.
_ATTRIBUTION_LOOK: Final = re.compile(r"\d|@|^(?:On|Am|Le|El|Il|Em|Op|Den|W dniu)\s", re.MULTILINE)
_FORWARDED: Final = (
    "original message",
    "originalmail",
    "original appointment",
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "ursprüngliche nachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "message d'origine",
    "message original",
    "message transféré",
    "début du message réexpédié",
    "début du message transféré",
    "mensaje original",
    "mensaje reenviado",
    "messaggio originale",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem original",
    "mensagem encaminhada",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
    "ursprungligt meddelande",
    "vidarebefordrat meddelande",
    "videresendt",
    "oprindelig meddelelse",
    "wiadomość oryginalna",
    "wiadomość przekazana",
    "původní zpráva",
    "исходное сообщение",
    "пересылаемое сообщение",
    "原始邮件",
    "转发的邮件",
    "元のメッセージ",
    "转发邮件信息",
)
# Dashes of any length around it, or a colon after it, so that prose does not count.
_FORWARD_LINE: Final = re.compile(
    r"^[ \t>*]*(?:[-_=]{2,60}[ \t]*(?:"
    + "|".join(re.escape(word) for word in _FORWARDED)
    + r")[^\n]{0,120}|(?:begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message (?:réexpédié|transféré)|inizio messaggio inoltrato)[ \t]*:[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
# The header that Outlook puts above a quoted message: From, then Sent or Date.
_OUTLOOK: Final = re.compile(
    r"^[ \t]*\*?(?:From|Von|De|Da|Van|Från|Fra|Od|Kimden|От|发件人|差出人)\*?[ \t\xa0]?:"
    r"[^\n]{1,300}\n"
    r"\s{0,10}\*?(?:Sent|Date|Gesendet|Datum|Envoyé|Date|Enviado(?: el)?|Fecha|Inviato|Data"
    r"|Enviada(?: em)?|Verzonden|Skickat|Sendt|Wysłano|Odesláno|Отправлено|Дата|Gönderildi"
    r"|发送时间|送信日時)\*?[ \t\xa0]?:",
    re.MULTILINE,
)
_OUTLOOK_HINTS: Final = (
    *("Sent", "Date", "Datum", "Gesendet", "Envoyé", "Enviad", "Fecha"),
    *("Inviato", "Data", "Verzonden", "Skickat", "Sendt", "Wysłano", "Odesláno"),
    *("Отправлено", "Дата", "Gönderildi", "发送时间", "送信日時"),
)
# ">> Sign in <<" is an ornament.
_QUOTED_LINES: Final = re.compile(r"^[ \t]{0,3}>(?![^\n]*<[ \t]*$)[^\n]*+\n?", re.MULTILINE)
# HTML marks quotes by elements; there one line with a ">" is an arrow, or our mark.
_QUOTED_HTML: Final = re.compile(r"^(?:(?:[ \t]{0,3}>[^\n]*+(?:\n|\Z)){2,}|>\n)", re.MULTILINE)
_FENCE: Final = re.compile(r"^[ \t]{0,3}(```|~~~)[^\n]*$", re.MULTILINE)
_INLINE_CODE: Final = re.compile(r"`[^`\n]{1,300}`")
_WORD: Final = re.compile(r"[^\W_]")
_FORWARD_SUBJECT: Final = re.compile(
    r"\s*(?:\[[^\]]{0,60}\]\s*|(?:re|aw|sv|vs|antw)\s*(?:\[\d+\])?:\s*){0,4}"
    r"(?:fwd?|wg|tr|rv|enc|i|vb|vl|pd|vs|fs|yönl|ilt|转发|轉寄|転送|пересл)\s*(?:\[\d+\])?[:\uff1a]",
    re.IGNORECASE,
)
_ANSWER_SUBJECT: Final = re.compile(
    r"\s*(?:\[[^\]]{0,60}\]\s*){0,4}(?:re|aw|sv|vs|antw|odp|ynt|rif|ref|res|回复|答复|返信)"
    r"\s*(?:\[\d+\])?[:\uff1a]",
    re.IGNORECASE,
)
_TAG_BEFORE: Final = re.compile(r"\s*\[")
_MAX_MARKS: Final = 5
_MAX_ATTRIBUTION: Final = 300  # characters from its start to "wrote:"
_MAX_ATTRIBUTIONS: Final = 200  # of one text; long threads have some dozens


def without_marks(subject: str) -> str:
    """Return *subject* without the marks of answers and forwards before it."""
    for _ in range(_MAX_MARKS):
        mark = _FORWARD_SUBJECT.match(subject) or _ANSWER_SUBJECT.match(subject)
        if mark is None or _TAG_BEFORE.match(subject):
            break
        subject = subject[mark.end() :].lstrip()
    return subject


def is_forward(subject: str) -> bool:
    """Say whether *subject* begins with a forward marker such as ``Fwd:`` or ``WG:``."""
    return _FORWARD_SUBJECT.match(subject[:400]) is not None


def is_answer(subject: str) -> bool:
    """Say whether *subject* begins with the mark of an answer or a forward."""
    return _ANSWER_SUBJECT.match(subject[:400]) is not None or is_forward(subject)


def own_text(visible: str, *, html: bool = False) -> str:
    """Return the lines of *visible* without quotes, forwarded blocks and code."""
    text = visible[: tail_start(visible)]
    text = _without_attributions(text)
    if ">" in text:
        text = (_QUOTED_HTML if html else _QUOTED_LINES).sub("", text)
    if not html and ("```" in text or "~~~" in text):
        text = _without_fences(text)
    if "`" in text:
        text = _INLINE_CODE.sub(" ", text)
    return text.strip()


def own_or_visible(own: str, visible: str, *, forward: bool) -> str:
    """
    Return *own*, or *visible* where nothing of it is the author's own.

    Whole-mail quoting is not quoting. With *forward* (the subject says so) an empty
    *own* stays: a forward without a comment is an honest thing.
    """
    return own if forward or _WORD.search(own) else visible


def tail_start(text: str) -> int:
    """
    Return where the quoted end of *text* begins, ``len(text)`` when it has none.

    It begins at a "Forwarded message" or "Original Message" line, at an Outlook header, or
    at an "Ann wrote:" line that is not followed by ``>`` lines (those mark quotes one by
    one, and the author writes on below them).
    """
    starts = [len(text)]
    starts += [start for start, _, marked in _attributions(text) if not marked]
    lowered = text.lower()
    if any(word in lowered for word in _FORWARDED):
        match = _FORWARD_LINE.search(text)
        starts.append(match.start() if match else len(text))
    if any(word in text for word in _OUTLOOK_HINTS):
        match = _OUTLOOK.search(text)
        starts.append(match.start() if match else len(text))
    return min(starts)


def _attributions(text: str) -> list[tuple[int, int, bool]]:
    """Return start and end of attribution lines, and whether ``>`` lines follow or nothing."""
    if not any(word in text for word in _WROTE):
        return []
    found = []
    for match in _ATTRIBUTION.finditer(text):
        after = text[match.end() : match.end() + 400].lstrip()
        marked = not after or after.startswith((">", "|"))
        start = _line_start(text, match.start())
        if marked or _ATTRIBUTION_LOOK.search(text, start, match.end()):
            found.append((start, match.end(), marked))
        if len(found) >= _MAX_ATTRIBUTIONS:
            break
    return found


def _without_attributions(text: str) -> str:
    pieces, position = [], 0
    for start, end, _ in _attributions(text):
        pieces.append(text[position : max(start, position)])
        position = end
    return "".join([*pieces, text[position:]])


def _line_start(text: str, position: int) -> int:
    """Return the start of the attribution line; long ones are wrapped onto two lines."""
    start = text.rfind("\n", max(0, position - _MAX_ATTRIBUTION), position) + 1
    previous = text.rfind("\n", 0, max(start - 1, 0)) + 1
    above = text[previous:start].strip()
    wrapped = 0 < len(above) < 100 and re.match(r"(?:On|Am|Le|El|Il|Em|Op|Den|W dniu)\s", above)
    return previous if wrapped else start


def _without_fences(text: str) -> str:
    pieces, position, inside = [], 0, False
    for match in _FENCE.finditer(text):
        if not inside:
            pieces.append(text[position : match.start()])
        inside = not inside
        position = match.end()
    if not inside or not pieces:
        pieces.append(text[position:])
    return "".join(pieces)
