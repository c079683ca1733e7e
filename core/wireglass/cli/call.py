"""`wireglass call SERVER TOOL key=value`: calls one tool and prints its result."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wireglass.cli.connect import add_server_arguments, print_json, with_client
from wireglass.errors import LaunchError

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["add_arguments", "read_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server, the tool and its arguments."""
    add_server_arguments(parser)
    parser.add_argument("tool", help="the tool's name")
    parser.add_argument(
        "pairs",
        nargs="*",
        metavar="KEY=VALUE",
        help="text where the schema says text, else JSON; KEY:=JSON is always JSON",
    )
    parser.add_argument("--arguments", metavar="JSON", help="all arguments as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Prints the result. Returns 1 when the tool reports an error."""

    async def work(client: "Client") -> int:
        tool = next((tool for tool in await client.list_tools() if tool.name == options.tool), None)
        schema = tool.input_schema if tool is not None else {}
        arguments = read_arguments(options.pairs, options.arguments, schema)
        raw = await client.call_tool_mcp(options.tool, arguments, progress_handler=_show_progress)
        if options.json:
            print_json(raw)
        else:
            _print_result(raw)
        return 1 if raw.get("isError") is True else 0

    return with_client(options, work)


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
        if not equals:
            raise LaunchError(f"{pair} is not KEY=VALUE.", next_step="Write each argument as name=value.")
        if key.endswith(":"):
            arguments[key[:-1]] = _json(text, key[:-1])
        else:
            arguments[key] = _value(text, schema.get("properties", {}).get(key, {}))
    return arguments


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
