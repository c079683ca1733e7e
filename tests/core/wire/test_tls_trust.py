"""Whom HTTPS trusts when the user chose the system: its own judge where there is one, else its file of authorities."""

import ssl
import sys
from types import ModuleType, SimpleNamespace

import certifi
import pytest

from wireglass.wire import tls
from wireglass.wire.tls import TlsChoice


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_the_system_judges_it_is_asked(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    class Judge:
        """Stands in for `truststore.SSLContext`."""

        def __init__(self, protocol: int) -> None:
            self.protocol = protocol

    module = ModuleType("truststore")
    module.SSLContext = Judge  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "truststore", module)
    monkeypatch.setattr(tls.sys, "platform", platform)
    context = TlsChoice("system").context()
    assert isinstance(context, Judge)
    assert context.protocol == ssl.PROTOCOL_TLS_CLIENT


def test_without_it_the_default_store_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    monkeypatch.setattr(tls.sys, "platform", "darwin")
    context = TlsChoice("system").context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_build_that_looks_in_the_wrong_place_finds_the_systems_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen build carries an OpenSSL that was built elsewhere."""
    monkeypatch.setattr(tls.sys, "platform", "linux")
    monkeypatch.setattr(tls.ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(tls.ssl, "get_default_verify_paths", lambda: SimpleNamespace(cafile=None, capath=None))
    monkeypatch.setattr(tls, "_LINUX_FILES", ("/nowhere/ca.pem", certifi.where()))
    assert TlsChoice("system").context().cert_store_stats()["x509_ca"] > 50


def test_importing_loads_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    code = "import sys, wireglass.wire.tls; assert 'truststore' not in sys.modules and 'certifi' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
