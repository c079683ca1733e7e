"""First run: open a file, paste a command or a URL, or start one of the examples that come with Wireglass."""

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from wireglass.resources import resource_path
from wireglass.targets.inventory import survey, this_machine
from wireglass_app.configs.known_card import KnownCard, RecentCard
from wireglass_app.controls import (
    Button,
    Chip,
    Elided,
    IconField,
    IconLabel,
    KeyChip,
    Label,
    Rule,
    column,
    restyle,
    row,
    surface,
)
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.known import KnownServer, known_servers, recent_target
from wireglass_app.layouts import scrolling
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.theme import theme

__all__ = ["EXAMPLES", "Example", "WelcomePanel"]

_WIDE = 700


@dataclass(frozen=True, slots=True)
class Example:
    """A server file in `resources/servers`."""

    file: str
    title: str
    text: str
    icon: str
    tint: str
    chips: tuple[str, ...]


EXAMPLES = (
    Example(
        "shop.py",
        "Little shop",
        "Products, orders and a checkout that asks you before it buys. Shows forms, progress and errors.",
        "box",
        "ok",
        ("forms", "asks you", "progress"),
    ),
    Example(
        "notes.py",
        "Notes",
        "A small notebook with resources, templates and prompts. Shows reading, searching and writing.",
        "file",
        "info",
        ("resources", "templates", "prompts"),
    ),
    Example(
        "slow.py",
        "Slow and chatty",
        "Takes its time, logs a lot and reports progress. Shows timing, stopping and time-outs.",
        "pulse",
        "warn",
        ("timing", "logs", "stop"),
    ),
)


class WelcomePanel(Panel):
    """One focused button, a drop area, three examples. No account, no wizard, no tips."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Welcome")
        self.open_button = Button(
            "Open file…", "primary", icon="folder", key="Ctrl+O", large=True, clicked=lambda: desk.act("open")
        )
        self.field = IconField("terminal")
        self.field.setPlaceholderText("or paste a command, a URL or a JSON config")
        self.field.setAccessibleName("Command, URL or JSON config")
        self.field.setProperty("large", "true")
        self.field.returnPressed.connect(self._entered)
        self.drop = surface(_DropArea(), "drop")
        self.known = KnownCard()
        self.known.wanted.connect(lambda servers: desk.go("open-known", servers=servers))
        self.known.look.connect(lambda: desk.go("targets"))
        self.recent = RecentCard()
        self.recent.wanted.connect(lambda key: desk.go("open-recent", server=key))
        self._surveyed: asyncio.Task[None] | None = None
        body = QWidget()
        body.setLayout(self._page())
        scroll = scrolling(surface(body, "panel"))
        self.setLayout(column(scroll))

    def _page(self) -> QGridLayout:
        title = column(
            Label("See through your MCP server", type="welcome"),
            Label(
                "Open it, call it, watch every message and every millisecond, then install it where you use it.",
                wrap=True,
            ),
            gap=2,
        )
        logo = QLabel()
        logo.setPixmap(theme().pixmap("wireglass", "text.primary", 52, 2.0))
        logo.setAccessibleName("Wireglass")
        lines = column(gap=0)
        head = row(logo, title, gap=16)
        head.setStretch(1, 1)
        lines.addLayout(head)
        lines.addSpacing(28)
        self._fill_drop()
        self.aside = QWidget()
        self.aside.setLayout(column(self.known, self.recent, None, gap=14))
        self.aside.hide()
        beside = row(self.drop, self.aside, gap=16)
        beside.setStretch(0, 2)
        beside.setStretch(1, 1)
        lines.addLayout(beside)
        lines.addSpacing(30)
        words = Elided("They run inside Wireglass: nothing to install, nothing leaves this machine.", "secondary")
        offer = row(Label("No server at hand? Start one of these", type="strong"), words, gap=10)
        offer.setStretch(1, 1)
        lines.addLayout(offer)
        lines.addSpacing(12)
        lines.addLayout(self._cards())
        lines.addStretch(1)
        lines.addWidget(Rule("true"))
        lines.addSpacing(12)
        lines.addLayout(self._keys())
        self._page_layout = page = QGridLayout()
        page.addLayout(lines, 0, 0)
        self._spread(_WIDE)
        return page

    def _spread(self, width: int) -> None:
        """A narrow pane has no room for wide margins."""
        side = 40 if width >= theme().px(_WIDE) else 14
        self._page_layout.setContentsMargins(side, side, side, 14)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread(event.size().width())

    def _fill_drop(self) -> None:
        mark = tile("file", "accent.text", "bg.selected", 48)
        words = column(
            Label("Drop a server.py here", type="title"),
            Label(
                "Wireglass finds the server object and the right Python, and asks before it runs anything.",
                "secondary",
                wrap=True,
            ),
            gap=2,
        )
        examples = FlowLayout(gap=8)
        examples.addWidget(Label("For example", "muted", "caption"))
        for text in ("npx -y @modelcontextprotocol/server-everything", "http://127.0.0.1:8000/mcp"):
            sample = Button(text, "sample", name=f"Use the example {text}", clicked=lambda t=text: self._use(t))
            sample.setProperty("type", "mono-small")
            examples.addWidget(sample)
        top = row(mark, column(None, words, None, gap=0), gap=16)
        top.setStretch(1, 1)
        self.drop.setLayout(
            column(top, row(self.open_button, self.field, gap=8), examples, gap=14, margins=(28, 34, 28, 28))
        )

    def _cards(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(14)
        self.starts: dict[str, Button] = {}
        for place, example in enumerate(EXAMPLES):
            grid.addWidget(self._card(example), 0, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _card(self, example: Example) -> QWidget:
        card = surface(QFrame(), "card")
        start = Button("Start", icon="play", name=f"Start the example {example.title}")
        start.clicked.connect(lambda: self.desk.go("open-example", file=example.file))
        start.setEnabled(resource_path("servers", example.file).is_file())
        self.starts[example.file] = start
        head = row(tile(example.icon, f"{example.tint}.text", f"{example.tint}.bg", 30), gap=10)
        head.addWidget(Label(example.title, type="strong"), 1)
        text = Label(example.text, "secondary", wrap=True)
        text.setMinimumHeight(text.fontMetrics().lineSpacing() * 2)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        chips = FlowLayout(gap=6)
        for chip in example.chips:
            chips.addWidget(Chip(chip))
        foot = row(gap=6)
        foot.addLayout(column(None, chips, None, gap=0), 1)
        foot.addWidget(start)
        card.setLayout(column(head, text, foot, gap=12, margins=(16, 14, 16, 14)))
        return card

    def _keys(self) -> QHBoxLayout:
        line = FlowLayout(gap=16)
        for key, text in (
            ("Ctrl+O", "Open a server"),
            ("Ctrl+K", "Do anything"),
            ("Ctrl+Return", "Run a tool"),
            ("Ctrl+I", "Answer a server"),
            ("Ctrl+/", "All keys"),
        ):
            line.addWidget(_pair(KeyChip(key), Label(text, "secondary", "small")))
        promise = Label("No account, no telemetry", "secondary", "caption")
        whole = row(gap=16)
        whole.addLayout(line, 1)
        whole.addWidget(_pair(IconLabel("shield", "text.secondary", 14), promise), 0, Qt.AlignmentFlag.AlignTop)
        return whole

    def set_hot(self, hot: bool) -> None:
        """Whether something that can be opened is over the window."""
        restyle(self.drop, hot="true" if hot else "false")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        recent = [found[0] for entry in self.desk.settings.get("recent", []) if (found := recent_target(entry))]
        self.recent.show_targets(recent)
        self._show_aside()
        self._look_around()

    def _show_aside(self) -> None:
        """Without a card beside it, the drop area has the whole width."""
        self.aside.setVisible(not (self.recent.isHidden() and self.known.isHidden()))

    def _look_around(self) -> None:
        """What other apps have, read in the background; without a loop (the window is only drawn) nothing is read."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._surveyed is None or self._surveyed.done():
            self._surveyed = self.desk.bridge.spawn(self._survey(), self)

    async def _survey(self) -> None:
        self.known.show_servers(await self.desk.bridge.compute(_known))
        self._show_aside()

    def _entered(self) -> None:
        if self.field.text().strip():
            self.desk.go("open-text", text=self.field.text().strip())

    def _use(self, text: str) -> None:
        self.field.setText(text)
        self.field.setFocus()

    def run_primary(self) -> None:
        self._entered()

    def regions(self) -> list[QWidget]:
        return [self.open_button]


def _known() -> list[KnownServer]:
    return known_servers(survey(this_machine()))


def _pair(mark: QWidget, text: QWidget) -> QWidget:
    box = QWidget()
    box.setLayout(row(mark, text, gap=8))
    return box


class _DropArea(QFrame):
    """Dashes that are seen as dashes: those of a sheet are dots at this width."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        hot = self.property("hot") == "true"
        pen = QPen(theme().color("focus" if hot else "line.control"), 2 if hot else 1)
        pen.setDashPattern([4 / pen.widthF(), 3 / pen.widthF()])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        half = pen.widthF() / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 8, 8)


def tile(icon: str, ink: str, ground: str, side: int) -> QWidget:
    """An icon on a rounded tinted square."""
    return Tile(icon, ink, ground, side)


class Tile(QWidget):
    """Decoration: says nothing that the text beside it does not say."""

    def __init__(self, icon: str, ink: str, ground: str, side: int) -> None:
        super().__init__()
        self._facts = (icon, ink, ground)
        self._side = side
        self.setFixedSize(side, side)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        icon, ink, ground = self._facts
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(ground))
        painter.drawRoundedRect(self.rect(), 6, 6)
        size = 24 if self._side > 40 else 16
        at = (self._side - size) // 2
        painter.drawPixmap(at, at, theme().pixmap(icon, ink, size, self.devicePixelRatioF()))
