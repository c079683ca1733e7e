"""The meta path finder that answers `import fastmcp`, `mcp`, `mcp_types` and `key_value` with our own modules.

It comes after every other finder, so that an installed package is never hidden, unless it is asked to come first.
"""

import importlib
import importlib.metadata
import logging
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from wireglass.compat.missing import missing_name
from wireglass.compat.trees import Tree, tree_of
from wireglass.settings import setting

__all__ = ["ROOTS", "AliasFinder", "install", "installed", "uninstall"]

ROOTS = ("fastmcp", "fastmcp_tasks", "mcp", "mcp_types", "key_value")

_VERSIONS = {
    "fastmcp": {"R": "2.13.0", "1": "2.14.7", "2": "2.14.7", "4": "4.1.2"},
    "mcp": {"R": "1.30.0", "1": "1.30.0", "2": "1.30.0", "4": "2.3.0"},
    "mcp_types": {"R": "2.3.0", "1": "2.3.0", "2": "2.3.0", "4": "2.3.0"},
}
"""What `fastmcp.__version__` and `importlib.metadata.version("fastmcp")` say: the release whose names a dialect has."""


class AliasModule(ModuleType):
    """A module whose names are looked up in its tree's table when first asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = _resolve(self.__name__, name)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds each submodule to its parent; where the table gives that name to something else
        # (`fastmcp.settings`, the decorator `fastmcp.tools.tool`), the table wins.
        if isinstance(value, AliasModule) and name in _tree(self.__name__).special.get(self.__name__, {}):
            return
        super().__setattr__(name, value)
        if not name.startswith("__") and not isinstance(value, ModuleType):
            _patch_ours(self.__name__, name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *_tree(self.__name__).special.get(self.__name__, {})})


class AliasFinder(MetaPathFinder):
    """Answers for the trees in `ROOTS`; also tells `importlib.metadata` which version they stand for."""

    def __init__(self, dialect: str, *, first: bool) -> None:
        self.dialect = dialect
        self.first = first

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        tree = tree_of(fullname.partition(".")[0])
        if tree is None or not tree.knows(fullname):
            return None
        if tree.shares_package:
            if fullname == tree.root or (self.first and fullname in sys.modules):
                return None
        elif fullname != tree.root and not isinstance(sys.modules.get(tree.root), AliasModule):
            return None  # the real package is loaded; we do not mix with it
        return ModuleSpec(fullname, _AliasLoader(self.dialect), origin="wireglass.compat", is_package=True)

    def find_distributions(self, context: Any = None) -> Iterable[importlib.metadata.Distribution]:
        """A distribution for each tree that is not really installed."""
        name = getattr(context, "name", None)
        wanted = None if name is None else str(name).replace("-", "_").lower()
        for root, versions in _VERSIONS.items():
            if wanted in {None, root}:
                yield _AliasDistribution(root, versions.get(self.dialect, versions["4"]))


class _AliasLoader(Loader):
    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return AliasModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        tree = _tree(module.__name__)
        module.__doc__ = f"{module.__name__} as the Wireglass runtime has it."
        module.__dict__["__all__"] = sorted(tree.special.get(module.__name__, {}))
        if module.__name__ == "fastmcp" and (level := setting("LOG_LEVEL")):
            logging.getLogger("fastmcp").setLevel(level.upper())
        if module.__name__ in _VERSIONS:
            versions = _VERSIONS[module.__name__]
            module.__dict__["__version__"] = versions.get(self.dialect, versions["4"])


class _AliasDistribution(importlib.metadata.Distribution):
    def __init__(self, root: str, version: str) -> None:
        self._text = f"Metadata-Version: 2.1\nName: {root.replace('_', '-')}\nVersion: {version}\n"

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        return Path(str(path))


def install(dialect: str = "4", *, first: bool = False) -> AliasFinder:
    """Switches the aliases on in this process; `first` also hides installed packages."""
    uninstall()
    finder = AliasFinder(dialect, first=first)
    if first:
        _forget(("fastmcp", "fastmcp_tasks", "mcp", "mcp_types"))
        sys.meta_path.insert(0, finder)
    else:
        sys.meta_path.append(finder)
    return finder


def uninstall() -> None:
    """Switches the aliases off and forgets the modules they made."""
    for finder in [finder for finder in sys.meta_path if isinstance(finder, AliasFinder)]:
        sys.meta_path.remove(finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, AliasModule)]:
        del sys.modules[name]


def installed() -> AliasFinder | None:
    """The finder that is switched on, or None."""
    return next((finder for finder in sys.meta_path if isinstance(finder, AliasFinder)), None)


def _forget(roots: Iterable[str]) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in roots]:
        del sys.modules[name]


def _tree(module: str) -> Tree:
    tree = tree_of(module.partition(".")[0])
    if tree is None:
        raise LookupError(module)
    return tree


def _patch_ours(module: str, name: str, value: Any) -> None:
    """A test that patches `fastmcp.server.dependencies.get_access_token` means the function that runs: ours."""
    tree = _tree(module)
    target = tree.special.get(module, {}).get(name) or tree.names.get(name)
    home, _, attribute = (target or "").partition(":")
    if home in sys.modules and attribute and "." not in attribute:
        setattr(sys.modules[home], attribute, value)


def _resolve(module: str, name: str) -> Any:
    """The table's special names, then a submodule, then the tree's names, then a stand-in."""
    tree = _tree(module)
    special = tree.special.get(module, {})
    if name not in special and tree.knows(f"{module}.{name}"):
        return importlib.import_module(f"{module}.{name}")
    target = special.get(name) or tree.names.get(name)
    if target is None:
        return missing_name(module, name)
    home, _, attribute = target.partition(":")
    try:
        found: Any = importlib.import_module(home)
        for part in attribute.split(".") if attribute else ():
            found = getattr(found, part)
    except (ModuleNotFoundError, AttributeError) as problem:
        if isinstance(problem, ModuleNotFoundError) and not str(problem.name).startswith("wireglass"):
            raise  # a package that ours needs is absent: that is the reader's cause, not a missing name
        return missing_name(module, name)
    return found
