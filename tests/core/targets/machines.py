"""A made-up machine below a temporary folder."""

from pathlib import Path

from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import ConfigFile, config_files


def machine_in(folder: Path, **env: str) -> Machine:
    """Linux, with its home and its project below the folder."""
    (folder / "home").mkdir(parents=True, exist_ok=True)
    (folder / "app").mkdir(exist_ok=True)
    return Machine("linux", str(folder / "home"), {"PATH": "/usr/bin:/bin", **env}, str(folder / "app"))


def config_in(
    folder: Path, host: str = "cursor", file: str | None = "user", content: bytes | None = None
) -> ConfigFile:
    """One host's file there, with this content."""
    machine = machine_in(folder)
    scopes = ("user", "local", "project")
    found = next(one for one in config_files(target_of(host), machine, scopes) if one.facts.id == file)
    if content is not None:
        found.path.parent.mkdir(parents=True, exist_ok=True)
        found.path.write_bytes(content)
    return found
