"""The list of questions keeps its rows while questions come, go and change their group."""

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from wireglass_app.inbox.listing import QuestionsModel


@dataclass(eq=False)
class Asked:
    """As much of a question as the model asks for."""

    name: str
    open: bool = True


def rows(model: QuestionsModel) -> list[str]:
    return [entry if isinstance(entry, str) else entry.name for entry in model._entries]  # type: ignore[attr-defined]


def test_rows_come_and_go_as_blocks(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = QuestionsModel()
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    asked: list[Any] = [Asked(f"q{at}") for at in range(40)]
    model.show_questions(asked)
    assert inserted == [(0, 40)], "the heading and all questions at once"
    assert rows(model) == ["Waiting for you", *[f"q{at}" for at in range(40)]]
    asked[1].open = False
    model.show_questions(asked)
    assert rows(model)[:3] == ["Waiting for you", "q0", "q2"]
    assert rows(model)[-2:] == ["Answered · 1 this session", "q1"]
    asked += [Asked("late"), Asked("later")]
    inserted.clear()
    model.show_questions(asked)
    assert rows(model)[-4:] == ["late", "later", "Answered · 1 this session", "q1"]
    assert inserted == [(40, 41)]
    model.show_questions([])
    assert rows(model) == []
    model.show_questions(asked)
    qtmodeltester.check(model)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_changes_the_rows_are_those_of_a_new_model(qtbot: QtBot, seed: int) -> None:
    from random import Random

    random, asked, model = Random(seed), [], QuestionsModel()
    for step in range(60):
        asked += [Asked(f"q{step}.{at}") for at in range(random.randrange(4))]
        for one in random.sample(asked, min(len(asked), random.randrange(3))):
            one.open = not one.open
        for one in random.sample(asked, min(len(asked), random.randrange(2))):
            asked.remove(one)
        model.show_questions(asked)  # type: ignore[arg-type]
        fresh = QuestionsModel()
        fresh.show_questions(asked)  # type: ignore[arg-type]
        assert rows(model) == rows(fresh)
        assert model.rowCount(QModelIndex()) == len(rows(fresh))
