"""Without a display the application shows itself on the bundled example, and says in words what it did."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_tour_connects_calls_answers_and_leaves_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "tour.png"
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", "wireglass_app", "--tour", "--screenshot", str(picture)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Connected to shop" in done.stdout
    assert "Answered in the window" in done.stdout
    assert f"Screenshot: {picture}" in done.stdout
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
