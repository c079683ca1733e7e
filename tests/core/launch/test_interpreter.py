"""Which interpreter is offered, and the exact command that follows."""

import os
from pathlib import Path

import pytest

from wireglass.errors import LaunchError
from wireglass.launch.find import ServerFinding, find_server
from wireglass.launch.interpreter import choose, options
from wireglass.launch.packages import environment_of
from wireglass.launch.run import child_command
from wireglass.resources import resource_path

PLAIN = 'from fastmcp import FastMCP\nmcp = FastMCP("x")\nif __name__ == "__main__":\n    mcp.run()\n'


def server(folder: Path, text: str = PLAIN) -> ServerFinding:
    path = folder / "server.py"
    path.write_text(text)
    return find_server(path)


def venv(folder: Path, *packages: str, version: str = "3.12.4") -> Path:
    """A virtual environment as its files look; the interpreter in it cannot run."""
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text("#!/bin/false\n")
    (folder / "pyvenv.cfg").write_text(f"home = /nowhere/bin\nversion = {version}\n")
    site = folder / "lib" / f"python{version.rpartition('.')[0]}" / "site-packages"
    site.mkdir(parents=True)
    for package in packages:
        name, _, release = package.partition("==")
        (site / name).mkdir()
        (site / f"{name}-{release or '1.0'}.dist-info").mkdir()
    return python


def test_the_nearest_virtual_environment_is_preferred_and_never_run(tmp_path: Path) -> None:
    python = venv(tmp_path / ".venv", "fastmcp==3.2.0")
    (tmp_path / "uv.lock").touch()
    chosen = choose(server(tmp_path), uv="/opt/uv")
    assert (chosen.kind, chosen.command, chosen.missing) == ("project", (str(python),), ())
    assert chosen.summary == "Python 3.12 · fastmcp 3.2.0"
    assert chosen.detail == ".venv by uv"


def test_it_is_found_upward_but_not_beyond_the_repository(tmp_path: Path) -> None:
    venv(tmp_path / "venv", "fastmcp")
    inner = tmp_path / "repo" / "src"
    inner.mkdir(parents=True)
    assert choose(server(inner), uv="/opt/uv").kind == "project"
    (tmp_path / "repo" / ".git").mkdir()
    assert choose(server(inner), uv="/opt/uv").kind == "embedded"


def test_an_environment_that_lacks_the_server_package_loses_to_one_that_has_all(tmp_path: Path) -> None:
    venv(tmp_path / ".venv")
    offered = options(server(tmp_path), uv="/opt/uv")
    assert [(o.kind, o.missing) for o in offered] == [("project", ("fastmcp",)), ("embedded", ())]
    assert choose(server(tmp_path), uv="/opt/uv").kind == "embedded"


def test_a_script_block_goes_to_uv(tmp_path: Path) -> None:
    block = '# /// script\n# dependencies = ["fastmcp", "asyncpg"]\n# ///\nimport asyncpg\n'
    finding = server(tmp_path, block + PLAIN)
    chosen = choose(finding, uv="/opt/uv")
    assert chosen.kind == "uv"
    assert child_command(finding, chosen).line == ("/opt/uv", "run", "--script", str(finding.path))


def test_a_project_kept_by_uv_goes_to_uv_without_an_environment(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.uv]\n')
    finding = server(tmp_path)
    line = child_command(finding, choose(finding, uv="/opt/uv")).line
    assert line == ("/opt/uv", "run", "--directory", str(tmp_path), "python", str(finding.path))


def test_a_project_that_says_nothing_of_uv_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert [option.kind for option in options(server(tmp_path), uv="/opt/uv")] == ["embedded", "uv"]


def test_a_bundled_example_runs_on_the_embedded_runtime() -> None:
    finding = find_server(resource_path("servers", "shop.py"))
    assert [option.kind for option in options(finding, uv="/opt/uv")] == ["embedded"]


def test_the_embedded_runtime_names_what_would_be_missing(tmp_path: Path) -> None:
    finding = server(tmp_path, "import asyncpg_nowhere\n" + PLAIN)
    embedded = options(finding)[-1]
    assert (embedded.kind, embedded.missing) == ("embedded", ("asyncpg_nowhere",))
    assert "asyncpg_nowhere would be missing" in embedded.summary
    child = child_command(finding, embedded)
    assert child.args[-3:] == ("-m", "wireglass.compat", str(finding.path))


def test_an_explicit_python_wins_and_must_exist(tmp_path: Path) -> None:
    finding = server(tmp_path)
    python = venv(tmp_path / "elsewhere", "fastmcp")
    assert choose(finding, python=tmp_path / "elsewhere").command == (str(python),)
    assert choose(finding, python=python).kind == "explicit"
    with pytest.raises(LaunchError, match="no interpreter"):
        choose(finding, python="no-such-python-anywhere")


@pytest.mark.parametrize("tail", ["", "if __name__ == '__main__':\n    mcp.run(transport='http')\n"])
def test_a_file_that_would_not_serve_stdio_is_loaded_and_served(tmp_path: Path, tail: str) -> None:
    venv(tmp_path / ".venv", "fastmcp")
    finding = server(tmp_path, 'from fastmcp import FastMCP\nmcp = FastMCP("x")\n' + tail)
    by_project, by_us = (child_command(finding, option) for option in options(finding, uv="/opt/uv"))
    assert by_project.args[0].endswith("serve.py")
    assert by_project.args[1] == str(finding.path)
    assert by_us.args[-2:] == ("--object", str(finding.path))


def test_a_file_in_a_package_runs_as_a_module(tmp_path: Path) -> None:
    venv(tmp_path / ".venv", "fastmcp")
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    finding = server(package)
    child = child_command(finding, choose(finding))
    assert (child.args, child.cwd) == (("-m", "shop.server"), tmp_path)


def test_only_safe_and_chosen_variables_reach_the_child(tmp_path: Path) -> None:
    venv(tmp_path / ".venv", "fastmcp")
    finding = server(tmp_path)
    environ = {"PATH": "/bin", "HOME": "/h", "AWS_SECRET": "s", "API_KEY": "k", "LANG": "() { :; }"}
    child = child_command(
        finding, choose(finding), variables=["API_KEY", "UNSET"], added={"DEBUG": "1"}, environ=environ
    )
    assert child.env == {"PATH": "/bin", "HOME": "/h", "API_KEY": "k", "DEBUG": "1"}


def test_editable_installs_and_path_files_count(tmp_path: Path) -> None:
    python = venv(tmp_path / ".venv")
    site = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (site / "shop.pth").write_text(f"import os\n{tmp_path / 'src'}\n")
    (site / "__editable___desk_finder.py").write_text(
        "MAPPING: dict[str, str] = {'desk': '/x/desk'}\nNAMESPACES = {}\n"
    )
    environment = environment_of(python)
    assert environment.has("shop")
    assert environment.has("desk")
    assert not environment.has("os_nowhere")


def test_our_own_interpreter_is_read_correctly() -> None:
    import sys

    environment = environment_of(Path(sys.executable))
    assert environment.version == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert environment.has("pydantic")
    assert environment.version_of("pydantic-core") is not None
    assert os.path.basename(environment.python)
