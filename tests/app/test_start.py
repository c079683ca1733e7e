"""What the start of the workbench loads, told by a fresh process: each module costs memory and time of every user."""

import json
import subprocess
import sys


def _fresh(code: str) -> dict[str, list[str]]:
    """What a new interpreter prints as JSON after `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_source_is_read_at_start() -> None:
    """PySide6 reads the source of each module for a feature that nothing here uses, and it stays in memory."""
    found = _fresh(
        "import json, wireglass_app.application, linecache\n"
        "print(json.dumps({'read': [name for name in linecache.cache if 'wireglass' in name]}))"
    )
    assert found["read"] == []
