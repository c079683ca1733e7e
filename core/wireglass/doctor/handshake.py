"""The TLS handshake of a connection's check list: tried by itself, its facts and OpenSSL's refusals in plain words."""

import asyncio
import ssl
from typing import Any

from wireglass.doctor.steps import StepFailed
from wireglass.errors import TransportError
from wireglass.wire.tls import TlsChoice

__all__ = ["shake_hands"]

_UNTRUSTED = {  # OpenSSL's X509_V_ERR_*
    10: "Renew the server's certificate, or check this machine's clock.",
    9: "Check this machine's clock.",
    18: "It is signed by itself: give its certificate as your own file of authorities in the connect dialog.",
    19: "Its chain ends in an authority of its own: give that one as a file of authorities, or trust the system's.",
    20: "Its authority is not known here: choose the system's trust, or a file of authorities. The server may also "
    "have left out an intermediate certificate.",
    62: "The certificate is for another name: use the name that it is for.",
    64: "The certificate is for another address: use the name that it is for.",
}


async def shake_hands(host: str, port: int, choice: TlsChoice) -> str:
    """Connects, and says what was agreed on: version, issuer, until when the certificate is valid.

    Raises `StepFailed` when the two do not come to terms, or when a file that `choice` names cannot be used.
    """
    try:
        context = choice.context()
    except TransportError as problem:
        raise StepFailed(problem.message, problem.next_step) from problem
    try:
        _reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLCertVerificationError as problem:
        raise StepFailed(*_untrusted(problem, host)) from problem
    except ssl.SSLError as problem:
        raise StepFailed(*_refused(problem, port)) from problem
    except (OSError, EOFError) as problem:
        raise StepFailed(
            f"The server closed the connection during the TLS handshake: {problem}.",
            "It may want a client certificate (choose one in the connect dialog), or speak plain HTTP here.",
        ) from problem
    facts = _facts(writer.get_extra_info("ssl_object"))
    writer.close()
    return facts


def _untrusted(problem: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    remedy = _UNTRUSTED.get(
        problem.verify_code, "Choose whom to trust in the connect dialog, or correct the certificate."
    )
    return f"The certificate of {host} is not trusted: {problem.verify_message}.", remedy


def _refused(problem: ssl.SSLError, port: int) -> tuple[str, str]:
    reason = problem.reason or str(problem)
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return f"Port {port} answers, but not with TLS.", "It probably speaks plain HTTP: try http:// instead."
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return f"The server refused the handshake ({reason}).", "It may want a client certificate: choose one."
    return f"TLS failed: {reason.replace('_', ' ').lower()}.", "Look at the server's TLS settings."


def _facts(tls: ssl.SSLObject | None) -> str:
    if tls is None:
        return ""
    certificate: Any = tls.getpeercert() or {}
    issuer = {key: value for group in certificate.get("issuer", ()) for key, value in group}
    until = certificate.get("notAfter", "")
    parts = (
        tls.version() or "",
        f"issued by {issuer.get('organizationName') or issuer.get('commonName')}" if issuer else "",
        f"valid until {until}" if until else "",
    )
    return ", ".join(part for part in parts if part)
