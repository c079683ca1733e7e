"""Finds the files that ship with Wireglass: in a checkout, in an installed wheel and in a frozen build alike."""

import sys
from functools import cache
from pathlib import Path

__all__ = ["resource_path", "resource_root"]


@cache
def resource_root() -> Path:
    """The folder that holds `icons/`, `themes/`, `servers/` and the rest. Raises FileNotFoundError if none is there."""
    here = Path(__file__).resolve().parent
    candidates = [here / "_resources", here.parents[1] / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        candidates.insert(0, Path(frozen) / "resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    looked_in = ", ".join(map(str, candidates))
    raise FileNotFoundError(f"Wireglass is installed without its resources; looked in {looked_in}")


def resource_path(*parts: str) -> Path:
    """A file or folder below the resources, for example `resource_path("icons", "tools.svg")`."""
    return resource_root().joinpath(*parts)
