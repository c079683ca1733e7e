"""The house rules that no linter knows: what modules promise, what they are called, what importing them costs."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import wireglass
from wireglass.resources import resource_path, resource_root

HEAVY = {"httpx", "starlette", "uvicorn", "cryptography", "jsonschema_rs", "key_value", "PySide6", "watchfiles", "yaml"}
"""What `import wireglass` must not load (architecture, "Who may import whom")."""

OTHER_PLATFORMS = {"wireglass.wire.windows_job"} if sys.platform != "win32" else set[str]()
FOUND = [info.name for info in pkgutil.walk_packages(wireglass.__path__, "wireglass.")]
MODULES = [name for name in FOUND if "__main__" not in name and name not in OTHER_PLATFORMS]
NAMES_OF_HOSTS = {"antigravity"}
"""A host application that happens to be called like a joke of the standard library."""


@pytest.mark.parametrize("name", MODULES)
def test_a_module_keeps_the_promise_of_its_all(name: str) -> None:
    module = importlib.import_module(name)
    for promised in getattr(module, "__all__", ()):
        assert hasattr(module, promised), f"{name}.__all__ names {promised}, which is not there"


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {name.rpartition(".")[2] for name in MODULES}
    assert names & sys.stdlib_module_names - NAMES_OF_HOSTS == set()


@pytest.mark.parametrize("statement", ["import wireglass", "from wireglass import FastMCP, Context"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(run.stdout.split()) == set()


def test_resources_are_found_in_a_checkout() -> None:
    assert resource_root() == Path(__file__).resolve().parents[2] / "resources"
    assert resource_path("docs", "architecture.md").is_file()
