"""What `pyproject.toml` asks for is what the sources import: nothing idle is installed, nothing there by accident."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"wireglass", "wireglass_app"}
BESIDE = {
    *("certifi", "h11", "httpcore", "pydantic_core", "typing_extensions"),  # come with what they are used with
    *("redis", "rich"),  # used where they are there: the driver of a store, the author's own choice
    *("fastmcp", "fastmcp_tasks", "mcp", "mcp_types"),  # the user's own
    "shiboken6",  # PySide6's other half
}


def named(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def imported(folder: Path) -> Iterator[str]:
    """The top-level names of everything that is imported below a folder, also inside functions."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


CORE, APP = set(imported(ROOT / "core")), set(imported(ROOT / "app"))
DISTRIBUTIONS = {
    module: {named(one) for one in found} for module, found in packages_distributions().items() if module not in OURS
}


def distributions_of(modules: set[str]) -> set[str]:
    return {name for module in modules for name in DISTRIBUTIONS.get(module, ())}


@pytest.mark.parametrize(
    ("asked", "modules"),
    [(PROJECT["dependencies"], CORE), (PROJECT["optional-dependencies"]["app"], CORE | APP)],
    ids=["core", "app"],
)
def test_every_dependency_is_imported(asked: list[str], modules: set[str]) -> None:
    """Those for other platforms are not installed here, so nothing is known of their modules."""
    here = [named(one) for one in asked if ";" not in one]
    assert [name for name in here if name not in distributions_of(modules)] == []


@pytest.mark.parametrize("modules", [CORE, CORE | APP], ids=["core", "app"])
def test_every_import_is_asked_for(modules: set[str]) -> None:
    groups = PROJECT["optional-dependencies"]
    asked = {named(one) for group in (PROJECT["dependencies"], *groups.values()) for one in group}
    strange = {
        module
        for module in modules - OURS - BESIDE - set(sys.stdlib_module_names)
        if module in DISTRIBUTIONS and not DISTRIBUTIONS[module] & asked
    }
    assert strange == set()
