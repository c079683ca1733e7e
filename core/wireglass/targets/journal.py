"""What was written to other programs' files, kept on disk so that it can be undone, also after a restart.

One folder an act: the dated copies of the files as they were, and `act.json`, which is written before the first file
is touched and again when all are done.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from wireglass.targets.disk import Disk, FileProblem, leftovers

__all__ = ["Act", "EntryChange", "Journal", "Written", "default_folder"]

_KEPT = 200
"""Acts whose copies are kept; older ones are forgotten, because copies may hold secrets."""

_LEFT_S = 600.0
"""A write takes milliseconds; what is older than this belongs to none that still runs."""

State = Literal["prepared", "applied", "rolled back", "undone"]


@dataclass(frozen=True)
class EntryChange:
    """What became of one entry: `before` None means added, `after` None removed."""

    place: tuple[str, ...]
    list_key: str | None
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    made: int = 0
    """How many containers had to be made for it."""
    was: str | None = None
    """The entry's earlier name, when it was renamed."""


@dataclass(frozen=True)
class Written:
    """One file of an act. `backup` is a file name inside the act's folder, None when the file did not exist."""

    path: str
    target: str
    file: str
    backup: str | None
    before: str | None
    after: str
    """SHA-256 of the contents."""
    changes: tuple[EntryChange, ...] = ()


@dataclass(frozen=True)
class Act:
    """One act of writing: several files, all or none."""

    id: str
    time: str
    """UTC, ISO 8601."""
    label: str
    state: State
    files: tuple[Written, ...] = field(default_factory=tuple[Written, ...])


class Journal:
    """The acts in one folder, newest last. Several processes may use the folder at once."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()

    def open(self, label: str) -> Act:
        """A new act, not on disk yet."""
        now = datetime.now(UTC)
        identity = f"{now:%Y%m%d-%H%M%S-%f}-{os.urandom(3).hex()}"
        return Act(identity, now.isoformat(timespec="milliseconds"), label, "prepared")

    def keep(self, act: Act, path: Path, content: bytes, number: int) -> str:
        """Writes a dated copy and returns its name."""
        folder = self.folder / act.id
        name = f"{number}-{path.name}"
        try:
            self._disk.make_folder(folder)
            self._write(folder / name, content)
        except OSError as error:
            raise self._problem(error) from error
        return name

    def save(self, act: Act) -> None:
        """Writes or rewrites the act's own record."""
        folder = self.folder / act.id
        try:
            self._disk.make_folder(folder)
            beside = folder / f"act.json.{os.urandom(4).hex()}"
            self._write(beside, json.dumps(asdict(act), ensure_ascii=False, indent=1).encode())
            self._disk.replace(beside, folder / "act.json")
            self._disk.sync_folder(folder)
        except OSError as error:
            raise self._problem(error) from error

    def backup(self, act: Act, written: Written) -> bytes | None:
        """The content before the act, or None when the file did not exist. Raises FileProblem when it is damaged."""
        if written.backup is None:
            return None
        import hashlib  # brings OpenSSL along

        path = self.folder / act.id / written.backup
        try:
            content = path.read_bytes()
        except OSError as error:
            raise FileProblem(path, "the dated copy cannot be read.") from error
        if hashlib.sha256(content).hexdigest() != written.before:
            raise FileProblem(path, "the dated copy is damaged.")
        return content

    def acts(self) -> list[Act]:
        """Every readable act, oldest first."""
        return sorted(self._read_all(), key=lambda act: act.id)

    def last(self) -> Act | None:
        """The newest act that has not been undone."""
        return next((act for act in reversed(self.acts()) if act.state in ("applied", "prepared")), None)

    def find(self, identity: str) -> Act | None:
        """The act with this id."""
        return next((act for act in self.acts() if act.id == identity), None)

    def marked(self, act: Act, state: State) -> Act:
        """The act in another state, saved."""
        act = replace(act, state=state)
        self.save(act)
        return act

    def forget_old(self, keep: int = _KEPT) -> None:
        """Removes the oldest acts with their copies."""
        for act in self.acts()[:-keep]:
            shutil.rmtree(self.folder / act.id, ignore_errors=True)

    def take_in(self, act: Act, path: Path) -> None:
        """Moves what a killed write left beside the file to the act's copies: it may be someone's last change."""
        try:
            for number, left in enumerate(leftovers(path, older_than=_LEFT_S)):
                shutil.move(left, self.folder / act.id / f"left-{number}-{path.name}")
        except OSError:
            pass  # clutter, no harm

    def made_for(self, path: Path, name: str) -> EntryChange | None:
        """The newest change that added this entry to the file, for a removal that leaves no trace."""
        for act in reversed(self.acts()):
            for written in act.files if act.state == "applied" else ():
                for change in written.changes:
                    if written.path == str(path) and change.name == name and change.before is None:
                        return change
        return None

    def _read_all(self) -> Iterator[Act]:
        if not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            try:
                yield _act(json.loads((folder / "act.json").read_bytes()))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # a copy was kept, but the process ended before anything was written

    def _write(self, path: Path, content: bytes) -> None:
        handle = self._disk.create(path, 0o600)
        try:
            self._disk.write(handle, content)
            self._disk.sync(handle)
        finally:
            self._disk.close(handle)

    def _problem(self, error: OSError) -> FileProblem:
        reason = "no dated copy can be kept here, so nothing was written"
        return FileProblem(self.folder, f"{reason} ({error.strerror or type(error).__name__}).")


def default_folder() -> Path:
    """Where copies are kept on this machine: the user's state folder, outside every host's folder."""
    override = os.environ.get("WIREGLASS_STATE")
    if override:
        return Path(override) / "client-configs"
    from platformdirs import user_state_path

    return user_state_path("wireglass", appauthor=False) / "client-configs"


def _act(data: dict[str, Any]) -> Act:
    files = tuple(_written(each) for each in data["files"])
    return Act(data["id"], data["time"], data["label"], data["state"], files)


def _written(data: dict[str, Any]) -> Written:
    changes = tuple(_change(each) for each in data["changes"])
    kept = {key: data[key] for key in ("path", "target", "file", "backup", "before", "after")}
    return Written(**kept, changes=changes)


def _change(data: dict[str, Any]) -> EntryChange:
    place: tuple[str, ...] = tuple(data.pop("place"))
    return EntryChange(place=place, **data)
