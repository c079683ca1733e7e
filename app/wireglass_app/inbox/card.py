"""One question: who asks, its group, its view, and the buttons. What the buttons do is the panel's."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from wireglass_app.controls import Button, Chip, Elided, IconLabel, Label, Notice, Rule, column, row, surface
from wireglass_app.inbox.base import QuestionView, Tools
from wireglass_app.inbox.consent import ConsentView
from wireglass_app.inbox.elicitation import ElicitationView
from wireglass_app.inbox.groupbar import GroupBar
from wireglass_app.inbox.roots import RootsView
from wireglass_app.inbox.sampling import SamplingView
from wireglass_app.inbox.words import age_text, icon_of, kind_word, left_text, outcome_text, title_of, who_asks
from wireglass_app.layouts import scrolling
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import DESCRIPTION_LIMIT, visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["DECLINE_KEY", "Card"]

DECLINE_KEY = "Ctrl+Shift+D"
_USUAL = "Esc leaves it waiting"
_BODY = 180
"""The least height of what is answered; below it, all but the buttons scrolls."""
_LEAST, _ONE_LINE = 460, 640
"""Design pixels: the least width, and from where words and buttons share a line."""
_BANNER_ICONS = {"ok": "check-circle", "warn": "warning", "info": "info", "human": "sliders"}


class Card(QWidget):
    """Follows its question from asked to ended; what was typed stays readable after the end."""

    acted = Signal(str)
    """ "accept", "decline", "dismiss", "stop" or "rule"."""
    chosen = Signal(object)
    """Another question of the group."""
    edited = Signal()

    def __init__(self, question: Question, tools: Tools) -> None:
        super().__init__()
        self.question = question
        self._tools = tools
        self._age = Label("", "human", "title")
        self._age.setAccessibleName("Waiting time")
        self._left = Label("", "warn", "caption-strong")
        self._banner = Notice("warn", "", icon="warning")
        self._banner_buttons = self._make_banner_buttons()
        self.view: QuestionView | None = _view(question, tools) if question.open else None
        self._group = GroupBar(question)
        self._group.chosen.connect(self.chosen)
        body: QWidget = self.view if self.view is not None else _outcome(question)
        self._who = Label("", "secondary", "small", wrap=True)
        self._note = Label(_USUAL, "muted", "small", wrap=True)
        self._footer = self._make_footer()
        body.setMinimumHeight(theme().px(_BODY))
        inner = column(self._header(), self._group, self._banner, body, gap=0)
        inner.setStretch(3, 1)
        whole = surface(QWidget(), "panel")
        whole.setLayout(inner)
        scroll = scrolling(whole, sideways=False)  # only where the window is too low for a question and its view
        lines = column(scroll, self._footer, gap=0)
        lines.setStretch(0, 1)
        self.setLayout(lines)
        surface(self, "panel")
        if self.view is not None:
            self.view.wanted.connect(self._want)
            self.view.edited.connect(self.edited)
            self.view.rule_wanted.connect(lambda: self.acted.emit("rule"))
        self.show_state()

    def _header(self) -> QWidget:
        question = self.question
        tile = IconLabel(icon_of(question), "human.text", 18)
        tile.setProperty("chip", "human")
        tile.setFixedSize(theme().px(34), theme().px(34))
        tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = _Title(title_of(question), type="title")
        title = row(self._title, Chip(kind_word(question), "human"), *_chips(question), None)
        title.setStretch(0, 0)
        words = column(title, self._who, gap=1)
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight)
        line = row(tile, words, column(self._age, self._left, gap=0), gap=12)
        line.setStretch(1, 1)
        lines = column(line, gap=10, margins=(18, 12, 18, 12))
        if question.message and question.kind == "elicitation":
            message = visible(question.message.strip(), DESCRIPTION_LIMIT, lines=True)
            notice = Notice("human", message)
            lines.addWidget(notice)
            if message == self._title.whole():  # said once, unless the title has no room for it
                notice.hide()
                self._title.fitted.connect(lambda: notice.setVisible(self._title.text() != self._title.whole()))
        holder = QWidget()
        holder.setLayout(lines)
        return surface(holder, "panel", edge="bottom")

    def _make_banner_buttons(self) -> dict[str, Button]:
        question, rules = self.question, self._tools.answers.rules
        buttons = {
            "copy": Button("Copy what I typed", clicked=self._copy_draft),
            "change": Button("Change it", clicked=question.reopen),
            "again": Button("Open the page again", clicked=self._open_again),
            "off": Button("Switch this rule off", clicked=lambda: rules.switch(question.rule, False)),
            "rule": Button("Edit the rule", clicked=lambda: self.acted.emit("rule")),
        }
        for button in buttons.values():
            self._banner.lines.addWidget(button)
            button.hide()
        self._banner.hide()
        rules.changed.connect(self.show_state)
        return buttons

    def _make_footer(self) -> QWidget:
        view = self.view
        self._stop = Button("Stop the call", "ghost", clicked=lambda: self.acted.emit("stop"))
        self._dismiss = Button("Dismiss", "ghost", clicked=lambda: self.acted.emit("dismiss"))
        self._decline = Button("", key=DECLINE_KEY, clicked=lambda: self.acted.emit("decline"), large=True)
        self._copy_url = Button("Copy address", icon="copy", clicked=self._copy_address, large=True)
        self._accept = Button("", "primary", key="Ctrl+Return", clicked=lambda: self.acted.emit("accept"), large=True)
        self._rule = Rule("vertical")
        bar = QWidget()
        buttons = row(None, self._stop, self._rule, self._dismiss, self._decline, self._copy_url, self._accept)
        line = row(self._note, margins=(18, 10, 18, 10))
        line.addLayout(buttons)
        line.setStretch(0, 1)
        bar.setLayout(line)  # a widget that is shown before it has a parent would be a window, and take the focus
        self._foot = line
        self._stop.setVisible(self.question.call is not None)
        self._rule.setVisible(self.question.call is not None)
        self._dismiss.setVisible(view is not None and view.can_dismiss)
        self._copy_url.setVisible(isinstance(view, ConsentView))
        return surface(bar, "sunken", edge="top")

    def minimumSizeHint(self) -> QSize:
        """What the narrow form of the buttons needs: the wide one must not keep the card from getting narrow."""
        return QSize(theme().px(_LEAST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the buttons need all the room, the words stand above them, and the usual ones are left out."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_ONE_LINE)
        ways = QBoxLayout.Direction
        self._foot.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)
        self._note.setVisible(not narrow or self._note.text() != _USUAL)
        self._decline.set_key("" if narrow else DECLINE_KEY)
        self._accept.set_key("" if narrow else "Ctrl+Return")
        for part in (self._stop, self._rule):  # Ctrl+. does it too
            part.setVisible(not narrow and self.question.call is not None)

    def focus_accept(self) -> None:
        """Where a question has nothing to fill in."""
        if self._accept.isVisible():
            self._accept.setFocus(Qt.FocusReason.OtherFocusReason)

    # what it is about now

    def show_age(self) -> None:
        """The waiting time, and what is left of a time-out, as of now."""
        question = self.question
        self._age.setText(age_text(question.seconds) if question.waiting else "")
        left = question.seconds_left if question.open else None
        self._left.setText(left_text(left))
        self._left.setVisible(left is not None)

    def show_state(self) -> None:
        """Waiting, kept for the group, answered, or taken back while it was being answered."""
        self.show_age()
        self._who.setText(who_asks(self.question))
        self._group.show_state()
        question, view = self.question, self.view
        self._footer.setVisible(question.open and question.state != "held")
        if view is not None:
            self._name_buttons(view)
            (view.thaw if question.open and question.state != "held" else view.freeze)()
        words, kind, buttons = self._banner_for()
        self._banner.setVisible(bool(words))
        self._banner.text.setText(words)
        if self._banner.property("notice") != kind:
            self._banner.set_kind(kind, _BANNER_ICONS[kind])
        for name, button in self._banner_buttons.items():
            button.setVisible(name in buttons)

    def _name_buttons(self, view: QuestionView) -> None:
        group, visiting = self.question.group, self.question.state == "visiting"
        more = group.size > 1 and group.missing > 1
        accept = "Retry the call" if visiting else "Keep, and go to the next" if more else view.accept_text
        if group.size > 1 and not more and not visiting and not isinstance(view, ConsentView):
            accept = f"Send all {group.size} answers"
        if more and isinstance(view, ConsentView) and not visiting:
            accept = view.accept_text
        self._accept.setText(accept)
        self._accept.setAccessibleName(accept)
        decline = "Stop waiting" if visiting else view.decline_text
        self._decline.setText(decline)
        self._decline.setAccessibleName(decline)
        self._dismiss.setVisible(view.can_dismiss and not visiting)

    def _banner_for(self) -> tuple[str, str, tuple[str, ...]]:
        """What to say above the view, how, and which buttons go with it."""
        question = self.question
        typed = self.view is not None and bool(self.view.draft_text()) and not question.is_url
        match question.state:
            case "automatic":
                words = f"The rule “{visible(question.rule, 60)}” is about to answer. You may still answer first."
                return words, "human", ("off", "rule")
            case "visiting":
                return _visiting_words(question), "info", ("again",)
            case "held":
                return "Your answer is kept. It is sent with the others of this group.", "ok", ("change",)
            case "withdrawn" | "gone":
                late = " Your answer came too late and was not sent." if question.late else ""
                why = " What you typed is still here." if typed and not late else ""
                return f"{outcome_text(question)}.{late}{why}", "warn", ("copy",) if typed else ()
            case "waiting":
                return (question.rule_problem, "warn", ()) if question.rule_problem else ("", "warn", ())
            case _:
                return outcome_text(question) + ".", "ok", self._rule_buttons()

    def _rule_buttons(self) -> tuple[str, ...]:
        found = self._tools.answers.rules.find(self.question.rule) if self.question.by.startswith("rule ") else None
        if found is None:
            return ()
        return ("off", "rule") if found[0].enabled else ("rule",)

    def _open_again(self) -> None:
        if isinstance(self.view, ConsentView):
            self.view.open_page()

    def _copy_address(self) -> None:
        if isinstance(self.view, ConsentView):
            self.view.copy_address()

    def _copy_draft(self) -> None:
        if self.view is not None:
            QGuiApplication.clipboard().setText(self.view.draft_text())

    def _want(self, text: str) -> None:
        self._note.setText(visible(text, 300))
        self._note.set_tone("bad")
        self._note.show()
        self._tools.announce(text)


class _Title(Elided):
    """`fitted` after it was cut to its room, or found to have enough."""

    fitted = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitted.emit()


def _visiting_words(question: Question) -> str:
    if getattr(question.request, "page_first", False) and question.params.get("elicitationId"):
        return (
            "The page is open in your browser. The call is sent again as soon as the server reports that you have "
            "finished there, or when you say so."
        )
    return "The page is open in your browser. When you have finished there, retry the call."


def _view(question: Question, tools: Tools) -> QuestionView:
    if question.is_url:
        return ConsentView(question, tools)
    if question.kind == "sampling":
        return SamplingView(question, tools)
    return ElicitationView(question) if question.kind == "elicitation" else RootsView(question)


def _outcome(question: Question) -> QWidget:
    """An answered question that was never open here: what was sent."""
    code = CodeView(name="What was sent")
    if question.outcome is not None:
        code.set_json(question.outcome)
    else:
        code.set_text("Nothing was sent.")
    holder = QWidget()
    holder.setLayout(column(Label("What was sent", type="small-strong"), code, gap=8, margins=(18, 12, 18, 12)))
    return holder


def _chips(question: Question) -> list[Chip]:
    found: list[Chip] = []
    messages = question.params.get("messages")
    turns = sum(1 for message in messages if _is_reply(message)) if isinstance(messages, list) else 0
    if question.kind == "sampling" and turns and question.params.get("tools"):
        found.append(Chip(f"turn {turns + 1} of a tool loop", "plain"))
    if question.kind in ("sampling", "roots") and question.session.stateless:
        found.append(Chip("deprecated in 2026-07-28", "warn"))
    return found


def _is_reply(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"
