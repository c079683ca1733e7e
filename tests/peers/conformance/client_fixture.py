"""The client that the official conformance suites test: what each scenario wants a client to do, done with ours.

Run by the suites as `python client_fixture.py URL`, with the scenario, its context and the protocol version in the
environment. It fails loudly: the driver judges the exit code as well as the checks.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from wireglass import Client
from wireglass.auth import (
    ClientCredentialsOAuthProvider,
    EnterpriseManagedOAuth,
    OAuth,
    Permission,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
    WorkloadIdentityOAuth,
    static_assertion_provider,
)
from wireglass.errors import McpError, SignInError, SkillError

URL = sys.argv[-1]
SCENARIO = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
CONTEXT: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
VERSION = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION") or "auto"

Play = Callable[[Client], Awaitable[None]]


async def accept_all(message: str, response_type: Any, params: Any, context: Any) -> Any:
    """Accepts every form: its defaults, and `true` for what has none."""
    schema = params.wire()["requestedSchema"] if hasattr(params, "wire") else params["requestedSchema"]
    return {name: field.get("default", True) for name, field in schema["properties"].items()}


async def sample(messages: Any, params: Any, context: Any) -> str:
    return "An answer for tests."


async def allow(permission: Permission) -> None:
    """The person and the browser: says yes at once, and goes where the authorization server sends it."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        await browser.get(permission.url)


CIMD = "https://conformance-test.local/client-metadata.json"
"""The address that the suite expects as the client's id."""


def auth() -> Any:
    """How the scenario wants the client to sign in."""
    memory: Any = {"token_storage": "memory"}
    match SCENARIO.removeprefix("auth/"):
        case "client-credentials-jwt":
            key = SignedJWTParameters(
                issuer=CONTEXT["client_id"],
                subject=CONTEXT["client_id"],
                signing_key=CONTEXT["private_key_pem"],
                signing_algorithm=CONTEXT.get("signing_algorithm", "ES256"),
            )
            return PrivateKeyJWTOAuthProvider(
                client_id=CONTEXT["client_id"], assertion_provider=key.create_assertion_provider()
            )
        case "client-credentials-basic":
            return ClientCredentialsOAuthProvider(
                client_id=CONTEXT["client_id"], client_secret=CONTEXT["client_secret"]
            )
        case "enterprise-managed-authorization" | "cross-app-access-complete-flow":
            return EnterpriseManagedOAuth(
                client_id=CONTEXT["client_id"],
                client_secret=CONTEXT["client_secret"],
                idp_token_endpoint=CONTEXT["idp_token_endpoint"],
                idp_client_id=CONTEXT["idp_client_id"],
                idp_issuer=CONTEXT["idp_issuer"],
                id_token=CONTEXT["idp_id_token"],
            )
        case "wif-jwt-bearer":
            return WorkloadIdentityOAuth(
                client_id=CONTEXT["client_id"], assertion_provider=static_assertion_provider(CONTEXT["valid_jwt"])
            )
        case "pre-registration":
            known = {name: CONTEXT[name] for name in ("client_id", "client_secret", "issuer") if name in CONTEXT}
            return OAuth(**known, on_authorize=allow, **memory)
        case _:
            return OAuth(client_metadata_url=CIMD, on_authorize=allow, **memory)


def client() -> Client:
    """A client that declares everything it can answer, in the era that the scenario asks for."""
    return Client(
        URL,
        auth=auth() if SCENARIO.startswith("auth/") else None,
        mode=VERSION,
        name="wireglass-conformance",
        elicitation_handler=accept_all,
        sampling_handler=sample,
        roots=["file:///tmp/conformance"],
        timeout=30,
    )


async def list_tools(client: Client) -> None:
    await client.list_tools()


async def add_numbers(client: Client) -> None:
    await client.list_tools()
    await client.call_tool("add_numbers", {"a": 5, "b": 3})


def call(name: str, **arguments: Any) -> Play:
    async def play(client: Client) -> None:
        await client.list_tools()
        await client.call_tool(name, arguments)

    return play


async def request_metadata(client: Client) -> None:
    """The server advertises no capability; a client may ask all the same."""
    for tool in await client.list_tools():
        await client.call_tool(tool.name, {})


async def standard_headers(client: Client) -> None:
    for tool in await client.list_tools():
        await client.call_tool(tool.name, {})
    with contextlib.suppress(McpError):
        for resource in await client.list_resources():
            await client.read_resource(resource.uri)
    with contextlib.suppress(McpError):
        for prompt in await client.list_prompts():
            await client.get_prompt(prompt.name)


async def custom_headers(client: Client) -> None:
    await client.list_tools()
    for one in CONTEXT["toolCalls"]:
        await client.call_tool(one["name"], one["arguments"])


async def invalid_tool_headers(client: Client) -> None:
    """What is left of the list is called; a tool with an invalid annotation must not be there."""
    for tool in await client.list_tools():
        await client.call_tool(tool.name, dict.fromkeys(tool.wire()["inputSchema"].get("properties", {}), "x"))


async def request_state(client: Client) -> None:
    await client.list_tools()
    for name in ("test_mrtr_echo_state", "test_mrtr_unrelated", "test_mrtr_no_state", "test_mrtr_no_result_type"):
        await client.call_tool(name, {})


async def schema_preservation(client: Client) -> None:
    tools = {tool.name: tool for tool in await client.list_tools()}
    schema = tools["json_schema_2020_12_tool"].wire()["inputSchema"]
    await client.call_tool("json_schema_echo", {"schema": schema})


async def list_skills(client: Client) -> None:
    assert await client.list_skills(), client.skipped


async def load_skills(client: Client) -> None:
    """Loads each skill as a host does: what is not as its entry says is refused before another file is read."""
    for entry in await client.list_skills():
        try:
            loaded = await client.load_skill(entry)
        except SkillError:
            continue
        for file in loaded.entry.files:
            await loaded.read(file.uri)


async def call_all(client: Client) -> None:
    """What signing in is for."""
    for tool in await client.list_tools():
        await client.call_tool(tool.name, {})


PLAYS: dict[str, Play] = {
    "initialize": list_tools,
    "tools_call": add_numbers,
    "elicitation-sep1034-client-defaults": call("test_client_elicitation_defaults"),
    "sse-retry": call("test_reconnection"),
    "request-metadata": request_metadata,
    "http-standard-headers": standard_headers,
    "http-custom-headers": custom_headers,
    "http-invalid-tool-headers": invalid_tool_headers,
    "sep-2322-client-request-state": request_state,
    "json-schema-ref-no-deref": list_tools,
    "json-schema-2020-12-preservation": schema_preservation,
    "sep-2640-client-no-prefetch": list_skills,
    "sep-2640-client-verify-digest": load_skills,
    "sep-2640-client-verify-size": load_skills,
    "sep-2640-client-verify-frontmatter": load_skills,
}


REFUSED = (
    "auth/iss-normalized",
    "auth/iss-supported-missing",
    "auth/iss-unexpected",
    "auth/iss-wrong-issuer",
    "auth/metadata-issuer-mismatch",
    "auth/resource-mismatch",
    "auth/scope-retry-limit",
)
"""Scenarios in which a client must not get in: anything but a refusal of ours is a failure."""


async def main() -> None:
    play = PLAYS.get(SCENARIO) or (call_all if SCENARIO.startswith("auth/") else None)
    if play is None:
        raise SystemExit(f"This fixture does not know the scenario {SCENARIO!r}.")
    try:
        async with client() as connected:
            await play(connected)
    except SignInError as refusal:
        if SCENARIO not in REFUSED:
            raise
        print(f"refused: {refusal}", file=sys.stderr)
    else:
        if SCENARIO in REFUSED:
            raise SystemExit(f"{SCENARIO} was let through.")


if __name__ == "__main__":
    asyncio.run(main())
