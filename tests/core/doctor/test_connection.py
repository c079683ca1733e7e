"""Each step of the check list fails by itself, names its cause and says what to do."""

import asyncio
import datetime
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from wireglass.doctor.connection import check_connection
from wireglass.doctor.steps import STEPS, Check
from wireglass.errors import TransportError
from wireglass.wire.tls import TlsChoice

pytestmark = pytest.mark.anyio

RESULT = {"jsonrpc": "2.0", "id": 1, "result": {"supportedVersions": ["2026-07-28"], "capabilities": {}}}


def http(status: str, body: str = "", *headers: str, kind: str = "application/json") -> str:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body.encode())}", *headers]
    return "\r\n".join([*lines, "connection: close", "", body])


@asynccontextmanager
async def server(answer: str | Callable[[str], str], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Answers every request on 127.0.0.1 with a text; the port comes back."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS handshake: a web server without TLS answers in plain text
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
            size = next((int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length" in line), 0)
            body = (await reader.readexactly(size)).decode()
            writer.write((answer if isinstance(answer, str) else answer(body)).encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # a probe that only connects
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def failing(checks: tuple[Check, ...]) -> Check:
    return next(check for check in checks if check.state == "failed")


async def test_a_good_server_passes_every_step_in_order() -> None:
    heard: list[str] = []
    async with server(http("200 OK", json.dumps(RESULT))) as port:
        checks = await check_connection(
            f"http://127.0.0.1:{port}/mcp", proxy="direct", on_check=lambda check: heard.append(check.step)
        )
    assert heard == [name for name, _ in STEPS if name not in ("resource", "server")]
    assert {check.step: check.state for check in checks} == {
        "address": "ok",
        "dns": "ok",
        "tcp": "ok",
        "tls": "skipped",
        "http": "ok",
        "content-type": "ok",
        "era": "ok",
        "auth": "ok",
    }
    assert checks[6].detail == "answers server/discover: 2026-07-28 (stateless)"


async def test_an_address_that_is_none() -> None:
    checks = await check_connection("ftp://example")
    assert failing(checks).step == "address"
    assert {check.state for check in checks[1:]} == {"skipped"}


async def test_a_host_that_has_no_address() -> None:
    bad = failing(await check_connection("http://no-such-host.invalid/mcp", proxy="direct"))
    assert bad.step == "dns"
    assert "spelling" in bad.remedy


async def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused, and nobody else gets it
        bad = failing(await check_connection(f"http://127.0.0.1:{taken.getsockname()[1]}/mcp", proxy="direct"))
    assert bad.step == "tcp"
    assert "Start the server" in bad.remedy


async def test_https_to_a_port_that_speaks_plain_http() -> None:
    async with server(http("200 OK", "{}")) as port:
        bad = failing(await check_connection(f"https://127.0.0.1:{port}/mcp", proxy="direct"))
    assert bad.step == "tls"
    assert "http://" in bad.remedy or "plain HTTP" in bad.remedy


@pytest.mark.parametrize(
    ("answer", "step", "words"),
    [
        (http("404 Not Found"), "http", "/mcp"),
        (http("405 Method Not Allowed"), "http", "SSE"),
        (http("503 Service Unavailable"), "http", "log"),
        (http("302 Found", "", "location: /login"), "http", "points to"),
        (http("200 OK", "<html>", kind="text/html"), "content-type", "/mcp"),
        (http("200 OK", "hello"), "era", "/mcp"),
        (
            http("200 OK", '{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"no"}}'),
            "era",
            "protocol version",
        ),
        (http("401 Unauthorized", "", "www-authenticate: Basic realm=x"), "auth", "kind Basic"),
        (http("401 Unauthorized", "", "www-authenticate: Digest realm=x"), "auth", "Authorization"),
        (
            http("401 Unauthorized", "", 'www-authenticate: Bearer resource_metadata="http://x"'),
            "auth",
            "OAuth",
        ),
        (http("403 Forbidden", "", 'www-authenticate: Bearer error="insufficient_scope"'), "auth", "scope"),
    ],
)
async def test_what_http_says_is_told_apart(answer: str, step: str, words: str) -> None:
    async with server(answer) as port:
        bad = failing(await check_connection(f"http://127.0.0.1:{port}/mcp", proxy="direct"))
    assert (bad.step, words in bad.remedy) == (step, True), bad


async def test_something_that_is_no_http_at_all() -> None:
    async with server("SSH-2.0-OpenSSH\r\n") as port:
        bad = failing(await check_connection(f"http://127.0.0.1:{port}/mcp", proxy="direct"))
    assert bad.step == "http"
    assert "does not speak HTTP" in bad.remedy


async def test_a_server_of_the_handshake_era_is_recognised() -> None:
    def answer(body: str) -> str:
        message = json.loads(body) if body else {}
        if message.get("method") == "initialize":
            return http("200 OK", json.dumps({"jsonrpc": "2.0", "id": 2, "result": {"protocolVersion": "2025-06-18"}}))
        return http("400 Bad Request", '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no session"}}')

    async with server(answer) as port:
        checks = await check_connection(f"http://127.0.0.1:{port}/mcp", proxy="direct")
    assert checks[6].detail == "answers initialize: 2025-06-18 (handshake)"
    assert all(check.state in ("ok", "skipped") for check in checks), checks


async def test_a_stream_is_read_as_far_as_needed() -> None:
    body = f"event: message\ndata: {json.dumps(RESULT)}\n\n"
    async with server(http("200 OK", body, kind="text/event-stream")) as port:
        checks = await check_connection(f"http://127.0.0.1:{port}/mcp", proxy="direct")
    assert checks[6].state == "ok"


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    """It fails with what to do; done so, it passes."""
    certificate = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with server(http("200 OK", json.dumps(RESULT)), context) as port:
        url = f"https://127.0.0.1:{port}/mcp"
        bad = failing(await check_connection(url, proxy="direct"))
        good = await check_connection(url, proxy="direct", tls=TlsChoice("file", str(certificate)))
    assert bad.step == "tls"
    assert "authorities" in bad.remedy
    assert {check.state for check in good} == {"ok"}
    assert "TLSv1" in good[3].detail


async def test_a_file_of_authorities_that_is_not_there() -> None:
    with pytest.raises(TransportError, match=r"nowhere\.pem is not there"):
        TlsChoice("file", "nowhere.pem").context()


async def test_a_client_certificate_is_shown(tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    async with server(http("200 OK", json.dumps(RESULT)), context) as port:
        url = f"https://127.0.0.1:{port}/mcp"
        trust = TlsChoice("file", str(certificate))
        without = await check_connection(url, proxy="direct", tls=trust)
        shown = await check_connection(
            url, proxy="direct", tls=TlsChoice("file", str(certificate), client_certificate=str(certificate))
        )
    assert failing(without).step in ("tls", "http"), "TLS 1.3 refuses only with the first answer"
    assert "client certificate" in failing(without).remedy
    assert {check.state for check in shown} == {"ok"}


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wireglass test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def oauth(resource: str) -> Callable[[str], str]:
    """A server that wants a token; its metadata names `resource`."""
    prm = {"resource": resource, "authorization_servers": ["http://127.0.0.1:PORT"]}
    server = {
        "issuer": "http://127.0.0.1:PORT",
        "authorization_endpoint": "http://127.0.0.1:PORT/a",
        "token_endpoint": "http://127.0.0.1:PORT/t",
        "code_challenge_methods_supported": ["S256"],
    }

    def answer(head: str) -> str:
        port = next(line for line in head.lower().split("\r\n") if line.startswith("host:")).rpartition(":")[2]
        if "oauth-protected-resource" in head:
            return http("200 OK", json.dumps(prm).replace("PORT", port))
        if "oauth-authorization-server" in head:
            return http("200 OK", json.dumps(server).replace("PORT", port))
        return http("401 Unauthorized", "", "www-authenticate: Bearer")

    return answer


@pytest.mark.parametrize(
    ("resource", "states"),
    [("http://127.0.0.1:PORT/mcp", ["ok", "ok"]), ("https://evil.example/mcp", ["failed", "skipped"])],
)
async def test_who_issues_tokens_is_found_out_without_asking_anybody(resource: str, states: list[str]) -> None:
    """The check list of picture 10; the author of a server sees what a client would make of its metadata."""
    answer = oauth(resource)
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            heads.append(head.split("\r\n")[0])
            writer.write(answer(head).encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        checks = await check_connection(f"http://127.0.0.1:{port}/mcp", proxy="direct")
    finally:
        listening.close()
    found = {check.step: check for check in checks}
    assert [found["resource"].state, found["server"].state] == states
    assert found["auth"].state == "failed"
    assert not any("/a" in head.split(" ")[1][:2] or " /t " in head for head in heads)
    if states[0] == "failed":
        assert "another server" in found["resource"].detail
        assert found["resource"].remedy
