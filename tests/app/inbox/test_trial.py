"""A try-out of sampling: what a prompt's messages become, and that nothing leaves but to the model."""

from typing import Any

from PySide6.QtGui import QGuiApplication

from wireglass_app.answers import Answers
from wireglass_app.inbox.base import Tools
from wireglass_app.inbox.trial import SamplingTrial, as_sampling
from wireglass_app.settings import Settings

TEXT = {"type": "text", "text": "Hello"}


def test_a_model_gets_text_pictures_and_sound_only() -> None:
    """The specification's `SamplingMessage` has no resources, prompts do."""
    picture = {"type": "image", "data": "AA==", "mimeType": "image/png"}
    resource = {"type": "resource", "resource": {"uri": "a://b", "text": "inside"}}
    bytes_ = {"type": "resource", "resource": {"uri": "a://c", "blob": "AA==", "mimeType": "application/zip"}}
    shown = {"type": "resource", "resource": {"uri": "a://d", "blob": "AA==", "mimeType": "image/gif"}}
    link = {"type": "resource_link", "uri": "a://e", "name": "e"}
    made = as_sampling(
        [
            {"role": "user", "content": TEXT},
            {"role": "assistant", "content": [picture, resource, bytes_, shown, link, {"type": "odd"}]},
            "nonsense",
        ]
    )
    assert made[0] == {"role": "user", "content": TEXT}
    assert made[1]["role"] == "assistant"
    assert made[1]["content"] == [
        picture,
        {"type": "text", "text": "a://b\n\ninside"},
        {"type": "text", "text": "[a://c: application/zip]"},
        {"type": "image", "data": "AA==", "mimeType": "image/gif"},
        {"type": "text", "text": "[e: a://e]"},
        {"type": "text", "text": '{"type": "odd"}'},
    ]
    assert made[2]["content"] == {"type": "text", "text": '"nonsense"'}


def trial(qtbot: Any, tmp_path: Any, said: list[str]) -> SamplingTrial:
    async def draft(_params: dict[str, Any], _heard: Any) -> dict[str, Any]:
        raise AssertionError("nothing may be asked by itself")

    tools = Tools(Settings(tmp_path / "s.json"), Answers(), said.append)
    made = SamplingTrial("greet", [{"role": "user", "content": TEXT}], tools, draft)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    return made


def test_a_reply_and_the_next_message_become_part_of_the_conversation(qtbot, look, tmp_path) -> None:
    said: list[str] = []
    page = trial(qtbot, tmp_path, said)
    assert not page.enter()
    assert said[-1].startswith("Not added.")
    page.reply.text.setPlainText("Hi there")
    page.next.setText("How are you?")
    page.system.setText("Be short.")
    page.tokens.setValue(50)
    assert page.enter()
    asked = page.params()
    assert [(one["role"], one["content"]["text"]) for one in asked["messages"]] == [
        ("user", "Hello"),
        ("assistant", "Hi there"),
        ("user", "How are you?"),
    ]
    assert asked["systemPrompt"] == "Be short."
    assert asked["maxTokens"] == 50
    assert page.reply.text.toPlainText() == ""


def test_a_reply_can_be_copied(qtbot, look, tmp_path) -> None:
    page = trial(qtbot, tmp_path, [])
    page.reply.text.setPlainText("Take me along")
    page.copy.click()
    assert QGuiApplication.clipboard().text() == "Take me along"
