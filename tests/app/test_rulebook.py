"""The rules, endpoints and arrivals of the workbench, without servers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inbox_desk import Bench, Host, NoKeychain
from wireglass.client.rules import Rule
from wireglass_app.calls import Roots
from wireglass_app.endpoints import Endpoints
from wireglass_app.inbox.endpoints_card import EndpointsCard
from wireglass_app.inbox.roots_editor import RootsEditor
from wireglass_app.rulebook import RuleBook
from wireglass_app.settings import Settings
from wireglass_app.shell.arrivals import Arrivals
from wireglass_app.theme import Theme

YES_NO: dict[str, Any] = {"message": "Really?", "requestedSchema": {"type": "object", "properties": {}}}


def names(book: RuleBook, connection: str = "") -> list[str]:
    return [rule.name for rule in book.for_connection(connection)]


def test_a_new_rule_comes_first_and_rules_of_a_connection_before_all(qtbot: QtBot) -> None:
    book = RuleBook()
    book.add(Rule("a", "decline"))
    book.add(Rule("b", "decline"))
    book.add(Rule("c", "decline", until="disconnect"), "x")
    assert names(book, "x") == ["c", "b", "a"]
    assert names(book, "y") == ["b", "a"]
    book.disconnected("x")
    assert names(book, "x") == ["b", "a"]


def test_rules_are_moved_switched_changed_and_removed(qtbot: QtBot) -> None:
    book = RuleBook()
    for name in "cba":
        book.add(Rule(name, "decline"))
    book.move("a", 1)
    book.move("c", 1)
    assert names(book) == ["b", "a", "c"]
    book.switch("a", False)
    assert book.for_connection("")[1].enabled is False
    book.change("a", Rule("z", "decline"))
    assert names(book) == ["b", "z", "c"]
    book.remove("b")
    assert names(book) == ["z", "c"]


def test_a_name_that_is_taken_gets_a_number(qtbot: QtBot) -> None:
    book = RuleBook()
    assert [book.add(Rule("a", "decline")).name for _ in range(3)] == ["a", "a 2", "a 3"]


def test_settings_that_hold_nonsense_cost_no_good_rule(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.json")
    settings.set("inbox.rules", [{"name": "good", "answer": "decline"}, {"name": "bad"}, 3, None])
    assert names(RuleBook(settings)) == ["good"]


def test_keys_are_in_the_keychain_and_in_no_file(qtbot: QtBot, tmp_path: Path) -> None:
    settings, keys = Settings(tmp_path / "s.json"), NoKeychain()
    endpoints = Endpoints(settings, keys)
    assert endpoints.endpoint() is None
    endpoints.put({"name": "local", "url": "http://127.0.0.1:1/v1", "model": "m"}, "sk-secret")
    settings.save()
    assert "sk-secret" not in settings.path.read_text()
    assert endpoints.endpoint().key == "sk-secret"
    endpoints.put({"name": "local", "url": "http://127.0.0.1:2/v1", "model": "m"})
    assert endpoints.endpoint().key == "sk-secret", "an edit without a key keeps it"
    endpoints.remove("local")
    assert keys.kept == {}
    assert endpoints.chosen is None


def test_an_endpoint_is_added_by_the_form_and_refused_with_a_reason(qtbot: QtBot, look: Theme, tmp_path: Path) -> None:
    endpoints = Endpoints(Settings(tmp_path / "s.json"), NoKeychain())
    card = EndpointsCard(endpoints)
    qtbot.addWidget(card)
    card.show()
    card.add.click()
    card.fields["name"].setText("mine")
    card.fields["url"].setText("127.0.0.1:8080")
    card.fields["model"].setText("m")
    card.key.setText("sk-1")
    card.save.click()
    assert "starts with http" in card.fault.text()
    assert endpoints.all == []
    card.fields["url"].setText("http://127.0.0.1:8080/v1")
    card.api.setCurrentIndex(1)
    card.save.click()
    assert endpoints.all == [{"name": "mine", "api": "anthropic", "url": "http://127.0.0.1:8080/v1", "model": "m"}]
    assert card.key.text() == ""
    assert endpoints.endpoint().key == "sk-1"


def test_folders_are_added_ordered_and_removed(qtbot: QtBot, look: Theme) -> None:
    editor = RootsEditor(Roots(("file:///a",)))
    qtbot.addWidget(editor)
    editor.show()
    heard: list[Roots] = []
    editor.changed.connect(heard.append)
    for text in ("relative", "/b", "/a", "file:///c%20d"):
        editor.field.setText(text)
        editor.add()
    assert editor.roots().folders == ("file:///a", "file:///b", "file:///c%20d")
    assert editor.list.item(2).text() == "/c d"
    editor.list.setCurrentRow(2)
    editor._move(-1)
    assert editor.roots().folders == ("file:///a", "file:///c%20d", "file:///b")
    editor.list.setCurrentRow(0)
    editor.remove()
    editor.ask.click()
    assert heard[-1] == Roots(("file:///c%20d", "file:///b"), ask=True)


def dragged(editor: RootsEditor, paths: Sequence[Path]) -> bool:
    """What a file manager does: over the list, and let go. Whether the list took it, and as a copy."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    facts = (Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    at, none = QPoint(20, 10), Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(QPointF(at), *facts, none)
    for event in (QDragEnterEvent(at, *facts, none), QDragMoveEvent(at, *facts, none), drop):
        QApplication.sendEvent(editor.list.viewport(), event)
        if not event.isAccepted():
            return False
    return drop.dropAction() == Qt.DropAction.CopyAction


def test_folders_of_a_file_manager_are_dropped_on_the_list(qtbot: QtBot, look: Theme, tmp_path: Path) -> None:
    """Design section 5, Overview. Before, the list took rows of its own alone."""
    first, second, file = tmp_path / "one", tmp_path / "two words", tmp_path / "file.txt"
    first.mkdir()
    second.mkdir()
    file.touch()
    editor = RootsEditor(Roots((first.as_uri(),)))
    qtbot.addWidget(editor)
    editor.show()
    heard: list[Roots] = []
    editor.changed.connect(heard.append)
    assert dragged(editor, [second]), "taken as a copy: a move would end with the folder gone from the disk"
    assert heard == [Roots((first.as_uri(), second.as_uri()))]
    assert not editor.fault.isVisible()
    assert dragged(editor, [file, first])
    assert "file.txt is no folder" in editor.fault.text()
    assert len(heard) == 1


@pytest.mark.parametrize(("number", "words"), [(1, "a asks you something."), (3, "a asks you 3 things.")])
def test_arrivals_are_told_together_and_at_most_once_a_second(
    qtbot: QtBot, look: Theme, tmp_path: Path, number: int, words: str
) -> None:
    bench, said = Bench(), list[str]()
    window = QWidget()
    qtbot.addWidget(window)
    arrivals = Arrivals(window, Settings(tmp_path / "s.json"), said.append)
    first = bench.ask(YES_NO, host=Host("first"))
    arrivals.arrived(first)
    assert said == ["first asks you something. Ctrl+I answers."]
    host = Host("a")
    for _ in range(number):
        arrivals.arrived(bench.ask(YES_NO, host=host))
    gone = bench.ask(YES_NO, host=host)
    arrivals.arrived(gone)
    gone.withdraw()
    assert len(said) == 1
    qtbot.waitUntil(lambda: len(said) == 2, timeout=30_000)
    assert said[1] == f"{words} Ctrl+I answers."
    bench.close()
