"""`wireglass version`: what is installed, for a bug report."""

import argparse
import importlib.metadata
import json
import platform

__all__ = ["add_arguments", "run"]

_SHOWN = ("wireglass", "pydantic", "starlette", "uvicorn", "PySide6_Essentials")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json` for programs."""
    parser.add_argument("--json", action="store_true", help="as a JSON object")


def run(options: argparse.Namespace) -> int:
    """Prints the versions of Wireglass, Python and the packages that matter."""
    versions = {name: _version(name) for name in _SHOWN} | {
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    if options.json:
        print(json.dumps(versions, indent=2))
    else:
        print("\n".join(f"{name} {version}" for name, version in versions.items() if version))
    return 0


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
