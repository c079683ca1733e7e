"""Components from the Python files of a folder: functions marked by `@tool`, `@resource`, `@prompt`, and components."""

import importlib.util
import inspect
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from wireglass.server.components import Component, attached, attached_options
from wireglass.server.function_resources import component_from_function
from wireglass.server.function_tools import FunctionTool
from wireglass.server.prompts import FunctionPrompt
from wireglass.server.providers.local import LocalProvider
from wireglass.server.versions import VersionSpec

__all__ = [
    "DiscoveryResult",
    "FileSystemProvider",
    "discover_and_import",
    "discover_files",
    "extract_components",
    "import_module_from_file",
]

log = logging.getLogger(__name__)


@dataclass
class DiscoveryResult:
    """What a folder gave: (file, component) pairs, and why other files gave nothing."""

    components: list[tuple[Path, Component]] = field(default_factory=list[tuple[Path, Component]])
    failed_files: dict[Path, str] = field(default_factory=dict[Path, str])


def discover_files(root: Path) -> list[Path]:
    """The folder's Python files, sorted; without `__init__.py` and caches. A file as root is itself."""
    if root.is_file():
        return [root] if root.suffix == ".py" else []
    found = root.rglob("*.py") if root.is_dir() else ()
    return sorted(path for path in found if path.name != "__init__.py" and "__pycache__" not in path.parts)


def import_module_from_file(file_path: Path) -> ModuleType:
    """Executes a file as a module, inside its package when it is in one. Raises what the file raises."""
    path = file_path.resolve()
    root = path.parent
    while (root / "__init__.py").is_file():
        root = root.parent
    if root != path.parent and str(root) not in sys.path:
        sys.path.insert(0, str(root))
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts) if root != path.parent else f"wireglass_component_{path.stem}_{abs(hash(path))}"
    if root != path.parent:
        importlib.import_module(".".join(parts[:-1]))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise
    return module


def extract_components(module: ModuleType) -> list[Component]:
    """The components of a module, in the order of its names; those it only imported count too."""
    found: dict[int, Component] = {}
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        component = _component_of(value)
        if component is not None:
            found.setdefault(id(value), component)
    return list(found.values())


def _component_of(value: Any) -> Component | None:
    if isinstance(value, Component):
        return value
    if inspect.isclass(value) or not callable(value):
        return None
    meta = attached(value)
    if meta is None or getattr(meta, "enabled", True) is False:
        return None
    if meta.type == "tool":
        return FunctionTool.from_function(value)
    if meta.type == "prompt":
        return FunctionPrompt.from_function(value)
    return component_from_function(value, meta.uri, **(attached_options(value, meta) or {}))


def discover_and_import(root: Path) -> DiscoveryResult:
    """Imports every file of a folder. A file that fails is noted and does not stop the others."""
    result = DiscoveryResult()
    for path in discover_files(root):
        try:
            result.components += [(path, component) for component in extract_components(import_module_from_file(path))]
        except Exception as error:  # boundary: a component file may raise anything
            result.failed_files[path] = f"{type(error).__name__}: {error}"
    return result


class FileSystemProvider(LocalProvider):
    """The components of a folder. With `reload`, files are read again when one has changed before a request."""

    def __init__(self, root: str | Path = ".", reload: bool = False) -> None:
        super().__init__("replace")
        self._root = Path(root).resolve()
        self._reload = reload
        self._failed: dict[Path, str] = {}
        self._warned: dict[Path, str] = {}
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._load()

    def __repr__(self) -> str:
        return f"FileSystemProvider(root={str(self._root)!r}, reload={self._reload})"

    @property
    def failed_files(self) -> dict[Path, str]:
        """The files that gave nothing, and why: a copy."""
        return dict(self._failed)

    def _load(self) -> None:
        self._stamp = self._seen()
        found = discover_and_import(self._root)
        for shelf in (self._tools, self._resources, self._templates, self._prompts):
            shelf.clear()
        self._failed = dict(found.failed_files)
        for path, component in found.components:
            try:
                self._register_component(component)
            except Exception as error:  # boundary: as above
                self._failed[path] = f"{type(error).__name__}: {error}"
        for path, why in self._failed.items():
            if self._warned.get(path) != why:  # once for each reason, not at every reload
                log.warning("Failed to import %s: %s", path, why)
        self._warned = dict(self._failed)

    def _register_component(self, component: Component) -> None:
        self._add(component)

    def _seen(self) -> tuple[tuple[str, int], ...]:
        return tuple(_stamps(self._root)) if self._reload else ()

    def _refresh(self) -> None:
        if self._reload and self._seen() != self._stamp:
            self._load()

    async def _list_tools(self) -> Sequence[Any]:
        self._refresh()
        return await super()._list_tools()

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Any:
        self._refresh()
        return await super()._get_tool(name, version)

    async def _list_resources(self) -> Sequence[Any]:
        self._refresh()
        return await super()._list_resources()

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Any:
        self._refresh()
        return await super()._get_resource(uri, version)

    async def _list_resource_templates(self) -> Sequence[Any]:
        self._refresh()
        return await super()._list_resource_templates()

    async def _list_prompts(self) -> Sequence[Any]:
        self._refresh()
        return await super()._list_prompts()

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Any:
        self._refresh()
        return await super()._get_prompt(name, version)


def _stamps(root: Path) -> Iterator[tuple[str, int]]:
    for path in discover_files(root):
        try:
            yield str(path), path.stat().st_mtime_ns
        except OSError:
            continue
