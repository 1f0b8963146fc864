"""Drawings: links and scripts, also packed."""

import gzip
from base64 import b64encode

import pytest

from support.files import URL, links, part


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('<svg><a href="https://evil.example/a">x</a></svg>', ["svg https://evil.example/a"]),
        ('<svg><a xlink:href="https://evil.example/?a=1&amp;b">x</a></svg>',
         ["svg https://evil.example/?a=1&b"]),
        ('<svg><script>window.location.href = "https://evil.example/"</script></svg>',
         ["svg:script https://evil.example/"]),
        (f'<svg><script>location=atob("{b64encode(URL.encode()).decode()}")</script></svg>',
         [f"svg:script {URL}"]),
        ('<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>', []),  # an honest one
    ],
)  # fmt: skip
def test_drawing(content: str, found: list[str]) -> None:
    assert links([part("image/svg+xml", content.encode())])[0] == found
    packed = part("application/octet-stream", gzip.compress(content.encode()), "a.svgz")
    assert links([packed])[0] == found
