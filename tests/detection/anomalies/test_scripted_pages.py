import pytest

from phish_milter.detection.anomalies.scripted_pages import attachment_anomalies
from phish_milter.message.model import Part


def part(data: bytes, kind: str = "text/html", name: str = "a.html", **more: object) -> Part:
    known = {"disposition": "attachment", "charset": "", **more}
    return Part("2", kind, name, data=data, **known)  # type: ignore[arg-type]


SCRIPT = b"<script>location.href='https://other.com'</script>"


@pytest.mark.parametrize(
    ("attached", "expected"),
    [
        (part(SCRIPT), True),  # goes elsewhere
        (part(b"<script>document.write(atob('aGk='))</script>"), True),  # writes itself
        (part(b"<meta http-equiv=refresh content='0;url=https://other.com'>"), True),  # refresh
        (part(b"<body onload=\"fetch('https://other.com')\">"), True),  # without script tag
        (part(SCRIPT, "application/octet-stream", "a.HTM"), True),  # by its name
        (part(b"<svg><script>eval(x)</script></svg>", "image/svg+xml", "a.svg"), True),  # SVG
        (part(b"<p>location.href is a property</p>"), False),  # no script
        (part(b"<script>var a = 1;</script>"), False),  # a harmless script
        (part(SCRIPT, "text/plain", "a.txt"), False),  # opens as text
        (part(SCRIPT, disposition="", name=""), False),  # the body, whose scripts never run
        (part(SCRIPT, nested=True), False),  # of a forwarded mail
    ],
)
def test_attached_pages(attached: Part, expected: bool) -> None:
    assert bool(list(attachment_anomalies([attached]))) is expected
