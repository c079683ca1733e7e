"""Inbox: what servers want from the human. Holds many, is never modal, never takes the focus by itself."""

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from wireglass_app.controls import Button, Chip, Empty, IconLabel, Label, Notice, Rule, column, row, surface
from wireglass_app.inbox.base import QuestionView
from wireglass_app.inbox.consent import ConsentView
from wireglass_app.inbox.elicitation import ElicitationView
from wireglass_app.inbox.guard import Guard
from wireglass_app.inbox.listing import QuestionsList, QuestionsModel
from wireglass_app.inbox.roots import RootsView
from wireglass_app.inbox.sampling import SamplingView
from wireglass_app.inbox.words import age_text, icon_of, kind_word, outcome_text, title_of
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import DESCRIPTION_LIMIT, count, visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["SPEC", "InboxPanel"]

_DECLINE_KEY = "Ctrl+Shift+D"
_VISITED = "consent.visited"


class InboxPanel(Panel):
    """The list on the left, the chosen question on the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.guard = Guard()
        self.model = QuestionsModel(self)
        self.list = QuestionsList()
        self.list.setModel(self.model)
        self._cards: dict[Question, _Card] = {}
        self._summary = Label("", "muted", "small")
        self._stack = QStackedWidget()
        self._empty = Empty(
            "inbox",
            "Nothing waits for you",
            "When a server asks for an answer, a page visit or a model reply, it waits here until you take it up.",
        )
        self._stack.addWidget(self._empty)
        self._lay_out()
        self._ticks = QTimer(self)
        self._ticks.setInterval(1000)
        self._ticks.timeout.connect(self._tick)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.list.accept_wanted.connect(self.run_primary)
        self.list.decline_wanted.connect(self.decline)
        self.list.edit_wanted.connect(self._edit)
        decline = QShortcut(QKeySequence(_DECLINE_KEY), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        decline.setAutoRepeat(False)
        decline.activated.connect(self.decline)
        desk.workbench.questions_changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        head = QWidget()
        head.setLayout(row(Label("Inbox", type="title"), self._summary, None, margins=(12, 10, 12, 10)))
        left = QWidget()
        left.setLayout(column(head, self.list, gap=0))
        surface(left, "sunken").setMinimumWidth(theme().px(290))
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self._stack)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([theme().px(318), theme().px(910)])
        self.setLayout(column(self._splitter, gap=0))

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The chosen question."""
        return self.model.question(self.list.currentIndex())

    @property
    def card(self) -> "_Card | None":
        """The card of the chosen question."""
        chosen = self.question
        return self._cards.get(chosen) if chosen is not None else None

    def _refresh(self) -> None:
        chosen = self.question
        questions = self.desk.workbench.questions
        self.model.show_questions(questions)
        waiting = sum(question.waiting for question in questions)
        self._summary.setText(f"{count(waiting)} waiting" if waiting else "")
        for question in [known for known in self._cards if known not in questions]:
            self._forget(question)
        for card in self._cards.values():
            card.show_state()
        if chosen is not None and self.model.index_of(chosen).isValid():
            self._choose(chosen)
        elif chosen is None and self.isVisible():
            self._choose(next((question for question in questions if question.waiting), None))
        if not questions:
            self._stack.setCurrentWidget(self._empty)
        self.count_changed.emit()

    def _forget(self, question: Question) -> None:
        card = self._cards.pop(question)
        self._stack.removeWidget(card)
        card.deleteLater()

    def _choose(self, question: Question | None) -> None:
        index = self.model.index_of(question)
        if index.isValid() and index != self.list.currentIndex():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, flags)

    def _chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        question = self.model.question(index)
        if question is None:
            return
        if question not in self._cards:
            card = _Card(question, self)
            self._cards[question] = card
            self._stack.addWidget(card)
        self._stack.setCurrentWidget(self._cards[question])

    def _tick(self) -> None:
        self.model.age()
        card = self.card
        if card is not None:
            card.show_age()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ticks.start()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticks.stop()

    # -- answering -------------------------------------------------------------------------------------------------

    def run_primary(self) -> None:
        """Ctrl+Enter: accept, and go to the next one. Deaf for half a second after an answer."""
        card = self.card
        if (
            card is not None
            and card.question.waiting
            and self.guard.open
            and card.view is not None
            and card.view.accept()
        ):
            self._move_on()

    def decline(self) -> None:
        """Ctrl+Shift+D."""
        card = self.card
        if card is not None and card.question.waiting and self.guard.open and card.view is not None:
            card.view.decline()
            self._move_on()

    def dismiss(self) -> None:
        """Neither yes nor no."""
        card = self.card
        if card is not None and card.question.waiting and card.view is not None:
            card.view.dismiss()
            self._move_on()

    def stop(self) -> None:
        """Ctrl+.: stops the call that asks."""
        question = self.question
        if question is not None and question.call is not None and question.waiting:
            question.session.cancel(question.call)

    def _move_on(self) -> None:
        """The oldest waiting one, with the focus where it was: in the list or in the form."""
        in_list = self.list.hasFocus()
        following = next(iter(self.desk.workbench.waiting), None)
        if following is None:
            self.list.setFocus()
            return
        self._choose(following)
        card = self.card
        if not in_list and card is not None and card.view is not None:
            card.view.begin()
        self.guard.close()  # from when the next question can be seen

    def _edit(self) -> None:
        card = self.card
        if card is not None and card.view is not None:
            card.view.begin()

    # -- the window's commands -------------------------------------------------------------------------------------

    def show_item(self, *, oldest: bool = False, question: Question | None = None, **_facts: Any) -> None:
        """`oldest`: Ctrl+I, the oldest waiting one, focus in its form. `question`: this one."""
        self._refresh()
        wanted = question or (next(iter(self.desk.workbench.waiting), None) if oldest else None)
        self._choose(wanted)
        if wanted is not None:
            self._edit()
        else:
            self.list.setFocus()

    def step(self, forward: bool) -> None:
        row = self.list.currentIndex().row() + (1 if forward else -1)
        while 0 <= row < self.model.rowCount():
            question = self.model.question(self.model.index(row))
            if question is not None:
                self._choose(question)
                return
            row += 1 if forward else -1

    def toggle_json(self) -> None:
        card = self.card
        if card is not None and isinstance(card.view, ElicitationView):
            card.view.form.toggle_mode()

    def regions(self) -> list[QWidget]:
        card = self.card
        return [self.list, *([card] if card is not None else [])]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.list.setFocus()  # leaves the question waiting
        else:
            super().keyPressEvent(event)

    # -- consent ---------------------------------------------------------------------------------------------------

    def visited(self, domain: str) -> bool:
        """Whether a page of this domain was opened from here before."""
        return domain in self.desk.settings.get(_VISITED, [])

    def remember_visit(self, domain: str) -> None:
        """Keeps a domain."""
        known = self.desk.settings.get(_VISITED, [])
        if domain not in known:
            self.desk.settings.set(_VISITED, [*known, domain])


class _Card(QWidget):
    """One question: who asks, what for, its view, and the buttons."""

    def __init__(self, question: Question, panel: InboxPanel) -> None:
        super().__init__()
        self.question = question
        self._panel = panel
        self._age = Label("", "human", "title")
        self._age.setAccessibleName("Waiting time")
        self._banner = Notice("warn", "", icon="warning")
        self._banner.hide()
        self._copy = Button("Copy what I typed", clicked=self._copy_draft)
        self._banner.lines.addWidget(self._copy)
        self.view: QuestionView | None = _view(question, panel) if question.waiting else None
        body: QWidget = self.view if self.view is not None else _outcome(question)
        self._note = Label("Esc leaves it waiting", "muted", "small", wrap=True)
        self._footer = self._make_footer()
        lines = column(self._header(), self._banner, body, self._footer, gap=0)
        lines.setStretch(2, 1)
        self.setLayout(lines)
        surface(self, "panel")
        if self.view is not None:
            self.view.wanted.connect(self._want)
        self.show_state()

    def _header(self) -> QWidget:
        question = self.question
        tile = IconLabel(icon_of(question), "human.text", 18)
        tile.setProperty("chip", "human")
        tile.setFixedSize(theme().px(34), theme().px(34))
        tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = row(
            Label(title_of(question), type="title"), Chip(kind_word(question), "human"), *_chips(question), None
        )
        words = column(title, Label(_who_asks(question), "secondary", "small"), gap=1)
        line = row(tile, words, self._age, gap=12)
        line.setStretch(1, 1)
        lines = column(line, gap=10, margins=(18, 12, 18, 12))
        if question.message and question.kind == "elicitation":
            message = visible(question.message, DESCRIPTION_LIMIT, lines=True)
            lines.addWidget(Notice("human", message))
        holder = QWidget()
        holder.setLayout(lines)
        return surface(holder, "panel", edge="bottom")

    def _make_footer(self) -> QWidget:
        panel, view = self._panel, self.view
        self._stop = Button("Stop the call", "ghost", clicked=panel.stop)
        self._dismiss = Button("Dismiss", "ghost", clicked=panel.dismiss)
        self._decline = Button(view.decline_text if view else "", key=_DECLINE_KEY, clicked=panel.decline, large=True)
        self._accept = Button(
            view.accept_text if view else "", "primary", key="Ctrl+Return", clicked=panel.run_primary, large=True
        )
        bar = QWidget()
        items: list[Any] = [self._note, self._stop, Rule("vertical"), self._dismiss, self._decline, self._accept]
        if self.question.call is None:
            items.remove(self._stop)
        if view is None or not view.can_dismiss:
            items.remove(self._dismiss)
        line = row(*items, margins=(18, 10, 18, 10))
        line.setStretch(0, 1)
        bar.setLayout(line)
        return surface(bar, "sunken", edge="top")

    def show_age(self) -> None:
        """The waiting time, as of now."""
        self._age.setText(age_text(self.question.seconds) if self.question.waiting else "")

    def show_state(self) -> None:
        """Waiting, answered, or taken back while it was being answered."""
        self.show_age()
        self._footer.setVisible(self.question.waiting)
        if self.question.waiting or self.view is None:
            return
        self.view.freeze()
        gone = self.question.state in ("withdrawn", "gone")
        why = "What you typed is still here." if gone and self.view.draft_text() else ""
        self._banner.text.setText(f"{outcome_text(self.question)}. {why}".strip())
        self._banner.show()
        self._copy.setVisible(gone and bool(why))

    def _copy_draft(self) -> None:
        if self.view is not None:
            QGuiApplication.clipboard().setText(self.view.draft_text())

    def _want(self, text: str) -> None:
        self._note.setText(visible(text, 300))
        self._note.set_tone("bad")
        self._panel.desk.announce(text)


def _view(question: Question, panel: InboxPanel) -> QuestionView:
    if question.is_url:
        return ConsentView(question, visited=panel.visited, remember=panel.remember_visit)
    views: dict[str, type[QuestionView]] = {
        "elicitation": ElicitationView,
        "sampling": SamplingView,
        "roots": RootsView,
    }
    return views[question.kind](question)


def _outcome(question: Question) -> QWidget:
    """An answered question that was never open here: what was sent."""
    code = CodeView(name="What was sent")
    if question.outcome is not None:
        code.set_json(question.outcome)
    else:
        code.set_text("Nothing was sent.")
    holder = QWidget()
    holder.setLayout(column(Label(outcome_text(question), type="strong"), code, gap=8, margins=(18, 12, 18, 12)))
    return holder


def _chips(question: Question) -> list[Chip]:
    found: list[Chip] = []
    if question.kind == "sampling" and question.session.stateless:
        found.append(Chip("deprecated in 2026-07-28", "warn"))
    messages = question.params.get("messages")
    turns = sum(1 for message in messages if _is_reply(message)) if isinstance(messages, list) else 0
    if question.kind == "sampling" and turns and question.params.get("tools"):
        found.append(Chip(f"turn {turns + 1} of a tool loop", "plain"))
    return found


def _is_reply(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"


def _who_asks(question: Question) -> str:
    server = visible(question.session.name, 60)
    during = (
        f", during {visible(question.call.name, 60)} run {question.call.number}" if question.call is not None else ""
    )
    if question.is_url:
        return f"{server} wants you to visit a page{during}. Wireglass has not opened or fetched it."
    if question.kind == "sampling":
        return f"{server} wants a model reply{during}. Nothing leaves this machine until you approve."
    return f"{server} asks{during}. The call waits until you answer."


SPEC = PanelSpec(
    "inbox",
    "Inbox",
    "inbox",
    "session",
    InboxPanel,
    shortcut="Ctrl+5",
    count=lambda workbench: len(workbench.waiting),
)
