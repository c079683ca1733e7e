"""Tasks: calls that go on by themselves. Status, age, polls, time to expiry, Cancel, and the call they came from."""

from time import time
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTableView, QWidget

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass.recording.entries import Entry
from wireglass_app.calls import Call
from wireglass_app.controls import Button, Empty, Label, column, surface
from wireglass_app.dossier.pane import Dossier
from wireglass_app.headline import HeadLine
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.models.tasks import TaskBook, TaskRow
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import count, short_duration, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["TasksModel", "TasksPanel"]

_PAGES = 100
_WIDTHS = (220, 160, 130, 240, 80, 60, 90, 80)
_TONES = {
    "working": "info.text",
    "input_required": "human.text",
    "completed": "ok.text",
    "failed": "bad.text",
    "cancelled": "text.muted",
}


class TasksModel(ColumnsModel):
    """Newest last. Ages go on by themselves: `tick` says that they did."""

    columns = ("Task", "Call", "Status", "Says", "Age", "Polls", "Expires in", "Questions")
    at_right = (4, 5, 6, 7)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: list[TaskRow] = []
        self.now = time

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        task = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(task, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 2:
            return theme().color(_TONES.get(task.status, "text.primary"))
        if role == Qt.ItemDataRole.FontRole and index.column() in (0, 1):
            return theme().font("mono")
        return self.alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def replace(self, rows: list[TaskRow]) -> None:
        if len(rows) == len(self.rows):
            self.rows = rows
            self.tick()
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def tick(self) -> None:
        if self.rows:
            self.tell_changed(0, len(self.rows) - 1)

    def _text(self, task: TaskRow, column: int) -> str:
        match column:
            case 0:
                return visible(task.id, 60)
            case 1:
                return visible(task.name or task.method or "an earlier call", 80)
            case 2:
                return visible(task.status.replace("_", " "), 40)
            case 3:
                return visible(task.words, 200)
            case 4:
                end = task.first_at + (task.last_ns - task.first_ns) / 1e9 if task.ended else self.now()
                return short_duration(max(0.0, end - task.first_at) * 1000)
            case 5:
                return count(task.polls)
            case 6:
                return _expiry(task, self.now())
            case _:
                return count(task.questions) if task.questions else ""


class TasksPanel(Panel):
    """Built from the frames, so a recording shows its tasks too."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Tasks")
        self._book = TaskBook()
        self.model = TasksModel(self)
        self.table = self._make_table()
        self.state = CodeView(name="Last known state of the task")
        self.dossier = Dossier(first="Structured")
        self.serve(self.dossier)
        self._fetched: dict[str, Call] = {}
        """Calls of `tasks/result`, by task: of tasks that no call of this session began."""
        self._asked_for: set[int] = set()
        """Starts of the server whose earlier tasks were asked for."""
        self.total = Label("", "muted", "small")
        self.cancel = Button("Cancel task", icon="stop", clicked=self._cancel)
        self.refresh_button = Button("Ask again", icon="reload", clicked=self._refresh)
        self.open_call = Button("Open call", icon="tools", clicked=self._open_call)
        self.frame = Button("Show in Protocol", "link", clicked=self._to_frame)
        self.get = Button("Get result", icon="download", clicked=self._get_result)
        self.list_button = Button("List tasks", icon="logs", name="List earlier tasks", clicked=self._list)
        self.answer = Button("Answer in Inbox", "ghost", key="Ctrl+I", clicked=self._answer)
        buttons = (
            *(self.answer, self.frame, self.open_call, self.get, self.refresh_button, self.list_button, self.cancel),
        )
        head = HeadLine(Label("Tasks", type="title"), (self.total,), buttons, margins=(14, 9, 14, 9))
        surface(head, "panel", "bottom")
        self.empty = Empty(
            "clock",
            "No task so far",
            "Some servers run long calls as tasks: then the call ends at once, and the task shows up here.",
        )
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.table)
        self.below = QStackedWidget()
        self.below.addWidget(self.state)
        self.below.addWidget(self.dossier)
        splitter.addWidget(self.below)
        splitter.setSizes([340, 240])
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(splitter)
        self._shown = splitter
        self.setLayout(column(head, self._stack, gap=0))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_state())
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._show()

    def _make_table(self) -> QTableView:
        return Table(self.model, "Tasks of this server", _WIDTHS, grows=3)

    def set_session(self, session: ServerSession | None) -> None:
        if session is self.session:
            return
        if self.session is not None:
            self.session.entries_added.disconnect(self._added)
            self.session.call_changed.disconnect(self._call_changed)
            self.session.state_changed.disconnect(self._list_once)
        self.session = session
        self._book = TaskBook()
        self._fetched, self._asked_for = {}, set()
        if session is not None:
            ledger = self.desk.workbench.ledger
            own = [entry for entry in ledger.entries if entry.connection == session.connection]
            self._book.take(own, ledger.wall_time_ns)
            session.entries_added.connect(self._added)
            session.call_changed.connect(self._call_changed)
            session.state_changed.connect(self._list_once)
        self._show()
        self._list_once()

    def _added(self, entries: list[Entry]) -> None:
        if self._book.take(entries, self.desk.workbench.ledger.wall_time_ns):
            self._show()

    def _show(self) -> None:
        current = self.current
        self.model.replace(list(self._book.rows.values()))
        if current is None and self.model.rows:
            self.table.selectRow(len(self.model.rows) - 1)
        running = sum(1 for task in self.model.rows if not task.ended)
        ended = len(self.model.rows) - running
        self.total.setText(f"{count(running)} running, {count(ended)} ended" if self.model.rows else "")
        self._stack.setCurrentWidget(self._shown if self.model.rows else self.empty)
        (self._clock.start if running else self._clock.stop)()
        self._show_state()

    @property
    def current(self) -> TaskRow | None:
        """The task that is chosen."""
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._list_once()

    def _list_once(self) -> None:
        """Earlier tasks are asked for when the view is first looked at, and again after a restart."""
        session = self.session
        if session is None or not self.isVisible() or not lists_tasks(session) or session.starts in self._asked_for:
            return
        self._asked_for.add(session.starts)
        self._list()

    def _list(self) -> None:
        if self.session is not None and lists_tasks(self.session):
            self.desk.bridge.spawn(self._list_all(self.session), self)

    async def _list_all(self, session: ServerSession) -> None:
        cursor: Any = None
        for _ in range(_PAGES):
            result = await self._ask(session, "tasks/list", {"cursor": cursor} if cursor is not None else {})
            cursor = result.get("nextCursor") if result is not None else None
            if cursor is None:
                return

    def _call_changed(self, call: Call) -> None:
        task = self.current
        if task is not None and call is self._shown_call(task):
            self._show_state()

    def _shown_call(self, task: TaskRow) -> Call | None:
        """The call that became the task, else the one that fetched its result."""
        return self._call_of(task) or self._fetched.get(task.id)

    def _show_state(self) -> None:
        pressed = next((one for one in (self.cancel, self.get, self.answer) if one.hasFocus()), None)
        self._show_task()
        if pressed is not None and not (pressed.isVisible() and pressed.isEnabled()):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)  # else it goes to the button that happens to be next

    def _show_task(self) -> None:
        task = self.current
        live = self.session is not None and self.session.usable
        self.list_button.setVisible(self.session is not None and lists_tasks(self.session))
        self.cancel.setEnabled(live and task is not None and not task.ended)
        self.refresh_button.setEnabled(live and task is not None)
        self.open_call.setEnabled(task is not None and self._call_of(task) is not None)
        self.frame.setEnabled(task is not None)
        for one in (self.cancel, self.refresh_button, self.open_call, self.frame):
            one.setVisible(task is not None)  # without a task there is nothing that they could be about
        self.answer.setVisible(task is not None and task.status == "input_required")
        call = self._shown_call(task) if task is not None else None
        self.get.setVisible(live and task is not None and call is None and task.ended and not self._stateless)
        if task is not None and call is not None:
            tool = self.session.catalogue.tool(call.name) if self.session is not None else None
            self.dossier.show_call(self.session, call, tool)
            self.below.setCurrentWidget(self.dossier)
            return
        self.below.setCurrentWidget(self.state)
        if task is None or task.state is None:
            self.state.clear()
        else:
            self.state.set_json(task.state)

    @property
    def _stateless(self) -> bool:
        return self.session is not None and self.session.stateless

    def _get_result(self) -> None:
        """`tasks/result` of 2025-11-25, as a call of its own; later tasks carry their result."""
        task, session = self.current, self.session
        if task is not None and session is not None and session.usable:
            self._fetched[task.id] = session.start("tasks/result", task.id, {"taskId": task.id})
            self._show_state()

    def _answer(self) -> None:
        """The question of this task, else the oldest."""
        task = self.current
        call = self._call_of(task) if task is not None else None
        question = next((one for one in call.questions if one.waiting), None) if call is not None else None
        if question is not None:
            self.desk.go("inbox", question=question)
        else:
            self.desk.act("oldest-question")

    def show_item(self, **facts: Any) -> None:
        call = facts.get("call")
        name = call.name if isinstance(call, Call) else str(facts.get("name") or "")
        for at, task in enumerate(self.model.rows):
            if task.id == name or (isinstance(call, Call) and self._call_of(task) is call):
                self.table.selectRow(at)

    def _call_of(self, task: TaskRow) -> Call | None:
        return self.session.call_with(task.request_id) if self.session is not None and task.request_id else None

    def _open_call(self) -> None:
        task = self.current
        call = self._call_of(task) if task is not None else None
        if call is not None:
            self.desk.go("tools", session=self.session, call=call)

    def _to_frame(self) -> None:
        if self.current is not None:
            self.desk.go("frames", seq=self.current.seq)

    def _cancel(self) -> None:
        """A call of ours that waits for the task is stopped as ever, which cancels the task; others are told."""
        task, session = self.current, self.session
        if task is None or session is None:
            return
        call = self._call_of(task)
        if call is not None and not call.ended:
            session.cancel(call)
        else:
            self.desk.bridge.spawn(self._ask(session, "tasks/cancel", {"taskId": task.id}), self)

    def _refresh(self) -> None:
        if self.current is not None and self.session is not None:
            self.desk.bridge.spawn(self._ask(self.session, "tasks/get", {"taskId": self.current.id}), self)

    async def _ask(self, session: ServerSession, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return await session.ask(method, params)
        except (McpError, TransportError, RequestTimeout) as problem:
            self.desk.announce(f"{method}: {problem.message} {problem.next_step}".strip())
            return None

    def _tick(self) -> None:
        if self.isVisible():
            self.model.tick()

    def run_primary(self) -> None:
        self._open_call()

    def stop(self) -> None:
        self._cancel()

    def step(self, forward: bool) -> None:
        at = self.table.currentIndex().row() + (1 if forward else -1)
        if 0 <= at < len(self.model.rows):
            self.table.selectRow(at)

    def regions(self) -> list[QWidget]:
        return [self.table, self.dossier.tabs if self.below.currentWidget() is self.dossier else self.state]


def _expiry(task: TaskRow, now: float) -> str:
    at = task.expires_at
    if at is None:
        return ""
    return "expired" if at <= now else short_duration((at - now) * 1000)


def lists_tasks(session: ServerSession) -> bool:
    """Whether earlier tasks can be asked for: `tasks/list` of 2025-11-25; the later extension has none."""
    offered = session.facts.capabilities.get("tasks") if session.facts is not None else None
    return session.usable and not session.stateless and isinstance(offered, dict) and "list" in offered
