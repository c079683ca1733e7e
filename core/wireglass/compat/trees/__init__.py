"""Which names exist in each import tree, and where ours live. A name more is a word more in one of these tables."""

from dataclasses import dataclass, field
from functools import cache

__all__ = ["Tree", "parse_modules", "parse_names", "tree_of"]


@dataclass(frozen=True)
class Tree:
    """One top-level import name and everything below it."""

    root: str
    distribution: str
    """The package on the index whose name this is."""
    modules: frozenset[str]
    """Dotted names below the root that can be imported."""
    names: dict[str, str]
    """name -> "module:attribute" of ours; holds in every module of the tree."""
    special: dict[str, dict[str, str]] = field(default_factory=dict)
    """module -> names that mean something else in that module, or that a submodule of the same name must not hide."""
    shares_package: bool = False
    """The real package may be installed beside ours: we only add what it does not have."""

    def knows(self, module: str) -> bool:
        """True when `module` is the root or one of its modules."""
        return module == self.root or module.removeprefix(f"{self.root}.") in self.modules

    def target(self, module: str, name: str) -> str | None:
        """Where ours lives, or None when we do not have it."""
        return self.special.get(module, {}).get(name) or self.names.get(name)


def parse_modules(text: str) -> frozenset[str]:
    """Dotted names separated by blanks, and the packages they are in."""
    modules: set[str] = set()
    for name in text.split():
        while name:
            modules.add(name)
            name = name.rpartition(".")[0]
    return frozenset(modules)


def parse_names(table: str) -> dict[str, str]:
    """Lines `our.module: Name Other=OurName` to {"Name": "our.module:Name", "Other": "our.module:OurName"}."""
    names: dict[str, str] = {}
    for line in table.splitlines():
        home, colon, listed = line.partition(":")
        if colon and not line.lstrip().startswith("#"):
            for word in listed.split():
                theirs, _, ours = word.partition("=")
                names[theirs] = f"{home.strip()}:{ours or theirs}"
    return names


@cache
def tree_of(root: str) -> Tree | None:
    """The tree of a top-level name, or None. Tables are read when their tree is first asked for."""
    if root == "fastmcp":
        from wireglass.compat.trees.fastmcp import TREE
    elif root == "mcp":
        from wireglass.compat.trees.mcp import TREE
    elif root == "mcp_types":
        from wireglass.compat.trees.mcp import TYPES as TREE
    elif root == "key_value":
        from wireglass.compat.trees.key_value import TREE
    elif root == "fastmcp_tasks":
        from wireglass.compat.trees.fastmcp_tasks import TREE
    else:
        return None
    return TREE
