"""What keeps the service from starting: told on standard error, with its exit status."""

from pathlib import Path

import pytest

from phish_milter.daemon.service import serve


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[policy]\nceilling = 'tag'\n", "did you mean ceiling?"),
        ("[policy\n", "at line 1"),
        ("[dns]\nnameservers = ['::']\n", "must be the address of one host"),
    ],
)
def test_a_wrong_configuration_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)

    assert serve(path) == 2
    told = capsys.readouterr().err
    assert all(line.startswith(f"phish-milter: {path}: ") for line in told.splitlines())
    assert complaint in told


def test_no_resolver_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, resolv_conf = tmp_path / "mine.toml", tmp_path / "resolv.conf"
    path.write_text("")

    assert serve(path, resolv_conf=resolv_conf) == 2
    assert str(resolv_conf) in capsys.readouterr().err
