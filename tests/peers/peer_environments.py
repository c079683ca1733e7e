"""Virtual environments with packages we did not write, made once in a cache folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["cache_folder", "environment_with"]


def cache_folder() -> Path:
    """Where archives and environments are kept between runs."""
    return Path(os.environ.get("WIREGLASS_PEER_CACHE", "~/.cache/wireglass-peers")).expanduser()


def environment_with(name: str, *requirements: str) -> Path:
    """The Python of an environment that has exactly these requirements; made anew when they changed."""
    folder = cache_folder() / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "needs.txt"
    wanted = "\n".join(requirements)
    if mark.is_file() and mark.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    uv = shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
        install = [uv, "pip", "install", "-q", "--python", str(python)]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-q"]
    subprocess.run([*install, *requirements], check=True)
    mark.write_text(wanted)
    return python
