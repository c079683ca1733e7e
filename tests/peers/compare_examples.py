"""Runs the example servers of FastMCP's archives on the real package and on ours, and lists every difference.

    python tests/peers/compare_examples.py [--release 4.1.2] [--only TEXT] [--report FILE]

Each file that needs no further package is opened over stdio at 2025-06-18 and at the newest version that the real
package speaks: what it says of itself, all its lists, one call of each tool. Results are compared after taking out
what may differ (ids, versions, times).
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastmcp_suite import SUITES, fetch_archive
from peer_environments import cache_folder, environment_with

from wireglass.client.client import Client
from wireglass.client.transports import StdioTransport
from wireglass.errors import McpError, RequestTimeout, WireglassError
from wireglass.launch.find import ServerFinding, find_server
from wireglass.launch.interpreter import embedded, explicit
from wireglass.launch.packages import environment_of
from wireglass.launch.run import child_command

VERSIONS = {"2.14.7": ("2025-06-18",), "4.1.2": ("2025-06-18", "2026-07-28")}

# Differences that are meant: where they are (a pattern over "example path: what"), and why. Everything else is a fault.
EXPLAINED: tuple[tuple[str, str], ...] = (
    (
        r"/inputSchema/additionalProperties: only ours: false",
        "2.14 leaves the schema open and refuses further arguments all the same; we say so in the schema, as 4.x does.",
    ),
    (r"/outputSchema/description: only theirs: .Generic wrapper", "A docstring of the peer's own wrapper class."),
    (r"/tools/list/[^/]+/title: only ours", "A title is made from the name where none is given, as in 4.x."),
    (
        r"\.py /connect: only theirs|^sampling/(structured_output|text|tool_use)\.py .*only ours",
        "The peer cannot start this file without a package that its archive does not bring; ours serves it.",
    ),
    (r"/execution_time_ms:", "A duration measured by the example itself."),
    (
        r"^elicitation\.py /call \w+/content/0/text",
        "Our own words to a client that does not answer questions.",
    ),
    (
        r"^elicitation\.py /call \w+: theirs .*unavailable on 2026",
        "The peer asks nothing at 2026-07-28; we ask in rounds, and say that the client must declare it (-32021).",
    ),
    (
        r"^(prompts|resources)_as_tools/.*/description: theirs|^search/.*/description: theirs",
        "Descriptions of generated tools are our own words.",
    ),
    (r"_as_tools/.*: only theirs: null$", "Members without a value are left out."),
    (
        r"_as_tools/.*/content/0/text: theirs .Error calling tool '\w+': Unknown",
        "What is not found reaches the client as written.",
    ),
    (r"_as_tools/.*/annotations: only ours: .*readOnlyHint", "Generated tools that only read say so."),
    (r"^search/.* /call call_tool/content/0/text", "Our own words for an unknown tool."),
)

LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}


def main() -> int:
    """Prints the table. Returns 0 whatever it says."""
    options = _options()
    lines = ["# FastMCP's examples on both runtimes", ""]
    lines += ["Written by `tests/peers/compare_examples.py --report`. Each example that needs no further package, over"]
    lines += ["stdio on the real package and on ours: what it says of itself, all lists, one call of each tool.", ""]
    lines += ["Differences that are meant:", ""]
    lines += [f"{number}. {why}" for number, (_, why) in enumerate(EXPLAINED, 1)]
    lines += [""]
    for release in [options.release] if options.release else sorted(VERSIONS):
        lines += asyncio.run(compare_release(release, options.only))
    text = "\n".join(lines) + "\n"
    print(text)
    if options.report:
        Path(options.report).write_text(text)
    return 0


async def compare_release(release: str, only: str | None) -> list[str]:
    """The table of one release."""
    sources = fetch_archive(SUITES[f"fastmcp-{release}"], cache_folder())
    python = environment_with(f"fastmcp-{release}-real", f"fastmcp=={release}")
    lines = [f"## {release}", "", "| example | version | explained | not explained |", "|---|---|---|---|"]
    for finding in usable(sources / "examples", python):
        name = finding.path.relative_to(sources / "examples").as_posix()
        if only and only not in name:
            continue
        for version in VERSIONS[release]:
            theirs = await observe(finding, version, python)
            ours = await observe(finding, version, None, SUITES[f"fastmcp-{release}"].dialect)
            found = list(differences(theirs, ours))
            numbers = [explanation(f"{name} {difference}") for difference in found]
            meant = ", ".join(f"{number} ({numbers.count(number)})" for number in sorted(set(numbers) - {0}))
            faults = [difference for difference, number in zip(found, numbers, strict=True) if not number]
            shown = "<br>".join(map(_escaped, faults)) or "none"
            lines.append(f"| {name} | {version} | {meant or '-'} | {shown} |")
            print(lines[-1], file=sys.stderr)
    return [*lines, ""]


def explanation(difference: str) -> int:
    """The number of the first explanation that fits, from 1; 0 when there is none."""
    return next((at for at, (where, _) in enumerate(EXPLAINED, 1) if re.search(where, difference)), 0)


def usable(folder: Path, python: Path) -> Iterator[ServerFinding]:
    """Files with a server object whose imports the real environment has, and our own as well."""
    environment = environment_of(python)
    for path in sorted(folder.rglob("*.py")):
        try:
            finding = find_server(path)
        except WireglassError:
            continue
        fits = finding.runnable and finding.name and "fastmcp" in finding.packages and not _out_of_scope(path)
        if fits and all(environment.has(name) for name in finding.packages) and not embedded(finding).missing:
            # Serve the object, whatever the file does as a script.
            yield replace(finding, self_run="no")


def _out_of_scope(path: Path) -> bool:
    """Authorization, host widgets, code mode: not part of this runtime."""
    return bool({"auth", "apps", "code_mode", "atproto_mcp", "smart_home"} & set(path.parts))


async def observe(
    finding: ServerFinding, version: str, python: Path | None, dialect: str | None = None
) -> dict[str, Any]:
    """What one runtime says: name -> normalised result or error. The archive's files name no release themselves."""
    interpreter = explicit(finding, python) if python is not None else embedded(finding)
    quiet = {"FASTMCP_LOG_LEVEL": "ERROR", "FASTMCP_CHECK_FOR_UPDATES": "off"}
    child = child_command(finding, interpreter, added=quiet, dialect=dialect)
    transport = StdioTransport(child.command, child.args, env=child.env, cwd=child.cwd)
    seen: dict[str, Any] = {}
    try:
        async with asyncio.timeout(90), Client(transport, mode=version, timeout=15, roots=["file:///tmp"]) as client:
            seen["instructions"] = client.facts.instructions
            seen["name"] = client.facts.server_info.get("name")
            for method, key in LISTS.items():
                seen[method] = by_name(await ask(client, method, {}), key)
            tools = seen["tools/list"] if isinstance(seen["tools/list"], dict) else {}
            for name, tool in tools.items():
                arguments = sample(tool.get("inputSchema", {}))
                seen[f"call {name}"] = await ask(client, "tools/call", {"name": name, "arguments": arguments})
    except (WireglassError, TimeoutError) as error:
        seen["connect"] = f"{type(error).__name__}"
    return seen


async def ask(client: Client, method: str, params: dict[str, Any]) -> Any:
    """The normalised result, or the error's code."""
    try:
        return normal(await client.request(method, params))
    except McpError as error:
        return f"error {error.code}"
    except RequestTimeout:
        return "timeout"


def by_name(result: Any, key: str) -> Any:
    """A list as name -> entry, so that its order does not count."""
    if not isinstance(result, dict):
        return result
    return {entry.get("uri") or entry.get("uriTemplate") or entry.get("name"): entry for entry in result.get(key, [])}


def sample(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """The smallest value that should fit a schema."""
    root = root or schema
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return sample(root.get("$defs", {}).get(name, {}), root)
    if "default" in schema:
        return schema["default"]
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    for branch in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        return sample(branch, root)
    kind = schema.get("type")
    if kind == "object":
        needed = schema.get("required", [])
        return {name: sample(schema.get("properties", {}).get(name, {}), root) for name in needed}
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return {"string": "a" * max(1, schema.get("minLength", 1)), "integer": low, "number": low, "boolean": True}.get(
        str(kind), [] if kind == "array" else None
    )


_CHANGING = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+|0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+\.\d{3,}")


def normal(value: Any) -> Any:
    """Without what may differ between two runs: metadata of the SDK, addresses, times, key order in JSON texts."""
    if isinstance(value, dict):
        kept = {key: normal(item) for key, item in value.items() if key not in {"ttlMs", "cacheScope", "resultType"}}
        meta = {
            key: item for key, item in kept.pop("_meta", {}).items() if not key.startswith("io.modelcontextprotocol/")
        }
        meta.pop("fastmcp", None)
        if kept.get("isError") is False:  # the same as leaving it out
            del kept["isError"]
        return {**kept, **({"_meta": meta} if meta else {})}
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
            return normal(parsed) if isinstance(parsed, (dict, list)) else value
        except ValueError:
            return _CHANGING.sub("*", value).strip()
    return value


def differences(theirs: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Each place where they differ, with both values."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in dict.fromkeys([*theirs, *ours]):
            if key not in ours:
                yield f"{path}/{key}: only theirs: {_short(theirs[key])}"
            elif key not in theirs:
                yield f"{path}/{key}: only ours: {_short(ours[key])}"
            else:
                yield from differences(theirs[key], ours[key], f"{path}/{key}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for index, (left, right) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(left, right, f"{path}/{index}")
    elif theirs != ours:
        yield f"{path}: theirs {_short(theirs)}, ours {_short(ours)}"


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 90 else f"{text[:87]}..."


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", choices=sorted(VERSIONS))
    parser.add_argument("--only", metavar="TEXT", help="only examples whose path has this text")
    parser.add_argument("--report", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
