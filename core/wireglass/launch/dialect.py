"""Which of the four dialects a server file is written in: the pin decides, else names that only one dialect has."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from wireglass.launch.source import SourceFile

__all__ = ["DIALECTS", "Dialect", "DialectFinding", "detect_dialect", "project_folder"]

Dialect = Literal["R", "1", "2", "4"]
"""R: the reference guide; 1: `mcp.server.fastmcp`; 2: FastMCP 2.x and 3.x; 4: FastMCP 4.x."""

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_PROJECT_FILES = ("pyproject.toml", "requirements.txt", "fastmcp.json")
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$")
_MAJOR = re.compile(r"(===|==|~=|>=|>|<=|<|\^)?\s*v?(\d+)(?:\.(\d+))?")

# Names that exist in one dialect only. A bare word is an attribute, a keyword or an imported name; "module:" is an
# import of that module, "module:name" of that name; "FastMCP(name=" a keyword of the constructor. Sources: the
# signature table and the reference guide.
ONLY: dict[Dialect, frozenset[str]] = {
    "R": frozenset(
        {
            "request_elicitation",
            "request_sampling",
            "BaseMiddleware",
            "fastmcp.middleware:",
            "fastmcp.auth:",
            "fastmcp.testing:",
            "key_value.stores:",
            "key_value.encryption:",
            "upstream_scope",
            "enable_consent_screen",
            "fastmcp:Icon",
            "fastmcp:Image",
        }
    ),
    "1": frozenset(
        {"mcp.server.fastmcp:", "mcp.server.fastmcp.prompts:", "mcp.server.fastmcp.prompts.base:", "mcp.server:FastMCP"}
    ),
    "2": frozenset(
        {
            "import_server",
            "as_proxy",
            "exclude_args",
            "get_tools",
            "get_resources",
            "get_prompts",
            "get_resource_templates",
            "on_duplicate_tools",
            "on_duplicate_resources",
            "on_duplicate_prompts",
            *(
                f"FastMCP({option}="
                for option in (
                    *("host", "port", "sse_path", "message_path", "streamable_http_path", "json_response"),
                    *("stateless_http", "debug", "log_level", "include_tags", "exclude_tags", "tool_transformations"),
                )
            ),
            "tool_serializer",
            "sse_app",
            "streamable_http_app",
            "add_resource_fn",
            "fastmcp.tools.tool:",
            "fastmcp.server.proxy:",
            "fastmcp.server.auth.providers.bearer:",
            "list_roots",
        }
    ),
    "4": frozenset(
        {
            "add_transform",
            "add_completion_handler",
            "add_extension",
            "request_state_security",
            "resource_security",
            "cache_ttl",
            "cache_scope",
            "input_responses",
            "InputRequiredResult",
            "fastmcp.server.providers:",
            "fastmcp.server.transforms:",
        }
    ),
}


@dataclass(frozen=True, slots=True)
class DialectFinding:
    """The dialect and the sentence that says why."""

    dialect: Dialect
    why: str


def detect_dialect(source: SourceFile) -> DialectFinding:
    """Pins first (PEP 723, pyproject.toml, requirements.txt, fastmcp.json), then names, then 4."""
    if _imports(source, "mcp.server.fastmcp"):
        return DialectFinding("1", "The file imports mcp.server.fastmcp.")
    reference = _first(ONLY["R"], source.names_used)
    if reference is not None:  # no release has these names, so a pin cannot speak against them
        return DialectFinding("R", f"Only the reference guide's dialect has {_shown(reference)}.")
    pinned = _pinned(source)
    if pinned is not None:
        return pinned
    for dialect in ("4", "2"):
        found = _first(ONLY[dialect], source.names_used)
        if found is not None:
            return DialectFinding(dialect, f"The file uses {_shown(found)}, which only dialect {dialect} has.")
    if "mcp.server:FastMCP" in source.names_used:
        return DialectFinding("1", "The file imports FastMCP from mcp.server.")
    return DialectFinding("4", "Nothing pins a version; the newest dialect is assumed.")


def project_folder(path: Path) -> Path | None:
    """The nearest folder upward with a pyproject.toml, requirements.txt or fastmcp.json, within its repository."""
    for folder in path.parents:
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
        if (folder / ".git").exists():
            return None
    return None


def requirements(folder: Path) -> Iterable[tuple[str, str]]:
    """(requirement, file) for each dependency that the folder's project files list. Unreadable files list nothing."""
    for name, read in (("pyproject.toml", _pyproject), ("requirements.txt", _plain), ("fastmcp.json", _fastmcp_json)):
        file = folder / name
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for requirement in read(text):
            yield requirement, name


def _pinned(source: SourceFile) -> DialectFinding | None:
    if source.script is not None:
        for requirement in source.script.dependencies:
            if (dialect := _dialect_of(requirement)) is not None:
                return DialectFinding(dialect, f"The file's script block asks for {requirement}.")
    folder = project_folder(source.path)
    if folder is None:
        return None
    for requirement, name in requirements(folder):
        if (dialect := _dialect_of(requirement)) is not None:
            return DialectFinding(dialect, f"{name} asks for {requirement}.")
    return None


def _dialect_of(requirement: str) -> Dialect | None:
    """The dialect of `fastmcp` at the highest major version that the pin certainly means; None without a version."""
    parsed = _REQUIREMENT.match(requirement.partition(";")[0].partition("#")[0])
    if parsed is None or re.sub(r"[-_.]+", "-", parsed[1]).lower() not in {"fastmcp", "fastmcp-slim"}:
        return None
    upper, lower = _bounds(parsed[2])
    major = upper if upper is not None else lower
    if major is None:
        return None
    if major <= 0:
        return "1"
    return "2" if major <= 3 else "4"


def _bounds(specifier: str) -> tuple[int | None, int | None]:
    """(highest major allowed, lowest major asked for) of a version specifier."""
    upper: int | None = None
    lower: int | None = None
    for operator, major_text, minor in _MAJOR.findall(specifier):
        major = int(major_text)
        if operator in {"==", "===", "~=", "^", ""}:
            return major, major
        if operator == "<":
            upper = major if minor not in {"", "0"} else major - 1
        elif operator == "<=":
            upper = major
        else:
            lower = major
    return upper, lower


def _pyproject(text: str) -> Iterable[str]:
    import tomllib  # late: patterns of half a megabyte, for the few who have such a file

    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    project = data.get("project", {})
    yield from _strings(project.get("dependencies"))
    for group in (*_values(project.get("optional-dependencies")), *_values(data.get("dependency-groups"))):
        yield from _strings(group)
    poetry = data.get("tool", {}).get("poetry", {}).get("dependencies")
    if isinstance(poetry, dict):
        for name, wanted in poetry.items():
            version = wanted.get("version", "") if isinstance(wanted, dict) else wanted
            yield f"{name}{version if str(version)[:1] in '=<>~^' else f'=={version}'}"


def _plain(text: str) -> Iterable[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]


def _fastmcp_json(text: str) -> Iterable[str]:
    try:
        data = json.loads(text)
    except ValueError:
        return ()
    environment = data.get("environment", {}) if isinstance(data, dict) else {}
    return _strings(environment.get("dependencies")) if isinstance(environment, dict) else ()


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _values(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else []


def _imports(source: SourceFile, module: str) -> bool:
    return any(use.module == module or use.module.startswith(f"{module}.") for use in source.imports)


def _first(names: frozenset[str], used: frozenset[str]) -> str | None:
    return min(names & used, default=None)


def _shown(name: str) -> str:
    module, _, imported = name.partition(":")
    return f"{module}.{imported}" if imported else module
