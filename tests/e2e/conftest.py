import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.daemon import ACTING, Daemon, running
from support.postfix import Mta, lab_postfix


@pytest.fixture(scope="session")
def mta() -> Iterator[Mta]:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with running(directory, ACTING) as daemon:
            certificate = lab_postfix.make_certificate(directory)
            tls = {
                "smtpd_tls_security_level": "may",
                "smtpd_tls_cert_file": f"{certificate}",
                "smtpd_tls_key_file": f"{certificate}",
            }
            with lab_postfix.private_postfix(f"unix:{daemon.socket}", tls) as (postfix, sink):
                yield Mta(postfix, sink, daemon)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A filter that acts, for the milter protocol alone."""
    with running(tmp_path, ACTING) as daemon:
        yield daemon
