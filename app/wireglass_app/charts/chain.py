"""The middleware of one server as it really runs: order, hooks, what each link costs, what is wrong with the order."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from wireglass.recording.chains import ChainHealth, LinkHealth
from wireglass_app.controls import Chip, Elided, Label, Notice, column, row, surface
from wireglass_app.models.call_table import milliseconds
from wireglass_app.plain import count, counted, visible

__all__ = ["ChainCard"]

_MOST = 100


class ChainCard(QFrame):
    """One block for each chain: the server's own, then those of servers that are mounted or proxied."""

    def __init__(self, chains: Sequence[ChainHealth], calls: int) -> None:
        """`calls` is of how many traced calls the times are."""
        super().__init__()
        surface(self, "card")
        blocks: list[QWidget] = []
        for chain in chains:
            blocks += self._block(chain)
        self.setAccessibleName("Middleware, as it ran")
        head = row(Label("Middleware, as it ran", type="strong"), None)
        text = (
            f"Outermost first; times are self times in ms of the newest {counted(calls, 'request')} that were timed."
            if chains
            else "Not told yet. Call a tool with middleware timing on; other runtimes do not report their chain."
        )
        self.setLayout(column(head, Label(text, "muted", "small", wrap=True), *blocks, gap=8, margins=(16, 12, 16, 14)))

    def _block(self, chain: ChainHealth) -> list[QWidget]:
        blocks: list[QWidget] = []
        if chain.owner:
            blocks.append(Label(f"Chain of {visible(chain.owner, 80)}", "secondary", "small-strong"))
        blocks.append(_grid(chain.links[:_MOST]))
        for warning in chain.warnings:
            blocks.append(Notice("warn", f"{warning.title}. {warning.text}", icon="warning"))
        if not chain.warnings and len(chain.links) > 1:
            blocks.append(Label("No order that is known to be wrong.", "muted", "small"))
        return blocks


def _grid(links: Sequence[LinkHealth]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(2, 1)
    for at, words in enumerate(("", "Middleware", "Hooks it overrides", "p50", "p95", "Failed calls")):
        grid.addWidget(Label(words, "secondary", "small-strong"), 0, at, _side(at))
    for line, health in enumerate(links, 1):
        name = visible(health.link.name, 80)
        hooks = ", ".join(visible(hook, 40) for hook in health.link.hooks) or "not told"
        times = health.times
        cells: list[QWidget] = [
            Chip(str(line), "mono"),
            Elided(name, type="medium"),
            Elided(hooks, "secondary", "mono-small"),
            Label(milliseconds(times.p50 if times else None), type="mono"),
            Label(milliseconds(times.p95 if times else None), type="mono"),
            Label(count(health.failed) if health.failed else "", "bad"),
        ]
        for at, cell in enumerate(cells):
            grid.addWidget(cell, line, at, _side(at) if at != 1 else Qt.AlignmentFlag(0))
    return box


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column >= 3 else Qt.AlignmentFlag.AlignLeft
