"""What a tool's declaration says: pure."""

from wireglass_app.toolview.hints import hidden_words, hint, is_destructive, task_support, title_of


def test_only_what_is_said_outright_counts() -> None:
    assert is_destructive({"annotations": {"destructiveHint": True}})
    assert not is_destructive({"annotations": {"destructiveHint": True, "readOnlyHint": True}})
    assert not is_destructive({})
    assert not hint({"annotations": "x"}, "readOnlyHint")


def test_titles_come_from_the_tool_then_its_annotations_then_its_name() -> None:
    assert title_of({"title": "A", "annotations": {"title": "B"}}, "c") == "A"
    assert title_of({"annotations": {"title": "B"}}, "c") == "B"
    assert title_of({}, "c") == "c"


def test_task_support_is_one_of_two_words() -> None:
    assert task_support({"execution": {"taskSupport": "required"}}) == "required"
    assert task_support({"execution": {"taskSupport": "forbidden"}}) == ""
    assert task_support({"execution": []}) == ""


def test_hidden_characters_are_named_with_their_places() -> None:
    words = hidden_words("odd\u202ename", "zero\u200bwidth")
    assert words.splitlines() == [
        "name, place 4: U+202E right-to-left override",
        "description, place 5: U+200B zero width space",
    ]
    assert hidden_words("plain", "text") == ""
    assert hidden_words("x" + "\u200b" * 20, "").endswith("and 8 more")
