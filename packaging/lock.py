"""Writes the two lock files that the bootstrap installs from: `python packaging/lock.py` (needs uv on PATH)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "app.lock": ["--extra", "app", "--group", "build"],
    "test.lock": [
        *("--extra", "app", "--extra", "redis", "--extra", "disk", "--extra", "memcached"),
        *("--group", "build", "--group", "test"),
    ],
}


def write_lock(name: str, selection: list[str]) -> None:
    """Resolves for every platform and Python version at once; hashes pin the files themselves."""
    command = ["uv", "pip", "compile", "pyproject.toml", *selection, "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"]
    subprocess.run([*command, "--output-file", f"packaging/{name}"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print(f"packaging/{name} written")


if __name__ == "__main__":
    for name in sys.argv[1:] or LOCKS:
        write_lock(name, LOCKS[name])
