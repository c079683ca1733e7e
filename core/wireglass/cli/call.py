"""`wireglass call SERVER TOOL key=value`: calls one tool and prints its result."""

import argparse
import difflib
import json
import sys
from typing import TYPE_CHECKING, Any

from wireglass.cli.connect import add_server_arguments, print_json, with_client
from wireglass.errors import LaunchError, McpError

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["add_arguments", "read_arguments", "run"]

_NAMED = 8
"""Tools that an error lists; more are left to `wireglass list`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server, the tool and its arguments."""
    add_server_arguments(parser)
    tool = parser.add_argument("tool", default="", metavar="TOOL", help="the tool's name")
    # Without it the run names the server's tools. With nargs="?" argparse would settle on none at the first option.
    tool.required = False
    parser.add_argument(
        "pairs",
        nargs="*",
        default=[],
        metavar="KEY=VALUE",
        help="text where the schema says text, else JSON; KEY:=JSON is always JSON; or one JSON object",
    )
    parser.add_argument("--arguments", metavar="JSON", help="all arguments as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Prints the result. Returns 1 when the tool reports an error."""

    async def work(client: "Client") -> int:
        tools = await client.list_tools()
        tool = next((tool for tool in tools if tool.name == options.tool), None)
        if tool is None:
            told = _not_listed(options.tool, [tool.name for tool in tools])
            if not options.tool:
                raise LaunchError("Name the tool to call.", next_step=told)
            sys.stderr.write(f"The server lists no tool {options.tool}. {told}\n")
        schema = tool.input_schema if tool is not None else {}
        arguments = read_arguments(options.pairs, options.arguments, schema)
        try:
            raw = await client.call_tool_mcp(options.tool, arguments, progress_handler=_show_progress)
        except McpError as error:
            if not options.answers:
                error.next_step = error.next_step or _could_not_ask(error.message)
            raise
        if options.json:
            print_json(raw)
        else:
            _print_result(raw)
        if raw.get("isError") is True and not options.answers:
            said = " ".join(str(block.get("text", "")) for block in raw.get("content", []))
            sys.stderr.writelines(f"{step}\n" for step in [_could_not_ask(said)] if step)
        return 1 if raw.get("isError") is True else 0

    return with_client(options, work)


def _not_listed(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    more = f", and {len(known) - _NAMED} more (see wireglass list)" if len(known) > _NAMED else ""
    return f"It has {', '.join(known[:_NAMED])}{more}." if known else "It has none."


def _could_not_ask(said: str) -> str:
    """The next step when a tool failed because nobody was there to answer it, else an empty text."""
    said = said.lower()
    if "2026-07-28" in said and ("elicit" in said or "sampling" in said):
        return "This server asks only in the older protocol versions: add --mode handshake."
    if "not support" not in said or not ("elicit" in said or "sampling" in said):
        return ""
    where = "Run it in a terminal to be asked" if "elicit" in said else "Open the server in the workbench to answer it"
    return f"{where}, or give the answers with --answers RULES.yaml (see resources/docs/inbox.md)."


def read_arguments(pairs: list[str], whole: str | None, schema: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call from the command line. Raises LaunchError for what cannot be read."""
    arguments: dict[str, Any] = {}
    if whole is not None:
        parsed = _json(whole, "--arguments")
        if not isinstance(parsed, dict):
            raise LaunchError("--arguments is not a JSON object.", next_step='Write it as {"name": "value"}.')
        arguments.update(parsed)
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if pair.startswith("{") and isinstance(members := _json(pair, pair), dict):
            arguments.update(members)
            continue
        if not equals:
            raise LaunchError(f"{pair} is not KEY=VALUE.", next_step=_example(schema))
        if key.endswith(":"):
            arguments[key[:-1]] = _json(text, key[:-1])
        else:
            arguments[key] = _value(text, schema.get("properties", {}).get(key, {}))
    return arguments


def _example(schema: dict[str, Any]) -> str:
    names = list(schema.get("properties", {}))
    return f"Write each argument as name=value, for example {names[0] if names else 'name'}=..."


def _value(text: str, schema: dict[str, Any]) -> Any:
    """Text stays text where the schema allows text; else it is read as JSON if it can be."""
    branches = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    kinds = {kind for branch in branches for kind in _kinds(branch)}
    if "string" in kinds and not (kinds & {"null"} and text == "null"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _kinds(schema: dict[str, Any]) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return [str(item) for item in kind]
    if kind is None and any(isinstance(choice, str) for choice in schema.get("enum", [])):
        return ["string"]
    return [kind] if isinstance(kind, str) else []


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise LaunchError(f"{what} is not JSON: {error}.", next_step="Quote it for your shell.") from error


def _print_result(raw: dict[str, Any]) -> None:
    stream = sys.stderr if raw.get("isError") is True else sys.stdout
    structured = raw.get("structuredContent")
    if structured is not None:
        stream.write(json.dumps(structured, indent=2, ensure_ascii=False) + "\n")
        return
    for block in raw.get("content", []):
        if block.get("type") == "text":
            stream.write(f"{block.get('text', '')}\n")
        else:
            size = len(block.get("data", "") or str(block))
            stream.write(f"[{block.get('type')} {block.get('mimeType', '')} {size} characters; --json shows it]\n")


async def _show_progress(progress: float, total: float | None, message: str | None) -> None:
    share = f"{progress:g} of {total:g}" if total else f"{progress:g}"
    sys.stderr.write(f"{share} {message or ''}".rstrip() + "\n")
