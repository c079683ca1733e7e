"""Whom an HTTPS connection trusts (bundled, system or own authorities), and the certificate that it shows itself."""

import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wireglass.errors import TransportError

__all__ = ["TlsChoice", "Trust"]

Trust = Literal["bundled", "system", "file"]
"""`bundled`: the authorities that come with httpx. `system`: those of the operating system. `file`: one PEM file."""


@dataclass(frozen=True, slots=True)
class TlsChoice:
    """What a user chose for one server. There is no way to switch the check off."""

    trust: Trust = "bundled"
    ca_file: str = ""
    """PEM, with `trust` "file"."""
    client_certificate: str = ""
    """PEM with the certificate chain, perhaps with its key."""
    client_key: str = ""
    """PEM with the key, when it is not in the file of the certificate."""

    @property
    def is_default(self) -> bool:
        """Whether nothing was chosen."""
        return self == TlsChoice()

    def context(self) -> ssl.SSLContext:
        """A context for a client. Raises TransportError with the file that cannot be used."""
        context = self._trusting()
        if self.client_certificate:
            certificate = _there(self.client_certificate, "client certificate")
            key = _there(self.client_key, "client key") if self.client_key else None
            try:
                context.load_cert_chain(certificate, key, password=_no_password)
            except (ssl.SSLError, OSError, ValueError) as problem:
                raise TransportError(
                    f"The client certificate {self.client_certificate} cannot be used: {_words(problem)}",
                    next_step="It must be PEM, with its key in the same file or in the key file, without a password.",
                ) from problem
        return context

    def _trusting(self) -> ssl.SSLContext:
        if self.trust == "system":
            return _system()
        if self.trust == "file":
            path = _there(self.ca_file, "file of authorities")
            try:
                return ssl.create_default_context(cafile=path)
            except (ssl.SSLError, OSError) as problem:
                raise TransportError(
                    f"The file of authorities {self.ca_file} cannot be used: {_words(problem)}",
                    next_step="It must hold one or more certificates in PEM form (-----BEGIN CERTIFICATE-----).",
                ) from problem
        import certifi  # comes with httpx, which uses it the same way

        return ssl.create_default_context(cafile=certifi.where())


_LINUX_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",
)


def _system() -> ssl.SSLContext:
    """On macOS and Windows the system itself judges, through `truststore`: keychain, company roots, revocation.

    Elsewhere the system's file of authorities. OpenSSL may have been built to look for it in another place than this
    system keeps it (a frozen build has), so the usual places are tried when it found none.
    """
    if sys.platform in ("darwin", "win32"):
        try:
            import truststore  # pyright: ignore[reportMissingImports]  # installed on these two systems only
        except ImportError:
            pass
        else:
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    context = ssl.create_default_context()
    known = ssl.get_default_verify_paths()
    if not known.cafile and not known.capath and not context.cert_store_stats()["x509_ca"]:
        found = next((file for file in _LINUX_FILES if Path(file).is_file()), None)
        if found is not None:
            context.load_verify_locations(cafile=found)
    return context


def _there(path: str, what: str) -> str:
    found = Path(path).expanduser()
    if not path or not found.is_file():
        where = f"{path} is not there" if path else "was not chosen"
        raise TransportError(f"The {what} {where}.", next_step="Choose another file in the connect dialog.")
    return str(found)


def _no_password() -> str:
    """Without this, OpenSSL would ask on the terminal."""
    raise ValueError("the key has a password")


def _words(problem: Exception) -> str:
    return str(getattr(problem, "reason", "") or getattr(problem, "strerror", "") or problem)
