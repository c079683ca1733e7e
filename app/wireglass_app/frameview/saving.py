"""Asks where an export goes, and writes it in the background: every few milliseconds the window has its turn."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from wireglass.errors import WireglassError
from wireglass_app.background import Job
from wireglass_app.plain import count

__all__ = ["ExportFile"]

Writing = Generator[int, None, int]
"""Yields how many things were written so far; its value is their number."""
_TOLD_EVERY = 10_000


class ExportFile(QObject):
    """One file at a time; a new one stops the writing that still goes on."""

    def __init__(self, parent: QWidget, thing: str, say: Callable[[str], None]) -> None:
        """`thing` is what is written, one of it: "frame"; `say` tells how it went."""
        super().__init__(parent)
        self._over, self._thing, self._say = parent, thing, say
        self.job: Job | None = None
        """Writing that still goes on."""
        self.picker: QFileDialog | None = None
        self._write: Callable[[Path], Writing] | None = None

    def ask(self, name: str, kinds: list[str], write: Callable[[Path], Writing]) -> None:
        """Asks where to, with a name and kinds of files to choose from, then writes."""
        suffix = name.rpartition(".")[2]
        picker = QFileDialog(self._over.window(), f"Save {self._thing}s", str(Path.home() / name))
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.setDefaultSuffix(suffix)
        picker.setNameFilters(kinds)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self._picked)
        picker.finished.connect(lambda _result: setattr(self, "picker", None))
        self.picker, self._write = picker, write
        picker.open()

    def _picked(self, path: str) -> None:
        if self._write is not None:
            self.save(Path(path), self._write(Path(path)))

    def save(self, path: Path, writing: Writing) -> None:
        """Writes in the background."""
        if self.job is not None:
            self.job.stop()
        self.job = Job(_steps(writing), self, lambda found: self._wrote(found, path), self._over_now, self._failed)

    def words(self, number: int) -> str:
        """ "1 frame", "2 frames"."""
        return f"{count(number)} {self._thing}{'' if number == 1 else 's'}"

    def _wrote(self, found: tuple[bool, int], path: Path) -> None:
        done, number = found
        if done:
            self._say(f"Saved {self.words(number)} as {path.name}, with secrets masked.")
        elif number % _TOLD_EVERY == 0:
            self._say(f"Saving, {self.words(number)} so far.")

    def _over_now(self) -> None:
        self.job = None

    def _failed(self, problem: Exception) -> None:
        self.job = None
        words = f"{problem.message} {problem.next_step}" if isinstance(problem, WireglassError) else str(problem)
        self._say(words.strip())


def _steps(writing: Writing) -> Iterator[tuple[bool, int]]:
    """Whether it is over, and how many are written."""
    number = 0
    try:
        while True:
            number = next(writing)
            yield False, number
    except StopIteration as end:
        number = end.value
    finally:
        writing.close()
    yield True, number
