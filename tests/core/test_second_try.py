"""What the bootstrap's run of all tests makes of a failure: one more try, alone, for what deals with the real world."""

import runpy
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
"""Each runs pytest on a small suite once or twice, as a process."""

SUITE: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "packaging" / "suite.py"))

UNLUCKY = """
from pathlib import Path
def test_steady(): pass
def test_unlucky():
    before = Path(__file__).with_suffix(".ran")
    if not before.exists():
        before.touch()
        raise AssertionError("the first failure")
"""
BROKEN = "def test_broken(): assert False\n"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this run the one inside takes no options and no worker's name."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(root: Path, files: dict[str, str], *, parallel: bool = False) -> int:
    (root / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    options = ("-p", "xdist", "-n", "1") if parallel else ()
    parts = {"first part": (*options, "tests"), "last part": ("other",)}
    (root / "other").mkdir()
    (root / "other" / "test_last.py").write_text("def test_last(): pass\n")
    return SUITE["run_suite"](root, parts)


@pytest.mark.parametrize("parallel", [False, True])
def test_what_passes_the_second_time_is_named_at_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], parallel: bool
) -> None:
    assert run(tmp_path, {"tests/app/test_it.py": UNLUCKY}, parallel=parallel) == 0
    out = capfd.readouterr().out
    assert "the first failure" in out
    assert out.index("test_last.py") < out.index("PASSED ONLY THE SECOND TIME")
    assert out.rstrip().endswith("RERUN tests/app/test_it.py::test_unlucky")


def test_a_run_in_which_all_passes_is_silent_about_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, {"tests/app/test_it.py": "def test_it(): pass\n"}) == 0
    out = capfd.readouterr().out
    assert "once more" not in out
    assert "RERUN" not in out


def test_what_fails_twice_is_red_and_ends_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, {"tests/app/test_it.py": BROKEN, "tests/app/test_two.py": UNLUCKY}) == 1
    out = capfd.readouterr().out
    assert "once more, alone: what failed (2)" in out
    assert "last part" not in out


def test_pure_code_gets_no_second_try(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {"tests/core/protocol/test_it.py": UNLUCKY, "tests/app/test_two.py": "def test_it(): pass\n"}
    assert run(tmp_path, files) == 1
    assert "once more" not in capfd.readouterr().out


def test_many_failures_are_no_accident(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, {f"tests/app/test_{number}.py": UNLUCKY for number in range(SUITE["MOST"] + 1)}) == 1
    assert "once more" not in capfd.readouterr().out


def test_a_suite_that_cannot_be_read_is_red_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, {"tests/app/test_it.py": "import module_that_is_not_there\n"}) == 2
    assert "once more" not in capfd.readouterr().out


def test_the_real_parts_hold_every_folder_of_tests() -> None:
    """A folder that no part names would never be run."""
    tests = Path(__file__).parents[1]
    named = {argument for arguments in SUITE["PARTS"].values() for argument in arguments if "/" in argument}
    folders = {f"tests/{file.relative_to(tests).parts[0]}" for file in tests.glob("*/**/test_*.py")}
    assert folders - {"tests/benchmarks"} == named
