"""Virtual environments of packages that we did not write: one for each file in `requirements`, made once and kept.

Kept in the folder that `WIREGLASS_PEERS_CACHE` names, else in `wireglass-peers` of the user's cache.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

__all__ = ["NAMES", "python_of"]

HERE = Path(__file__).resolve().parent
NAMES = ("mcp-2", "mcp-1", "fastmcp-4", "fastmcp-2", "stores")


def python_of(name: str) -> str:
    """The interpreter of an environment, made if need be. Raises CalledProcessError when the packages cannot be had."""
    wanted = HERE / "requirements" / f"{name}.txt"
    digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = os.environ.get("WIREGLASS_PEERS_CACHE") or platformdirs.user_cache_dir("wireglass-peers")
    folder = Path(cache) / f"{name}-{digest}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "complete"
    if not stamp.exists():
        _make(folder, python, wanted)
        stamp.touch()
    return str(python)


def _make(folder: Path, python: Path, wanted: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    uv = shutil.which("uv")
    if uv is not None:
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(wanted))
    else:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)
