"""What the user agreed to run: folder by folder, kept on disk, revocable. A changed command asks again."""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from wireglass.launch.environment import SAFE_VARIABLES
from wireglass.launch.find import ServerFinding
from wireglass.launch.run import ChildCommand

__all__ = ["Agreement", "TrustRequest", "TrustStore", "trust_request"]

_VERSION = 1

# Their values decide what code a program loads, so the value is part of what is agreed to, not only the name.
_LOADING = frozenset(
    {
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "DYLD_INSERT_LIBRARIES",
        "DYLD_LIBRARY_PATH",
        "NODE_OPTIONS",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSTARTUP",
    }
)


@dataclass(frozen=True, slots=True)
class TrustRequest:
    """What is about to run, in the terms that trust is given in."""

    folder: str
    target: str
    """The file (with :NAME) or, for a plain command, its command line."""
    command: tuple[str, ...]
    """Interpreter and all arguments."""
    variables: tuple[str, ...]
    """Names of the variables it gets beyond the safe ones, sorted; those that decide what is loaded as NAME=VALUE.

    The safe ones are left out because which of them are set depends on how Wireglass itself was started.
    """


@dataclass(frozen=True, slots=True)
class Agreement:
    """A request that the user agreed to, and when (ISO 8601, UTC)."""

    folder: str
    target: str
    command: tuple[str, ...]
    variables: tuple[str, ...]
    at: str


def trust_request(child: ChildCommand, finding: ServerFinding | None = None) -> TrustRequest:
    """The request for a server file, or for a plain command when there is no finding."""
    folder = finding.folder if finding else child.cwd
    target = finding.spec if finding else child.text
    return TrustRequest(str(folder.resolve()), target, child.line, _variables(child.env))


class TrustStore:
    """The agreements on disk. Every call reads the file anew, so that two windows agree with each other."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is the JSON file; by default it is in the user's data folder."""
        self.path = path or user_data_path("wireglass", appauthor=False) / "trust.json"

    def agreements(self) -> tuple[Agreement, ...]:
        """Everything agreed to, oldest first. A file that cannot be read agrees to nothing."""
        try:
            data: Any = json.loads(self.path.read_text(encoding="utf-8"))
            entries = data["agreements"] if data["version"] == _VERSION else []
            return tuple(_agreement(entry) for entry in entries)
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def why_ask(self, request: TrustRequest) -> str:
        """A sentence for the prompt on why it asks, or an empty text when exactly this was agreed to."""
        in_folder = [a for a in self.agreements() if a.folder == request.folder]
        known = next((a for a in in_folder if a.target == request.target), None)
        if known is None:
            return "This was not run from here before." if in_folder else "This folder is not trusted yet."
        if known.command[:1] != request.command[:1]:
            return f"The interpreter changed: it was {known.command[0]}."
        if known.command != request.command:
            return f"The command changed: it was {' '.join(known.command)}."
        if known.variables != request.variables:
            return _changed_variables(known.variables, request.variables)
        return ""

    def agree(self, request: TrustRequest) -> None:
        """Keeps the agreement; an older one for the same folder and target goes. Raises OSError."""
        kept = [a for a in self.agreements() if (a.folder, a.target) != (request.folder, request.target)]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        new = Agreement(request.folder, request.target, request.command, request.variables, now)
        self._write([*kept, new])

    def revoke(self, folder: str | Path, target: str | None = None) -> int:
        """Forgets what was agreed for a folder, or for one target in it. Returns how many agreements went."""
        before = self.agreements()
        resolved = str(Path(folder).resolve())
        kept = [a for a in before if a.folder != resolved or (target is not None and a.target != target)]
        if len(kept) < len(before):
            self._write(kept)
        return len(before) - len(kept)

    def _write(self, agreements: Sequence[Agreement]) -> None:
        """Beside, then replace: a crash leaves either the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": _VERSION, "agreements": [asdict(a) for a in agreements]}, indent=2)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".trust-", suffix=".json")  # made with mode 600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _agreement(entry: dict[str, Any]) -> Agreement:
    texts = [str(entry[key]) for key in ("folder", "target", "at")]
    return Agreement(
        texts[0], texts[1], tuple(map(str, entry["command"])), tuple(map(str, entry["variables"])), texts[2]
    )


def _variables(env: dict[str, str]) -> tuple[str, ...]:
    beyond = ((name, value) for name, value in env.items() if name not in SAFE_VARIABLES)
    return tuple(sorted(f"{name}={value}" if name.upper() in _LOADING else name for name, value in beyond))


def _changed_variables(before: tuple[str, ...], now: tuple[str, ...]) -> str:
    more = ", ".join(sorted(set(now) - set(before)))
    gone = ", ".join(sorted(set(before) - set(now)))
    parts = [f"it would also get {more}" if more else "", f"it no longer gets {gone}" if gone else ""]
    return f"The variables changed: {'; '.join(part for part in parts if part)}."
