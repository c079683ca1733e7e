"""The map in `resources/docs/architecture.md` shows the tree as it is: nothing that is gone, no package left out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = ROOT / "resources" / "docs" / "architecture.md"
PACKAGES = ("core/wireglass", "app/wireglass_app")


def entries() -> Iterator[tuple[str, Path, str]]:
    """Of each line of the tree: its root, the folder that it speaks of, its words."""
    block = MAP.read_text(encoding="utf-8").partition("## Tree")[2].split("```")[1]
    root, folder = "", ROOT
    for line in block.splitlines():
        name = line.split(maxsplit=1)[0] if line.strip() else ""
        indent = len(line) - len(line.lstrip())
        if indent == 0 and name:
            root, folder = name.strip("/"), ROOT / name
        elif indent == 2:
            folder = ROOT / root / (name if name.endswith("/") else "")
        yield root, folder, line


def test_every_module_on_the_map_is_there() -> None:
    missing = [
        f"{folder.relative_to(ROOT)}: {name}"
        for root, folder, line in entries()
        for name in re.findall(r"\b\w+\.py\b", line)
        if not any(folder.glob(name) if folder == ROOT / root else folder.rglob(name))
    ]
    assert missing == []


@pytest.mark.parametrize("root", PACKAGES)
def test_every_package_is_on_the_map(root: str) -> None:
    named = {name for each, _, line in entries() if each == root for name in re.findall(r"\b(\w+)/", line)}
    packages = {path.parent.name for path in (ROOT / root).rglob("*/__init__.py")} - {Path(root).name}
    assert packages - named == set()


def test_every_layer_of_the_import_rules_is_there() -> None:
    """A layer in brackets is optional to the linter, so that one which is gone would stay there unseen."""
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = [block.partition("\n[")[0] for block in text.split("layers =\n")[1:]]
    gone = [
        name
        for root, block in zip(PACKAGES, layers, strict=True)
        for name in re.findall(r"\((\w+)\)", block)
        if name != "openapi" and not any((ROOT / root).glob(f"{name}*"))
    ]
    assert gone == [], "openapi is planned"
