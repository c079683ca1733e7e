"""The rules as a list to read, order and switch, and one rule as a form. Pages to visit are not offered anywhere."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QStackedWidget, QWidget

from wireglass.client.rules import Rule, exactly, rule_from
from wireglass_app.controls import Button, Chip, Elided, Empty, Label, column, row, surface, tool_button
from wireglass_app.forms.form import SchemaForm
from wireglass_app.inbox.base import Tools
from wireglass_app.layouts import clear
from wireglass_app.plain import count, counted, visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["RULE_SCHEMA", "RulesPage", "rule_for_question", "rule_words"]


def _titled(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"const": value, "title": title} for value, title in pairs]


RULE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "answer"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80, "title": "Name"},
        "answer": {
            "title": "Answer",
            "oneOf": _titled(
                ("accept", "Always the same (content)"),
                ("recorded", "As the same question was answered before"),
                ("model", "A reply of the configured model"),
                ("decline", "Decline or refuse"),
                ("cancel", "Dismiss (forms)"),
                ("fuzz", "Random values that fit the schema"),
            ),
        },
        "kind": {
            "title": "Kind of question",
            "oneOf": _titled(("form", "Form"), ("sampling", "Model reply"), ("roots", "Folders")),
        },
        "server": {"type": "string", "maxLength": 200, "title": "Server, a pattern with *"},
        "tool": {"type": "string", "maxLength": 200, "title": "Tool, a pattern with *"},
        "message": {"type": "string", "maxLength": 2000, "title": "In the message"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "title": "Values that must be so",
            "description": "A field's name, arguments.NAME or params.NAME; then < 10, >= 2, = x, != x, a pattern, or *",
        },
        "content": {
            "title": "Content",
            "description": "The form's values as an object, a reply as text, or a list of folders",
        },
        "delay": {"type": "number", "minimum": 0, "maximum": 86400, "title": "Wait before answering, seconds"},
        "until": {
            "title": "Until",
            "oneOf": _titled(("always", "It is removed"), ("disconnect", "The server is disconnected")),
        },
        "enabled": {"type": "boolean", "title": "Switched on", "default": True},
    },
}


def rule_for_question(question: Question, content: Any) -> Rule:
    """A rule that gives `content` to questions like this one; the user may still change it."""
    what = question.tool or question.session.name
    kind: Any = "form" if question.kind == "elicitation" else question.kind
    return Rule(
        visible(f"answer {what}", 60),
        "accept",
        server=exactly(question.session.own_name),
        tool=exactly(question.tool),
        kind=kind,
        content=content,
        until="disconnect",
    )


def rule_words(rule: Rule) -> str:
    """What a rule does, as half a sentence."""
    answers = {
        "accept": "gives a fixed answer to",
        "recorded": "gives the earlier answer to",
        "model": "lets the model answer",
        "decline": "declines",
        "cancel": "dismisses",
        "fuzz": "gives random values to",
    }
    kinds = {
        "": "every question",
        "form": "forms",
        "sampling": "requests for model replies",
        "roots": "folder requests",
    }
    parts = [f"{answers[rule.answer]} {kinds[rule.kind]}"]
    if rule.tool:
        parts.append(f"of {visible(rule.tool, 40)}")
    if rule.server:
        parts.append(f"on {visible(rule.server, 40)}")
    if rule.message:
        parts.append(f"that say “{visible(rule.message, 40)}”")
    parts += [f"where {visible(one.path, 30)} {visible(one.test, 30)}" for one in rule.fields[:3]]
    if rule.delay:
        parts.append(f"after {rule.delay:g} s")
    return " ".join(parts)


class RulesPage(QWidget):
    """Changes act at once. `left` when the user goes back to the questions."""

    left = Signal()

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._book = tools.answers.rules
        self._tools = tools
        self._editing: str | None = None
        self._connection = ""
        self._lines = column(gap=8, margins=(18, 12, 18, 12))
        self.form: SchemaForm | None = None
        self._form_place = column(gap=0)
        self._fault = Label("", "bad", "small", wrap=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list_page())
        self._stack.addWidget(self._form_page())
        self.setLayout(column(self._stack, gap=0))
        surface(self, "panel")
        self._book.changed.connect(self._changed)

    def _list_page(self) -> QWidget:
        self.add = Button("New rule…", "primary", icon="plus", clicked=lambda: self.edit(Rule("new rule", "decline")))
        copy = Button("Copy as YAML", icon="copy", clicked=self._copy)
        paste = Button("Paste YAML", clicked=self._paste)
        back = Button("Back to the questions", "ghost", clicked=self.left.emit)
        words = Label(
            "The first rule that fits answers in your place. No rule ever agrees to visit a page. The same rules work "
            "without the window, as YAML.",
            "secondary",
            "small",
            wrap=True,
        )
        head = QWidget()
        title = row(Label("Rules", type="title"), None, back, self.add)
        head.setLayout(column(title, words, row(copy, paste, None), gap=8, margins=(18, 12, 18, 12)))
        inner = QWidget()
        inner.setLayout(self._lines)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(surface(inner, "panel"))
        scroll.setAccessibleName("Rules")
        page = QWidget()
        page.setLayout(column(surface(head, "panel", edge="bottom"), scroll, gap=0))
        return page

    def _form_page(self) -> QWidget:
        self._title = Label("Rule", type="title")
        foot = QWidget()
        cancel = Button("Cancel", large=True, clicked=self._back)
        self.save = Button("Save the rule", "primary", key="Ctrl+Return", large=True, clicked=self.keep)
        line = row(self._fault, cancel, self.save, margins=(18, 10, 18, 10))
        line.setStretch(0, 1)
        foot.setLayout(line)
        head = QWidget()
        head.setLayout(row(self._title, None, margins=(18, 12, 18, 12)))
        page = QWidget()
        lines = column(surface(head, "panel", edge="bottom"), gap=0)
        lines.addLayout(self._form_place, 1)
        lines.addWidget(surface(foot, "sunken", edge="top"))
        page.setLayout(lines)
        return page

    # the list

    def _changed(self) -> None:
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """The list is made when it is looked at, with the present counts."""
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        clear(self._lines)
        rules = self._book.rules
        for rule, connection in rules:
            self._lines.addWidget(self._line(rule, connection))
        if not rules:
            text = "Answer a form, then choose “Make a rule…” beside it; or write one here."
            self._lines.addWidget(Empty("sliders", "No rules yet", text))
        self._lines.addStretch(1)

    def _line(self, rule: Rule, connection: str) -> QWidget:
        name = visible(rule.name, 80)
        on = QCheckBox()
        on.setChecked(rule.enabled)
        on.setAccessibleName(f"Rule {name} is on")
        on.toggled.connect(lambda now: self._book.switch(rule.name, now))
        used = self._book.used.get(rule.name, 0)
        chips = [Chip("until disconnect", "outline")] if connection else []
        title = row(
            Elided(name, "primary" if rule.enabled else "muted", "strong"),
            *chips,
            Chip(f"answered {count(used)}", "plain") if used else None,
            gap=6,
        )
        words = column(title, Elided(rule_words(rule), "secondary", "small"), gap=1)
        buttons = row(
            tool_button("chevron-up", f"Try {name} earlier", clicked=lambda: self._book.move(rule.name, -1)),
            tool_button("chevron-down", f"Try {name} later", clicked=lambda: self._book.move(rule.name, 1)),
            Button("Edit", name=f"Edit the rule {name}", clicked=lambda: self.edit(rule, rule.name, connection)),
            tool_button("bin", f"Remove the rule {name}", clicked=lambda: self._remove(rule)),
            gap=4,
        )
        card = QFrame()
        line = row(on, margins=(12, 8, 12, 8))
        line.addLayout(words, 1)
        line.addLayout(buttons)
        card.setLayout(line)
        return surface(card, "card")

    def _remove(self, rule: Rule) -> None:
        self._book.remove(rule.name)
        self._tools.announce(f"The rule {visible(rule.name, 60)} is removed. Paste it back from YAML if you copied it.")
        self.add.setFocus()

    def _copy(self) -> None:
        from wireglass.client.rule_files import rules_to_yaml

        QGuiApplication.clipboard().setText(rules_to_yaml(rule for rule, _ in self._book.rules))
        self._tools.announce(f"On the clipboard as YAML: {counted(len(self._book.rules), 'rule')}.")

    def _paste(self) -> None:
        from wireglass.client.rule_files import rules_from_yaml
        from wireglass.errors import ConfigError

        try:
            rules = rules_from_yaml(QGuiApplication.clipboard().text())
        except ConfigError as problem:
            self._tools.announce(f"The clipboard holds no rules: {problem.message}")
            return
        for rule in reversed(rules):
            self._book.add(rule)
        self._tools.announce(f"Added in front of the others: {counted(len(rules), 'rule')}.")

    # one rule

    def edit(self, rule: Rule, name: str | None = None, connection: str = "") -> None:
        """Shows the form: for the rule called `name`, or for a new one."""
        self._editing, self._connection = name, connection
        self._title.setText(f"Rule “{visible(rule.name, 60)}”" if name else "New rule")
        if self.form is not None:
            self._form_place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        self.form = SchemaForm(RULE_SCHEMA, {**rule.to_json(), "until": rule.until}, name="Rule", footer=False)
        self.form.setMinimumHeight(theme().px(200))
        self._form_place.addWidget(self.form)
        self._fault.setText("")
        self._stack.setCurrentIndex(1)
        self.form.focus_first_empty()

    def edit_named(self, name: str) -> None:
        """The form of a rule that is there."""
        found = self._book.find(name)
        if found is not None:
            self.edit(found[0], name, found[1])

    def keep(self) -> None:
        """Saves what the form says, when it is a rule."""
        if self.form is None:
            return
        if not self.form.is_valid():
            self.form.reveal_problems()
            self._fault.setText("Not saved yet: correct the marked fields first.")
            return
        try:
            rule = rule_from(self.form.value())
        except ValueError as problem:
            self._fault.setText(str(problem))
            self._tools.announce(str(problem))
            return
        if self._editing is None:
            self._book.add(rule, self._connection)
        else:
            self._book.change(self._editing, rule, self._connection)
        self._tools.announce(f"The rule {visible(rule.name, 60)} is saved.")
        self._back()

    @property
    def is_form(self) -> bool:
        """Whether one rule is being edited."""
        return self._stack.currentIndex() == 1

    def show_list(self) -> None:
        """Leaves the form without saving."""
        self._stack.setCurrentIndex(0)
        self.add.setFocus()

    def _back(self) -> None:
        self.show_list()
