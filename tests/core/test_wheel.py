"""The wheel holds both packages and the resources, and finds them without the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIND = (
    "from wireglass.resources import resource_path, resource_root; print(resource_root());"
    "print(*sorted(path.name for path in resource_path('servers').iterdir()))"
)


@pytest.mark.slow
def test_an_installed_wheel_finds_its_resources(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    assert (site / "wireglass_app" / "__init__.py").is_file()
    environment = {"PYTHONPATH": str(site), "PATH": "", "SYSTEMROOT": "C:\\Windows"}
    code = f"import sys; sys.path.insert(0, {str(site)!r}); {FIND}"
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    where, examples = run.stdout.splitlines()
    assert Path(where) == (site / "wireglass" / "_resources").resolve()
    assert "notes.py" in examples.split()
