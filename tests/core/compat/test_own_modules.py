"""Modules of the server's own folder: the text that was saved last runs, and compiled code is still made use of."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wireglass.compat import own_modules

CORE = Path(__file__).parents[3] / "core"
SERVER = "{0}\nif __name__ == '__main__':\n    print(WORD)\n"


def run(path: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CORE)}
    command = [sys.executable, "-P", "-m", "wireglass.compat", str(path)]
    done = subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def save(path: Path, text: str, at: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("server", "module", "line"),
    [
        ("server.py", "parts.py", "from parts import WORD"),
        ("server.py", "shop/deep/parts.py", "from shop.deep.parts import WORD"),
        ("shop/server.py", "shop/parts.py", "from .parts import WORD"),
    ],
)
def test_a_module_saved_twice_in_a_second_is_read_as_it_is(tmp_path: Path, server: str, module: str, line: str) -> None:
    """A past bug: Python took the code of the first save, which has the same second and size, for that of the next.

    The second lies ahead, so that it is not over when the code is kept, however slow the machine is.
    """
    if "/" in server:
        save(tmp_path / "shop" / "__init__.py", "", time.time())
    save(tmp_path / server, SERVER.format(line), time.time())
    second = int(time.time()) + 3600
    for word in ("old", "new"):
        save(tmp_path / module, f"WORD = '{word}'\n", second)
        assert run(tmp_path / server) == f"{word}\n"
    assert list((tmp_path / module).parent.glob("__pycache__/parts.*.pyc"))


def test_code_that_was_kept_later_is_used(tmp_path: Path) -> None:
    """What nobody saves is not compiled for each reload: only forging the time of a save shows the difference."""
    save(tmp_path / "server.py", SERVER.format("from parts import WORD"), time.time())
    second = int(time.time()) - 3600
    for word in ("old", "new"):
        save(tmp_path / "parts.py", f"WORD = '{word}'\n", second)
        assert run(tmp_path / "server.py") == "old\n"
    save(tmp_path / "parts.py", "WORD = 'new'\n", second + 1)
    assert run(tmp_path / "server.py") == "new\n"


@pytest.fixture
def no_roots() -> Iterator[None]:
    before = set(own_modules._roots)
    own_modules._roots.clear()
    yield
    own_modules._roots.clear()
    own_modules._roots.update(before)


def test_an_environment_in_the_folder_is_not_the_servers_own(tmp_path: Path, no_roots: None) -> None:
    own_modules._roots.add(str(tmp_path))
    assert own_modules._own(str(tmp_path))
    assert own_modules._own(str(tmp_path / "shop" / "deep"))
    for other in (".venv/lib", "venv/lib/python3.11/site-packages/shop", "../elsewhere", "shop-2"):
        assert not own_modules._own(str(tmp_path / other))
    assert not own_modules._own(f"{tmp_path}2")
