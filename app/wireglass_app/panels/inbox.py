"""Inbox: what servers want from the human. Holds many, is never modal, never takes the focus by itself."""

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from wireglass_app.controls import Button, Empty, Label, Pages, column, row, surface
from wireglass_app.inbox.base import Tools
from wireglass_app.inbox.card import Card
from wireglass_app.inbox.guard import Guard
from wireglass_app.inbox.listing import QuestionsList, QuestionsModel
from wireglass_app.inbox.rules_page import RulesPage, rule_for_question
from wireglass_app.layouts import beside
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.panels.open_file import OpenFile
from wireglass_app.plain import count
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["InboxPanel"]

_VISITED = "consent.visited"
_FEW = 50
_PAUSE_MS = 100


class InboxPanel(Panel):
    """The list on the left, the chosen question or the rules on the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.guard = Guard()
        self.tools = Tools(
            desk.settings,
            desk.workbench.answers,
            desk.announce,
            desk.go,
            getattr(desk.bridge, "spawn", None),
            self.visited,
            self.remember_visit,
        )
        self.kept = self.tools.answers.kept
        self.model = QuestionsModel(self)
        self.list = QuestionsList()
        self.list.setModel(self.model)
        self._cards: dict[Question, Card] = {}
        self._summary = Label("", "muted", "small")
        self.rules = RulesPage(self.tools)
        self.rules_button = Button("Rules", "ghost", clicked=self.show_rules)
        self._stack = Pages()
        self._empty = Empty(
            "inbox",
            "Nothing waits for you",
            "When a server asks for an answer, a page visit or a model reply, it waits here until you take it up.",
            [OpenFile(desk), Button("Rules", clicked=self.show_rules)],
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.rules)
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._ticks = QTimer(self)
        self._ticks.setInterval(1000)
        self._ticks.timeout.connect(self._tick)
        self._listen()
        self._refresh()
        self._count_rules()

    def _listen(self) -> None:
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.list.accept_wanted.connect(self._accept_listed)
        self.list.decline_wanted.connect(lambda: self._decline(guarded=False))
        self.list.edit_wanted.connect(self._edit)
        self.rules.left.connect(self._leave_rules)
        self.tools.answers.rules.changed.connect(self._count_rules)
        self.desk.workbench.questions_changed.connect(self._questions_changed)
        self._soon.timeout.connect(self._refresh)

    def _lay_out(self) -> None:
        head = QWidget()
        head.setLayout(
            row(Label("Inbox", type="title"), self._summary, None, self.rules_button, margins=(12, 6, 12, 6))
        )
        left = QWidget()
        left.setLayout(column(head, self.list, gap=0))
        surface(left, "sunken").setMinimumWidth(theme().px(230))
        self._splitter = beside(left, self._stack, sizes=(theme().px(318), theme().px(910)))
        self.setLayout(column(self._splitter, gap=0))

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The chosen question."""
        return self.model.question(self.list.currentIndex())

    @property
    def card(self) -> Card | None:
        """The card of the chosen question."""
        chosen = self.question
        return self._cards.get(chosen) if chosen is not None else None

    @property
    def in_rules(self) -> bool:
        """Whether the rules are shown instead of a question."""
        return self._stack.currentWidget() is self.rules

    def _questions_changed(self) -> None:
        """At once, as long as there are few; where rules answer thousands, some ten times a second."""
        if not self.isVisible():
            return  # it is done when it is looked at
        if self.model.rowCount() < _FEW:
            self._refresh()
        elif not self._soon.isActive():
            self._soon.start()

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
        if not questions and not self.in_rules:
            self._stack.setCurrentWidget(self._empty)
        self._tick()

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
        if question is not None:
            self._stack.setCurrentWidget(self._card_of(question))
            self._tick()

    def _card_of(self, question: Question) -> Card:
        card = self._cards.get(question)
        if card is None:
            card = self._cards[question] = Card(question, self.tools)
            self._stack.addWidget(card)
            view = card.view
            if view is not None and (draft := self.kept.get(question)) is not None:
                view.restore(draft)
            card.edited.connect(lambda: self._keep(question))
            card.chosen.connect(self._choose_in_group)
            card.acted.connect(self._act)
        return card

    def _keep(self, question: Question) -> None:
        card = self._cards.get(question)
        if card is not None and card.view is not None and question.open:
            self.kept.keep(question, card.view.draft())

    def _choose_in_group(self, question: Question) -> None:
        self._choose(question)
        if not self.list.hasFocus():
            self._edit()

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

    def _act(self, what: str) -> None:
        """A button of the card. The next card's buttons come below the pointer: those that answer are guarded too, so
        that a double-click answers one question."""
        acts = {
            "accept": lambda: self._accept(guarded=True),
            "decline": lambda: self._decline(guarded=True),
            "dismiss": self.dismiss,
            "stop": self.stop,
            "rule": self._rule_wanted,
        }
        acts[what]()

    def run_primary(self) -> None:
        """Ctrl+Enter: accept, and go to the next one; in a rule, save it. Deaf for half a second after an answer."""
        if self.in_rules:
            if self.rules.is_form:
                self.rules.keep()
        else:
            self._accept(guarded=True)

    def decline(self) -> None:
        """Ctrl+Shift+D."""
        if not self.in_rules:
            self._decline(guarded=True)

    def draft_reply(self) -> None:
        """Ctrl+D: a sampling request only."""
        card = self.card
        if card is not None and card.view is not None and not self.in_rules:
            card.view.ask_model()

    def _accept(self, *, guarded: bool) -> None:
        """Single keys in the list see what they answer, one at a time; buttons and the keys that work anywhere are
        guarded."""
        card, in_list = self._answerable(guarded=guarded), self.list.hasFocus()
        if card is None or card.view is None:
            return
        if card.view.accept():
            self._move_on(card.question, in_list)
        elif card.question.state == "visiting":
            self.guard.close()  # the page was opened, and the button says "Retry the call" now

    def _accept_listed(self) -> None:
        """A in the list: it never opens a page (design section 5)."""
        if self.question is not None and self.question.is_url and self.question.state == "waiting":
            self._edit()
            self.desk.announce("A page is opened by its button or by Ctrl+Enter, not by A.")
        else:
            self._accept(guarded=False)

    def _decline(self, *, guarded: bool) -> None:
        card, in_list = self._answerable(guarded=guarded), self.list.hasFocus()
        if card is None or card.view is None:
            return
        if card.question.state == "visiting":
            card.view.dismiss()  # "Stop waiting": neither done nor refused
        else:
            card.view.decline()
        self._move_on(card.question, in_list)

    def dismiss(self) -> None:
        """Neither yes nor no."""
        card, in_list = self._answerable(guarded=True), self.list.hasFocus()
        if card is not None and card.view is not None:
            card.view.dismiss()
            self._move_on(card.question, in_list)

    def _answerable(self, *, guarded: bool) -> Card | None:
        card = self.card
        if card is None or self.in_rules or (guarded and not self.guard.open):
            return None
        return card if card.question.open and card.question.state != "held" else None

    def stop(self) -> None:
        """Ctrl+.: stops the call that asks."""
        question = self.question
        if question is not None and question.call is not None and question.open:
            question.session.cancel(question.call)

    def _move_on(self, answered: Question, in_list: bool) -> None:
        """To the rest of the group, else to the oldest waiting one, with the focus where it was: in list or form.
        (An answered form lets go of the focus, so where it was is asked before.)"""
        rest = [one for one in answered.group.members if one.waiting]
        following = next(iter(rest or self.desk.workbench.waiting), None)
        if following is None:
            self.list.setFocus()
            return
        self._choose(following)
        if not in_list:
            self._edit()
        self.guard.close()  # from when the next question can be seen

    def _edit(self) -> None:
        card = self.card
        if card is not None and card.view is not None:
            self._stack.setCurrentWidget(card)
            card.view.begin()
            if not card.isAncestorOf(self.window().focusWidget()):
                card.focus_accept()

    # -- rules -----------------------------------------------------------------------------------------------------

    def show_rules(self) -> None:
        """The rules in place of the question."""
        self._stack.setCurrentWidget(self.rules)
        self.rules.show_list()

    def _leave_rules(self) -> None:
        card = self.card
        self._stack.setCurrentWidget(card if card is not None else self._empty)
        self.list.setFocus()

    def _rule_wanted(self) -> None:
        """A new rule from what is typed, or the rule that has answered."""
        question, card = self.question, self.card
        if question is None or card is None:
            return
        self._stack.setCurrentWidget(self.rules)
        if question.rule:
            self.rules.edit_named(question.rule)
            return
        content = card.view.rule_content() if card.view is not None else None
        sent = question.outcome.get("content") if question.outcome is not None else None
        rule = rule_for_question(question, content if content is not None else sent)
        self.rules.edit(rule, connection=question.session.connection)

    def _count_rules(self) -> None:
        number = len(self.tools.answers.rules.rules)
        self.rules_button.setText(f"Rules {count(number)}" if number else "Rules")

    # -- the window's commands -------------------------------------------------------------------------------------

    def show_item(
        self, *, oldest: bool = False, question: Question | None = None, rules: bool = False, **_facts: Any
    ) -> None:
        """`oldest`: Ctrl+I, the oldest waiting one, focus in its form. `question`: this one. `rules`: the rules."""
        self._refresh()
        if rules:
            self.show_rules()
            return
        wanted = question or (next(iter(self.desk.workbench.waiting), None) if oldest else None)
        self._choose(wanted)
        if wanted is not None:
            self._stack.setCurrentWidget(self._card_of(wanted))
            self._edit()
        else:
            self.list.setFocus()

    def step(self, forward: bool) -> None:
        card, focus = self.card, QApplication.focusWidget()
        inside = card is not None and focus is not None and card.isAncestorOf(focus)
        row = self.list.currentIndex().row() + (1 if forward else -1)
        while 0 <= row < self.model.rowCount():
            question = self.model.question(self.model.index(row))
            if question is not None:
                self._choose(question)
                if inside:  # else the focus would fall on whatever comes next in the card that was left
                    self._edit()
                return
            row += 1 if forward else -1

    def toggle_json(self) -> None:
        card = self.card
        if self.in_rules and self.rules.form is not None:
            self.rules.form.toggle_mode()
        elif card is not None and card.view is not None:
            card.view.toggle_json()

    def regions(self) -> list[QWidget]:
        card = self.card
        if self.in_rules:
            return [self.list, self.rules]
        return [self.list, *([card] if card is not None else [])]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.in_rules:
                self._leave_rules()
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
