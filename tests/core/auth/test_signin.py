"""Signing in with a person: what is asked of whom, what is refused, what is kept (2025-11-25 and 2026-07-28)."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from key_value.aio.stores.memory import MemoryStore

from loop_clock import LoopClock
from oauth_double import ISSUER, MCP, PRM, Double, error, served
from wireglass import Client
from wireglass.auth import OAuth, Permission, SignInStep, turns
from wireglass.auth.kept import MemoryTokens
from wireglass.errors import HttpStatusError, SignInError
from wireglass.protocol.messages import Frame, HttpExchange
from wireglass.storage.keychain import Secrets
from wireglass.wire.http_link import QUIET

pytestmark = pytest.mark.anyio


async def test_a_refused_client_signs_in_and_repeats_the_request() -> None:
    double, steps = Double(), list[SignInStep]()
    async with double.client(double.oauth(), on_sign_in=steps.append) as client:
        assert (await client.call_tool("look")).content[0].text == "seen"
    assert double.seen[:5] == [
        f"POST {MCP}",
        f"GET {PRM}",
        f"GET {ISSUER}/.well-known/oauth-authorization-server",
        f"POST {ISSUER}/register",
        f"GET {ISSUER}/authorize",
    ]
    (asked,), (form,) = double.authorizations, double.forms
    assert asked["resource"] == form["resource"] == MCP
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "read"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    (registered,) = double.registrations
    assert (registered["application_type"], registered["token_endpoint_auth_method"]) == ("native", "none")
    assert [step.name for step in steps if step.ended_ns] == [
        "challenge",
        "resource",
        "server",
        "client",
        "permission",
        "token",
    ]
    assert all(step.state == "ok" for step in steps if step.ended_ns)


async def test_oauth_as_a_word_is_what_the_client_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """FastMCP's spelling. Without anybody to ask it fails with a sentence, and opens nothing."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    double = Double()
    client = double.client("oauth")
    assert isinstance(client.transport.auth, OAuth)
    client.transport.auth._store = MemoryTokens()
    with pytest.raises(SignInError, match="nobody to ask"):
        async with client:
            pass
    assert opened == []


async def test_no_secret_reaches_a_frame_an_exchange_or_a_step() -> None:
    double = Double(expires_in=0)
    heard: list[Any] = []

    def tap(frame: Frame) -> None:
        heard.append(frame)

    def on_http(exchange: HttpExchange) -> None:
        heard.append(exchange)

    async with double.client(double.oauth(), tap=tap, on_http=on_http, on_sign_in=heard.append) as client:
        await client.call_tool("look")
    assert len(double.secrets) > 4
    text = repr(heard)
    assert "sign-in" in text
    assert [secret for secret in double.secrets if secret in text] == []
    assert [asked["state"] for asked in double.authorizations if asked["state"] in text] == []


async def test_a_second_client_uses_what_was_kept() -> None:
    double, store = Double(), MemoryStore()
    for _ in range(2):
        async with double.client(double.oauth(token_storage=store)) as client:
            await client.list_tools()
    assert len(double.authorizations) == 1


async def test_a_registration_is_kept_for_its_issuer_and_made_anew_when_it_is_forgotten() -> None:
    double, store = Double(gives_refresh=False), MemoryTokens()
    async with double.client(double.oauth(token_storage=store)):
        pass
    double.tokens.clear()
    double.clients.clear()
    async with double.client(double.oauth(token_storage=store)):
        pass
    assert len(double.registrations) == 2
    assert [form.get("client_id") for form in double.forms] == ["client-1", "client-1", "client-2"]


async def test_requests_at_once_share_one_sign_in() -> None:
    double = Double(gives_refresh=False)
    async with double.client(double.oauth()) as client:
        double.tokens.clear()
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(client.call_tool("look"))
    assert len(double.authorizations) == 2


async def test_an_expired_token_is_renewed_without_asking_and_rotates() -> None:
    """RFC 6749 section 6, and OAuth 2.1's rotation."""
    double, store = Double(expires_in=1), MemoryTokens()
    async with double.client(double.oauth(token_storage=store)) as client:
        await client.call_tool("look")
        await client.call_tool("look")
    assert len(double.authorizations) == 1
    assert {form["grant_type"] for form in double.forms[1:]} == {"refresh_token"}
    kept = (await store.read(f"token:{MCP}") or {})["token"]
    assert kept["refresh_token"] in double.refreshes


async def test_a_refresh_token_that_is_refused_leads_to_a_new_sign_in() -> None:
    double = Double()
    async with double.client(double.oauth()) as client:
        double.tokens.clear()
        double.refreshes.clear()
        await client.call_tool("look")
    assert len(double.authorizations) == 2


async def test_a_renewal_by_another_process_is_taken_over() -> None:
    """Two processes with one rotating refresh token must not end each other's session."""
    double, store = Double(), MemoryTokens()
    first, second = double.oauth(token_storage=store), double.oauth(token_storage=store)
    async with double.client(first) as one, double.client(second) as two:
        double.tokens.clear()
        await one.call_tool("look")
        await two.call_tool("look")
    assert [form["grant_type"] for form in double.forms] == ["authorization_code", "refresh_token"]


class _Keychain:
    """One for both, slow enough that each could look before the other has written."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[name] = value

    def delete_password(self, service: str, name: str) -> None:
        self.kept.pop(name, None)


async def test_two_that_renew_at_the_same_time_take_turns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A rotating refresh token is good for one use: the second would get invalid_grant, and a strict server would end
    the first one's session for it."""
    monkeypatch.setattr(turns, "_folder", lambda: tmp_path / "locks")
    double, keychain = Double(), _Keychain()
    both = [double.oauth(token_storage=Secrets(backend=keychain)) for _ in range(2)]
    async with double.client(both[0]) as one, double.client(both[1]) as two:
        double.tokens.clear()
        await asyncio.gather(one.call_tool("look"), two.call_tool("look"))
        assert both[0].token == both[1].token
    assert [form["grant_type"] for form in double.forms] == ["authorization_code", "refresh_token"]


_ELSEWHERE = """
import asyncio, sys
from pathlib import Path
from wireglass.auth import turns

turns._folder = lambda: Path(sys.argv[1])

async def main():
    async with turns.turn("token:x"):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print("done", flush=True)

asyncio.run(main())
"""


async def test_a_turn_waits_for_another_process_and_not_for_one_that_was_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(turns, "_folder", lambda: tmp_path)
    for killed in (False, True):
        pipes: dict[str, Any] = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", _ELSEWHERE, str(tmp_path), **pipes)
        assert other.stdin is not None
        assert other.stdout is not None
        async with asyncio.timeout(60):
            assert (await other.stdout.readline()).strip() == b"held"
            order: list[str] = []

            async def wait(order: list[str] = order) -> None:
                async with turns.turn("token:x"):
                    order.append("ours")

            waiting = asyncio.create_task(wait())
            async with turns.turn("token:another"):  # of which nobody waits for the other
                order.append("another")
            if killed:
                other.kill()
            else:
                other.stdin.write(b"\n")
                assert (await other.stdout.readline()).strip() == b"done"
                order.append("theirs")
            await waiting
            await other.wait()
        assert order[0] == "another"
        assert order[-1] == "ours"


async def test_where_no_file_can_be_held_a_renewal_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(turns, "_folder", lambda: tmp_path / "file" / "locks")
    async with asyncio.timeout(10), turns.turn("token:x"):
        pass


async def test_a_step_up_asks_for_the_union_and_repeats_the_call() -> None:
    double = Double(needs={"look": "write"})
    async with double.client(double.oauth()) as client:
        assert (await client.call_tool("look")).content[0].text == "seen"
    assert [asked["scope"] for asked in double.authorizations] == ["read", "read write"]


async def test_a_server_that_never_has_enough_is_not_asked_for_ever() -> None:
    double = Double()
    granted = double._granted
    double._granted = lambda scope: granted("read")  # type: ignore[method-assign]  # whatever is asked for
    double.needs["look"] = "write"
    async with double.client(double.oauth()) as client:
        with pytest.raises(SignInError, match="still wants more"):
            await client.call_tool("look")
    assert len(double.authorizations) <= 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "another"}, "No answer came"),
        ({"iss": "https://evil.example"}, "names another issuer"),
        ({"iss": ISSUER + "/"}, "names another issuer"),
        ({"iss": None}, "names no issuer"),
        ({"code": None, "error": "access_denied"}, "Permission was refused"),
        ({"code": None, "error": "server_error", "error_description": "later"}, "server_error: later"),
        ({"code": None}, "holds no code"),
        ({"code": None, "error": "access_denied", "iss": "https://evil.example"}, "names another issuer"),
    ],
)
async def test_an_answer_that_is_not_ours_gets_no_token_request(change: dict[str, Any], words: str) -> None:
    """RFC 6749 section 10.12, RFC 9207 section 2.4."""
    double = Double()
    double.redirected = lambda answer: {k: v for k, v in {**answer, **change}.items() if v is not None}
    with pytest.raises(SignInError, match=words) as caught:
        async with double.client(double.oauth(callback_timeout=0.5 if "state" in change else 30)):
            pass
    assert caught.value.step == "permission"
    assert double.forms == []


@pytest.mark.parametrize(
    ("where", "change", "step"),
    [
        ("resource", {"resource": "https://evil.example/mcp"}, "resource"),
        ("resource", {"authorization_servers": []}, "resource"),
        ("server", {"issuer": "https://evil.example"}, "server"),
        ("server", {"code_challenge_methods_supported": ["plain"]}, "server"),
        ("server", {"code_challenge_methods_supported": None}, "server"),
        ("server", {"token_endpoint": "http://auth.example/token"}, "server"),
        ("server", {"registration_endpoint": None}, "client"),
        ("server", {"token_endpoint_auth_methods_supported": ["tls_client_auth"]}, "client"),
    ],
)
async def test_what_discovery_must_refuse_stops_before_the_browser(
    where: str, change: dict[str, Any], step: str
) -> None:
    double, steps = Double(), list[SignInStep]()
    document = getattr(double, where)
    document.update(change)
    for name in [name for name, value in change.items() if value is None]:
        del document[name]
    with pytest.raises(SignInError) as caught:
        async with double.client(double.oauth(on_step=steps.append)):
            pass
    assert caught.value.step == step
    assert caught.value.next_step
    assert (steps[-1].name, steps[-1].state, steps[-1].remedy) == (step, "failed", caught.value.next_step)
    assert double.authorizations == []


async def test_a_server_with_nowhere_to_register_is_told_as_one_that_wants_a_token() -> None:
    """A plain bearer check answers 401 and knows nothing of OAuth: "did not register us" was no help."""
    double = Double()
    double._register = lambda body: httpx.Response(404)  # type: ignore[method-assign]  # this test's server
    with pytest.raises(SignInError, match="no page to register at") as caught:
        async with double.client(double.oauth()):
            pass
    assert "give a token" in caught.value.next_step
    assert double.authorizations == []


async def test_metadata_on_this_machine_is_not_asked_for_a_server_elsewhere() -> None:
    double = Double(challenge='Bearer resource_metadata="http://127.0.0.1:6379/x"')
    with pytest.raises(SignInError, match="not safe to ask"):
        async with double.client(double.oauth()):
            pass
    assert not any("127.0.0.1" in line for line in double.seen)


async def test_a_server_without_any_metadata_is_asked_as_in_2025_03_26() -> None:
    double = Double(resource=None, server=None, challenge=None)
    double.redirected = lambda answer: {"code": answer["code"], "state": answer["state"]}
    async with double.client(double.oauth()) as client:
        await client.list_tools()
    assert "POST https://mcp.example/token" in double.seen


async def test_a_server_that_wants_a_password_is_no_case_for_a_browser() -> None:
    """RFC 7617: nothing that a sign-in leads to would be taken. One that takes tokens too is signed in to."""
    double = Double(challenge='Basic realm="desk"')
    with pytest.raises(HttpStatusError, match="password"):
        async with double.client(double.oauth()):
            pass
    assert set(double.seen) == {f"POST {MCP}"}
    both = Double(challenge=f'Basic realm="desk", Bearer resource_metadata="{PRM}"')
    async with both.client(both.oauth()) as client:
        assert (await client.call_tool("look")).content[0].text == "seen"
    assert len(both.authorizations) == 1


async def test_given_credentials_go_to_their_issuer_only() -> None:
    """2026-07-28: credentials are bound to the issuer."""
    double = Double()
    with pytest.raises(SignInError, match="does not trust"):
        async with double.client(
            double.oauth(client_id="me", client_secret="s3cret-s3cret", issuer="https://other.example")
        ):
            pass
    assert double.forms == []
    assert double.authorizations == []


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_given_credentials_are_used_as_the_server_takes_them(method: str) -> None:
    double = Double(clients={"me:2": "s3cret +%"})
    assert double.server is not None
    double.server["token_endpoint_auth_methods_supported"] = [method]
    async with double.client(double.oauth(client_id="me:2", client_secret="s3cret +%")) as client:
        await client.list_tools()
    assert double.registrations == []


async def test_a_metadata_document_names_the_client_where_it_is_taken() -> None:
    url = "https://client.example/wireglass.json"
    double = Double(clients={url: ""})
    assert double.server is not None
    double.server["client_id_metadata_document_supported"] = True
    async with double.client(double.oauth(client_metadata_url=url)):
        pass
    assert double.authorizations[0]["client_id"] == url
    assert double.registrations == []


@pytest.mark.parametrize("url", ["http://client.example/x", "https://client.example", "https://client.example/", "x"])
def test_a_metadata_document_needs_https_and_a_path(url: str) -> None:
    with pytest.raises(ValueError, match="client_metadata_url"):
        OAuth(client_metadata_url=url)


def test_the_redirect_stays_on_this_machine() -> None:
    with pytest.raises(ValueError, match="this machine"):
        OAuth(callback_host="0.0.0.0")


async def test_offline_access_is_asked_for_where_it_is_listed() -> None:
    double = Double()
    assert double.server is not None
    double.server["scopes_supported"] = ["read", "offline_access"]
    async with double.client(double.oauth()):
        pass
    assert double.authorizations[0]["scope"] == "read offline_access"
    assert double.authorizations[0]["prompt"] == "consent"


async def test_signing_out_forgets_and_revokes() -> None:
    double, store = Double(), MemoryTokens()
    auth = double.oauth(token_storage=store)
    async with double.client(auth):
        pass
    await auth.sign_out()
    assert auth.token is None
    assert store._kept == {}
    assert double.refreshes == {}
    assert double.seen[-1] == f"POST {ISSUER}/revoke"


async def test_a_token_for_another_server_is_explained() -> None:
    """Design, section 8: "The token is for another server"."""
    double = Double()
    jwt = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL290aGVyLmV4YW1wbGUifQ.x"
    double.on_token = lambda form: httpx.Response(200, json={"access_token": jwt, "token_type": "Bearer"})
    with pytest.raises(SignInError, match=r"The token is for another server\. Audience is https://other\.example"):
        async with double.client(double.oauth()):
            pass


async def test_a_persons_time_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe's time-out is short; a person is not."""
    double = Double()
    clock = LoopClock(monkeypatch)

    async def slowly(permission: Permission) -> None:
        await clock.forward(60)
        await double.allow(permission)

    client = double.client(double.oauth(on_authorize=slowly), init_timeout=20)
    await client.__aenter__()
    assert client.facts.version == "2026-07-28"
    await client.close()


async def test_cancelling_the_connection_ends_the_sign_in() -> None:
    double, steps, shown = Double(), list[SignInStep](), anyio.Event()

    async def never(permission: Permission) -> None:
        shown.set()
        await anyio.sleep_forever()

    auth = double.oauth(on_authorize=never, on_step=steps.append)
    task = asyncio.ensure_future(double.client(auth).__aenter__())
    with anyio.fail_after(30):
        await shown.wait()
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()
    assert (steps[-1].name, steps[-1].state) == ("permission", "cancelled")
    assert auth.permission is None
    assert auth._redirect.redirect_uri == ""


async def test_an_address_may_be_pasted_when_the_browser_is_elsewhere() -> None:
    double = Double()

    async def by_hand(permission: Permission) -> None:
        async with double.factory() as browser:
            page = await browser.get(permission.url)
        assert not permission.paste("http://127.0.0.1:1/callback?code=x&state=wrong")
        assert permission.paste(page.headers["location"])

    async with double.client(double.oauth(on_authorize=by_hand)) as client:
        await client.list_tools()


async def test_a_stopped_permission_says_so() -> None:
    double = Double()
    with pytest.raises(SignInError, match="stopped"):
        async with double.client(double.oauth(on_authorize=lambda permission: permission.cancel())):
            pass


async def test_an_error_of_the_token_endpoint_is_quoted() -> None:
    double = Double(on_token=lambda form: error(400, "invalid_target", "unknown resource"))
    with pytest.raises(SignInError, match="invalid_target: unknown resource") as caught:
        async with double.client(double.oauth()):
            pass
    assert caught.value.code == "invalid_target"


async def test_a_fixed_token_that_is_refused_stays_a_status() -> None:
    with pytest.raises(HttpStatusError) as caught:
        async with Double().client("a-token-of-mine"):
            pass
    assert caught.value.status == 401


async def test_a_token_is_not_sent_over_http_to_another_machine() -> None:
    auth = OAuth("http://mcp.example/mcp", token_storage="memory")
    with pytest.raises(SignInError, match="not encrypted"):
        await auth.sign_in()


async def test_what_nobody_waits_for_asks_nobody() -> None:
    """A stream that comes back by itself, or the end of a session, must not open a page out of the blue."""
    double = Double(gives_refresh=False)
    auth = double.oauth(mcp_url=MCP, httpx_client_factory=double.factory)
    async with double.factory(auth=auth) as client:
        for method in ("GET", "DELETE"):
            request = client.build_request(method, MCP)
            request.extensions[QUIET] = True
            assert (await client.send(request)).status_code == 401
        assert double.authorizations == []
        assert (await client.get(MCP)).status_code == 405  # signed in: httpx alone is somebody who waits
    assert len(double.authorizations) == 1


async def test_a_token_goes_to_its_server_only() -> None:
    double = Double()
    auth = double.oauth(mcp_url=MCP, httpx_client_factory=double.factory)
    await auth.sign_in()
    seen: list[str] = []

    def other(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization", ""))
        return httpx.Response(401)

    async with httpx.AsyncClient(transport=httpx.MockTransport(other), auth=auth) as client:
        assert (await client.get("https://mcp.example.evil.example/desk/mcp")).status_code == 401
    assert seen == [""]


async def test_a_repeated_request_is_one_frame_and_its_refusal_ends_when_it_came() -> None:
    """A past bug: the ledger saw one id used twice, and a 401 that lasted as long as the person took."""
    frames, exchanges = list[Frame](), list[HttpExchange]()
    async with served(needs={"look": "write"}) as (double, url):

        async def slowly(permission: Permission) -> None:
            await anyio.sleep(0.3)  # beyond the moment at which an untraced request counts as sent
            async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
                await browser.get(permission.url)

        auth = OAuth(token_storage="memory", on_authorize=slowly)
        async with Client(url, auth=auth, tap=frames.append, on_http=exchanges.append) as client:
            await client.call_tool("look")
    ids = [frame.message["id"] for frame in frames if frame.sender == "client"]
    assert len(ids) == len(set(ids))
    assert len(double.authorizations) == 2
    refused = [one for one in exchanges if one.status in (401, 403) and one.verb == "POST"]
    granted = [one for one in exchanges if one.url.endswith("/token")]
    assert [one.done_ns < token.queued_ns for one, token in zip(refused, granted, strict=True)] == [True, True]
