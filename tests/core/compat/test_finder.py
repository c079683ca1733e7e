"""Import aliases: what they answer, and when they keep out of the way."""

import asyncio
import importlib
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wireglass.compat.finder import install, installed, uninstall
from wireglass.compat.missing import MissingName
from wireglass.compat.trees import tree_of
from wireglass.errors import McpError, ToolError
from wireglass.protocol.content import TextContent


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    """Each test gets fresh aliases, and nothing stays behind."""
    install("4")
    yield
    uninstall()


def test_names_are_ours_in_every_spelling() -> None:
    for module in ("fastmcp.exceptions", "fastmcp.tools.tool", "mcp.server.fastmcp.exceptions"):
        assert importlib.import_module(module).ToolError is ToolError
    for module in ("mcp.types", "mcp_types"):
        assert importlib.import_module(module).TextContent is TextContent
    assert importlib.import_module("mcp.shared.exceptions").McpError is McpError
    assert importlib.import_module("mcp").MCPError is McpError


def test_a_name_we_do_not_have_imports_annotates_and_fails_on_use_by_name() -> None:
    module = importlib.import_module("fastmcp.apps")
    stand_in = module.NoSuchThing
    assert isinstance(stand_in, MissingName)
    assert (stand_in | None) is not None
    assert not isinstance(1, stand_in)
    assert stand_in[int] is stand_in

    class Derived(stand_in): ...

    for use in (lambda: stand_in(), lambda: stand_in.attribute, lambda: Derived()):
        with pytest.raises(NotImplementedError, match=r"fastmcp\.apps\.NoSuchThing"):
            use()


def test_a_missing_exception_can_stand_in_an_except_clause() -> None:
    missing = importlib.import_module("fastmcp.exceptions").NoSuchError
    assert issubclass(missing, Exception)
    assert not isinstance(KeyError("x"), missing)


def test_a_module_that_no_release_has_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("fastmcp.no_such_module")


def test_every_module_name_imports() -> None:
    for root in ("fastmcp", "mcp", "mcp_types"):
        tree = tree_of(root)
        assert tree is not None
        for name in tree.modules:
            assert importlib.import_module(f"{root}.{name}").__name__ == f"{root}.{name}"


def test_a_submodule_is_an_attribute_unless_the_table_gives_the_name_to_something_else() -> None:
    client = importlib.import_module("fastmcp.client")
    assert client.transports is importlib.import_module("fastmcp.client.transports")


def test_versions_follow_the_dialect() -> None:
    install("2")
    assert importlib.import_module("fastmcp").__version__.startswith("2.")
    assert importlib.metadata.version("fastmcp").startswith("2.")
    install("4")
    assert importlib.metadata.version("fastmcp").startswith("4.")


@pytest.fixture
def real_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder on the path with a package called fastmcp."""
    (tmp_path / "fastmcp").mkdir()
    (tmp_path / "fastmcp" / "__init__.py").write_text("REAL = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "fastmcp"]:
        del sys.modules[name]


@pytest.mark.usefixtures("real_package")
def test_an_installed_package_is_never_hidden_or_mixed() -> None:
    assert importlib.import_module("fastmcp").REAL
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("fastmcp.exceptions")


@pytest.mark.usefixtures("real_package")
def test_an_installed_package_is_hidden_when_asked() -> None:
    install("4", first=True)
    assert importlib.import_module("fastmcp.exceptions").ToolError is ToolError


def test_the_real_key_value_package_stays_and_gets_the_guides_modules_beside_it() -> None:
    real = importlib.import_module("key_value.aio")
    assert "site-packages" in str(real.__file__)
    assert importlib.import_module("key_value.stores").__doc__ is not None


def test_switching_off_leaves_nothing() -> None:
    importlib.import_module("fastmcp.exceptions")
    uninstall()
    assert installed() is None
    assert not any(name.partition(".")[0] in {"fastmcp", "mcp", "mcp_types"} for name in sys.modules)


def test_a_template_makes_function_resources_that_read_the_raw_value() -> None:
    """Dialects 2 and 4 hand `create_resource` to code that reads the value itself."""
    template = importlib.import_module("fastmcp.resources.template").ResourceTemplate.from_function(
        lambda name: f"Hello, {name}!", uri_template="greet://{name}", name="greeter"
    )
    resource = asyncio.run(template.create_resource("greet://world", {"name": "world"}))
    assert isinstance(resource, importlib.import_module("fastmcp.resources").FunctionResource)
    assert asyncio.run(resource.read()) == "Hello, world!"
