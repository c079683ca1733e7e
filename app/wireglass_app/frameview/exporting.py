"""Export: frames as lines of JSON, HTTP exchanges as HAR, calls as OTLP JSON; secrets masked."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from wireglass.recording.entries import Entry
from wireglass.recording.export import as_line, as_record, exchange_of, write_lines
from wireglass.recording.har import HarSource, write_har
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.otlp import SpansOf, write_otlp
from wireglass_app.controls import Button
from wireglass_app.frameview.saving import ExportFile, Writing
from wireglass_app.plain import counted

__all__ = ["CallsExport", "ExportButton", "HttpExport"]

_LINES = ["Lines of JSON (*.jsonl)", "All files (*)"]
_HAR = ["HTTP Archive (*.har)", "All files (*)"]
_OTLP = ["OTLP JSON (*.json)", "All files (*)"]
_COPIED = 2_000
"""Frames that are put on the clipboard; more go to a file."""


class _ExportMenu(Button):
    """A menu that is filled for what is chosen and shown when it opens; its last line says what the files are."""

    def __init__(self, thing: str, note: str, say: Callable[[str], None]) -> None:
        """`thing` is what is exported, one of it; `say` tells how it went."""
        super().__init__("Export", name=f"Export {thing}s")
        self._note = note
        self.file = ExportFile(self, thing, say)
        self.setProperty("menu", "true")
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """The menu for what is chosen and filtered now."""
        menu = self.menu()
        menu.clear()
        self._offer(menu)
        menu.addSeparator()
        note = menu.addAction(f"{self._note}; secrets are masked")
        note.setEnabled(False)

    def _offer(self, menu: QMenu) -> None:
        raise NotImplementedError


class ExportButton(_ExportMenu):
    """`chosen()` is the frame that is looked at, `shown()` the numbers of those that pass the filter."""

    def __init__(
        self,
        ledger: Ledger,
        masker: Callable[[], Masker],
        server: Callable[[str], str],
        chosen: Callable[[], Entry | None],
        shown: Callable[[], Iterable[int]],
        say: Callable[[str], None],
    ) -> None:
        super().__init__("frame", "One JSON object a line", say)
        self._ledger, self._masker, self._server = ledger, masker, server
        self._chosen, self._shown, self._say = chosen, shown, say

    def _offer(self, menu: QMenu) -> None:
        entry = self._chosen()
        shown = list(self._shown())
        number = counted(len(shown), "filtered frame")
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
        self._say(f"Copied {self.file.words(len(lines))} as JSON, with secrets masked.")

    def ask(self, numbers: list[int], name: str) -> None:
        """Asks where to, then writes."""
        self.file.ask(f"{name}.jsonl", _LINES, lambda path: self._writing(numbers, path))

    def save(self, numbers: list[int], path: Path) -> None:
        """Writes frames in the background; an earlier writing that still goes on is stopped."""
        self.file.save(path, self._writing(numbers, path))

    def _writing(self, numbers: list[int], path: Path) -> Writing:
        names = [self._ledger.words[number] for number in set(self._ledger.columns.connection)]
        return write_lines(self._ledger, numbers, path, self._masker(), {one: self._server(one) for one in names})


class HttpExport(_ExportMenu):
    """HTTP exchanges: the chosen one, and those that pass the filter, each with the name of its server."""

    def __init__(
        self,
        ledger: Ledger,
        masker: Callable[[], Masker],
        chosen: Callable[[], tuple[HarSource, str] | None],
        shown: Callable[[], Sequence[tuple[HarSource, str]]],
        say: Callable[[str], None],
    ) -> None:
        super().__init__("request", "HAR 1.2, which browsers and proxies read", say)
        self._ledger, self._masker, self._chosen, self._shown = ledger, masker, chosen, shown

    def _offer(self, menu: QMenu) -> None:
        one, shown = self._chosen(), self._shown()
        alone = menu.addAction("Save this request as HAR…", lambda: self.ask([one] if one is not None else []))
        alone.setEnabled(one is not None)
        words = counted(len(shown), "filtered request")
        whole = menu.addAction(f"Save the {words} as HAR…", lambda: self.ask(shown))
        whole.setEnabled(bool(shown))

    def ask(self, sources: Sequence[tuple[HarSource, str]]) -> None:
        """Asks where to, then writes."""
        self.file.ask("network.har", _HAR, lambda path: write_har(self._ledger, sources, path, self._masker()))

    def save(self, sources: Sequence[tuple[HarSource, str]], path: Path) -> None:
        """Writes in the background."""
        self.file.save(path, write_har(self._ledger, sources, path, self._masker()))


class CallsExport(_ExportMenu):
    """Calls with their spans: the chosen one, and those in the range that is shown; numbers are those of exchanges."""

    def __init__(
        self,
        ledger: Ledger,
        masker: Callable[[], Masker],
        server: Callable[[str], str],
        spans_of: SpansOf,
        chosen: Callable[[], int | None],
        shown: Callable[[], Sequence[int]],
        say: Callable[[str], None],
    ) -> None:
        super().__init__("call", "OTLP JSON, which OpenTelemetry's collectors take", say)
        self._ledger, self._masker, self._server = ledger, masker, server
        self._spans_of, self._chosen, self._shown = spans_of, chosen, shown

    def _offer(self, menu: QMenu) -> None:
        one, shown = self._chosen(), self._shown()
        alone = menu.addAction("Save this call as OTLP…", lambda: self.ask([one] if one is not None else []))
        alone.setEnabled(one is not None)
        words = f"{counted(len(shown), 'call')} in range"
        whole = menu.addAction(f"Save the {words} as OTLP…", lambda: self.ask(shown))
        whole.setEnabled(bool(shown))

    def ask(self, numbers: Sequence[int]) -> None:
        """Asks where to, then writes."""
        self.file.ask("calls.otlp.json", _OTLP, lambda path: self._writing(numbers, path))

    def save(self, numbers: Sequence[int], path: Path) -> None:
        """Writes in the background."""
        self.file.save(path, self._writing(numbers, path))

    def _writing(self, numbers: Sequence[int], path: Path) -> Writing:
        return write_otlp(self._ledger, numbers, path, self._masker(), self._server, self._spans_of)
