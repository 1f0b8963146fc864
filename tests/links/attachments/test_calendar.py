"""Calendar entries: what they show is searched for links."""

import pytest

from support.files import links, part

CALENDAR = (
    b"BEGIN:VEVENT\r\nUID:1@uid.example\r\nDESCRIPTION:Join: https://evil.exa\r\n"
    b" mple/a\\nNotes: https://notes.example/b\\, now\r\nURL;VALUE=URI:https://url.example/c\r\n"
    b'X-ALT-DESC;FMTTYPE=text/html:<a href="https://alt.example/d">x</a>\r\nEND:VEVENT\r\n'
)


@pytest.mark.parametrize(
    ("content_type", "filename"),
    [("text/calendar", ""), ("application/ics", ""), ("application/octet-stream", "x.ICS")],
)
def test_calendar(content_type: str, filename: str) -> None:
    found, _ = links([part(content_type, CALENDAR, filename)])

    assert [entry.removeprefix("calendar ") for entry in dict.fromkeys(found)] == [
        "https://evil.example/a",  # unfolded
        "https://notes.example/b",  # an escaped comma ends it
        "https://url.example/c",
        "https://alt.example/d",
    ]
