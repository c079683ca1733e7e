"""Settings from the environment and `.env`: `WIREGLASS_*`, then `FASTMCP_*`. Read when asked for, never at import."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

__all__ = ["Dialect", "dialect", "flag", "runs_a_file_of", "setting"]

Dialect = Literal["R", "1", "2", "4"]


@lru_cache(maxsize=1)
def _dotenv(path: str, stamp: float) -> dict[str, str]:
    from dotenv import dotenv_values

    return {key: value for key, value in dotenv_values(path).items() if value is not None}


def _file_values() -> dict[str, str]:
    path = Path(os.environ.get("FASTMCP_ENV_FILE", ".env"))
    try:
        return _dotenv(str(path.absolute()), path.stat().st_mtime)
    except OSError:
        return {}


def setting(name: str, default: str | None = None) -> str | None:
    """The setting `name` (such as "LOG_LEVEL") as text, or the default."""
    keys = (f"WIREGLASS_{name}", f"FASTMCP_{name}")
    for key in keys:
        if key in os.environ:
            return os.environ[key]
    values = _file_values()
    return next((values[key] for key in keys if key in values), default)


def flag(name: str, default: bool = False) -> bool:
    """A setting that is on or off."""
    value = setting(name)
    return default if value is None else value.strip().lower() in ("1", "true", "yes", "on")


def runs_a_file_of(dialect: Dialect) -> bool:
    """Whether this process runs a server file that was found to be of this dialect: what such a file may no longer
    say is refused, though `wireglass` itself still takes it."""
    return os.environ.get("WIREGLASS_DIALECT") == dialect


def dialect() -> Dialect:
    """The dialect of the server file that this process runs: what contradicting names mean."""
    value = os.environ.get("WIREGLASS_DIALECT", "4")
    return value if value in ("R", "1", "2", "4") else "4"
