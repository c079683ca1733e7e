"""Export: a frame, its exchange or the filtered frames as lines of JSON, to the clipboard or a file, secrets masked."""

from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from wireglass.errors import WireglassError
from wireglass.recording.entries import Entry
from wireglass.recording.export import as_line, as_record, exchange_of, write_lines
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass_app.background import Job
from wireglass_app.controls import Button
from wireglass_app.plain import count

__all__ = ["ExportButton"]

_FILES = ["Lines of JSON (*.jsonl)", "All files (*)"]
_COPIED = 2_000
"""Frames that are put on the clipboard; more go to a file."""


class ExportButton(Button):
    """`chosen()` is the frame that is looked at, `shown()` the numbers of those that pass the filter; `say` tells how
    it went."""

    def __init__(
        self,
        ledger: Ledger,
        masker: Callable[[], Masker],
        server: Callable[[str], str],
        chosen: Callable[[], Entry | None],
        shown: Callable[[], Iterable[int]],
        say: Callable[[str], None],
    ) -> None:
        super().__init__("Export", name="Export frames")
        self._ledger, self._masker, self._server = ledger, masker, server
        self._chosen, self._shown, self._say = chosen, shown, say
        self.job: Job | None = None
        """Writing that still goes on."""
        self.picker: QFileDialog | None = None
        self._numbers: list[int] = []
        self.setProperty("menu", "true")
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """The menu for what is chosen and filtered now."""
        menu = self.menu()
        menu.clear()
        entry = self._chosen()
        shown = list(self._shown())
        number = f"{count(len(shown))} filtered frame{'' if len(shown) == 1 else 's'}"
        if entry is not None:
            call = exchange_of(entry)
            menu.addAction(f"Copy frame {entry.seq}", lambda: self.copy([entry]))
            if len(call) > 1:
                menu.addAction(f"Copy its exchange, {len(call)} frames", lambda: self.copy(call))
            menu.addAction(f"Save frame {entry.seq}…", lambda: self.ask([entry.seq], f"frame-{entry.seq}"))
            if len(call) > 1:
                numbers = [one.seq for one in call]
                menu.addAction("Save its exchange…", lambda: self.ask(numbers, f"exchange-{call[0].seq}"))
            menu.addSeparator()
        copied = menu.addAction(f"Copy the {number}", lambda: self.copy(map(self._ledger.entry, shown)))
        copied.setEnabled(0 < len(shown) <= _COPIED)
        saved = menu.addAction(f"Save the {number}…", lambda: self.ask(shown, "frames"))
        saved.setEnabled(bool(shown))
        menu.addSeparator()
        note = menu.addAction("One JSON object a line; secrets are masked")
        note.setEnabled(False)

    def copy(self, entries: Iterable[Entry]) -> None:
        """Puts frames on the clipboard."""
        masker, lines = self._masker(), list[str]()
        try:
            for entry in entries:
                lines.append(as_line(as_record(self._ledger, entry, masker, self._server(entry.connection))))
        except LookupError:
            self._say("The recording no longer has all of these frames, so nothing was copied.")
            return
        QGuiApplication.clipboard().setText("\n".join(lines) + ("\n" if len(lines) > 1 else ""))
        self._say(f"Copied {_frames(len(lines))} as JSON, with secrets masked.")

    def ask(self, numbers: list[int], name: str) -> None:
        """Asks where to, then writes."""
        picker = QFileDialog(self.window(), "Save frames", str(Path.home() / f"{name}.jsonl"))
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.setDefaultSuffix("jsonl")
        picker.setNameFilters(_FILES)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self._picked)
        picker.finished.connect(lambda _result: setattr(self, "picker", None))
        self.picker, self._numbers = picker, numbers
        picker.open()

    def _picked(self, path: str) -> None:
        self.save(self._numbers, Path(path))

    def save(self, numbers: list[int], path: Path) -> None:
        """Writes frames in the background; an earlier writing that still goes on is stopped."""
        if self.job is not None:
            self.job.stop()
        names = [self._ledger.words[number] for number in set(self._ledger.columns.connection)]
        servers = {one: self._server(one) for one in names}
        steps = _steps(write_lines(self._ledger, numbers, path, self._masker(), servers))
        self.job = Job(steps, self, lambda found: self._wrote(found, path), self._over, self._failed)

    def _wrote(self, found: tuple[bool, int], path: Path) -> None:
        done, number = found
        if done:
            self._say(f"Saved {_frames(number)} as {path.name}, with secrets masked.")
        elif number % 10_000 == 0:
            self._say(f"Saving, {_frames(number)} so far.")

    def _over(self) -> None:
        self.job = None

    def _failed(self, problem: Exception) -> None:
        self.job = None
        words = f"{problem.message} {problem.next_step}" if isinstance(problem, WireglassError) else str(problem)
        self._say(words.strip())


def _steps(writing: Generator[int, None, int]) -> Iterator[tuple[bool, int]]:
    """Whether it is over, and how many frames are written."""
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


def _frames(number: int) -> str:
    return f"{count(number)} frame{'' if number == 1 else 's'}"
