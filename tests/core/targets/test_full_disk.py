"""A disk without room, a real one: nothing changes, and the message says so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("full_disk_child.py")
CORE = str(Path(__file__).parents[3] / "core")
LARGE = b'{"note": "' + b"x" * 40_000 + b'", "mcpServers": {}}\n'

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and small disks as Linux has them")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": CORE, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)


@pytest.mark.parametrize("limit", [1, 20_000, 40_020])
def test_a_limit_on_file_sizes_leaves_the_old_file(tmp_path: Path, limit: int):
    """The copy fails first; nothing is written without one."""
    path = tmp_path / "home" / ".cursor" / "mcp.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(LARGE)
    done = run(sys.executable, str(CHILD), str(tmp_path / "home"), str(tmp_path / "state"), str(limit))
    assert done.returncode == 0, done.stderr
    message, listing = done.stdout.splitlines()
    assert "nothing was written" in message
    assert listing == "mcp.json"
    assert path.read_bytes() == LARGE


def small_disks() -> bool:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return run("unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt").returncode == 0


@pytest.mark.slow
def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path):
    """A file system of 64 kB that the file fills: the new one does not fit beside the old one."""
    if not small_disks():
        pytest.skip("a small disk cannot be made here")
    home, state = tmp_path / "home", tmp_path / "state"
    home.mkdir()
    (tmp_path / "before.json").write_bytes(LARGE)
    script = f"""
        mount -t tmpfs -o size=64k none {home}
        mkdir {home}/.cursor && cp {tmp_path}/before.json {home}/.cursor/mcp.json
        {sys.executable} {CHILD} {home} {state} 0
        cmp {home}/.cursor/mcp.json {tmp_path}/before.json && echo same
    """
    done = run("unshare", "-m", "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    message, listing, verdict = done.stdout.splitlines()
    assert "the disk is full, so nothing was written. Free some space" in message
    assert (listing, verdict) == ("mcp.json", "same")
