"""YAML as people and programs write it."""

import pytest

from wireglass.targets.document import Add, DocumentError, Grammar, Place, Remove, Rename, Update, load

YAML = Grammar("yaml", reader="goose")
MAP = Place(("extensions",))
LIST = Place(("mcpServers",), "name")
ENTRY = {"type": "stdio", "cmd": "uvx", "args": ["-y", "a: b # c"], "envs": {"K": "yes"}, "timeout": 300, "x": ""}


def changed(text: str, change, place=MAP) -> str:
    return load(text.encode(), YAML).changed(place, change).to_bytes().decode()


def servers(text: str, place=MAP) -> dict:
    return load(text.encode(), YAML).entries(place)


def test_an_empty_file_gets_a_block():
    after = changed("", Add("a", ENTRY))
    assert after == (
        'extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args:\n      - "-y"\n      - "a: b # c"\n'
        '    envs:\n      K: "yes"\n    timeout: 300\n    x: ""\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "extensions:\n  one:\n    cmd: a\n",
        "extensions:\n  one:\n    cmd: a # why\n# tail\nother: 1\n",
        "extensions:\n    one:\n        cmd: a\n    # about two\n    two: {cmd: b}\n\n\nother: 1\n",
        "# head\nextensions:\n  one: {cmd: a}\n  two: &anchor\n    cmd: b\n\nother: *anchor\n",
        "other: 1\nextensions:\n  one:\n    cmd: |\n      text\n      more\n",
        "other: 1\nextensions:\n  one:\n    cmd: a",
        "extensions: {one: {cmd: a}}\n",
        "extensions: { one: { cmd: a } } # all\n",
        "---\nextensions:\n  one:\n    cmd: a\n...\n",
        "extensions:\r\n  one:\r\n    cmd: a\r\n  # end\r\nother: 1\r\n",
        '"extensions":\n  "o\\u006ee":\n    cmd: a\n',
    ],
)
def test_a_map_in_any_layout_can_be_edited(text: str):
    before = servers(text)
    added = changed(text, Add("new", ENTRY))
    assert servers(added) == before | {"new": ENTRY}
    assert changed(added, Remove("new")) == text
    updated = changed(text, Update("one", {"cmd": "z", "enabled": False, "args": ["1", "2"]}))
    assert servers(updated)["one"] == {"cmd": "z", "enabled": False, "args": ["1", "2"]}
    assert servers(changed(updated, Update("one", {"args": []}, drop=("enabled",))))["one"] == {"cmd": "z", "args": []}
    assert next(iter(servers(changed(text, Rename("one", "météo: 1"))))) == "météo: 1"


@pytest.mark.parametrize(
    "text",
    [
        "mcpServers:\n  - name: one\n    cmd: a\n",
        "mcpServers:\n- name: one\n  cmd: a\n- cmd: b\n  name: two\n",
        "mcpServers: # all\n  # 1\n  - name: one\n    cmd: a # x\n\n  # 2\n  - {name: two, cmd: b}\nother: 1\n",
        "mcpServers: [{name: one, cmd: a}]\n",
        "mcpServers:\r\n-   name: one\r\n    cmd: a\r\n",
    ],
)
def test_a_list_in_any_layout_can_be_edited(text: str):
    before = servers(text, LIST)
    added = changed(text, Add("new", ENTRY), LIST)
    assert servers(added, LIST) == before | {"new": {"name": "new", **ENTRY}}
    assert changed(added, Remove("new"), LIST) == text
    updated = changed(text, Update("one", {"cmd": "z", "env": {"K": "1"}}), LIST)
    assert servers(updated, LIST)["one"] == {"name": "one", "cmd": "z", "env": {"K": "1"}}
    assert next(iter(servers(changed(text, Rename("one", "new"), LIST), LIST))) == "new"
    assert "one" not in servers(changed(added, Remove("one"), LIST), LIST)


def test_the_last_server_leaves_an_empty_container():
    assert changed("extensions:\n  one:\n    cmd: a\nother: 1\n", Remove("one")) == "extensions: {}\nother: 1\n"
    assert changed("mcpServers:\n- name: one\n", Remove("one"), LIST) == "mcpServers: []\n"


def test_comments_above_the_last_server_stay():
    text = "mcpServers: # all\n  # first\n  - name: one\n    cmd: a\nother: 1\n"
    assert changed(text, Remove("one"), LIST) == "mcpServers: [] # all\n  # first\nother: 1\n"


def test_an_empty_container_becomes_a_block():
    after = changed("extensions: {} # none\nother: 1\n", Add("a", {"cmd": "x"}))
    assert servers(after) == {"a": {"cmd": "x"}}
    assert "other: 1" in after
    assert changed("extensions: {}\nother: 1\n", Add("a", {"cmd": "x"})) == "extensions:\n  a:\n    cmd: x\nother: 1\n"
    assert servers(changed("extensions:\n", Add("a", {"cmd": "x"}))) == {"a": {"cmd": "x"}}
    assert servers(changed("# only a comment\n", Add("a", {"cmd": "x"}))) == {"a": {"cmd": "x"}}


@pytest.mark.parametrize(
    "value", ["yes", "null", "1e3", "0o7", "12:30", "2026-01-01", "~", "- a", "a: b", "#x", "", " a"]
)
def test_texts_that_look_like_something_else_are_quoted(value: str):
    after = changed("extensions: {}\n", Add("a", {"v": value, "l": [value], value: 1}))
    assert servers(after)["a"] == {"v": value, "l": [value], value: 1}


def test_mistakes_have_a_position():
    with pytest.raises(DocumentError) as caught:
        changed("a: 1\nb: [1\nc: 2\n", Add("a", {}))
    assert caught.value.line >= 2
    with pytest.raises(DocumentError, match="duplicate") as caught:
        changed("a: 1\na: 2\n", Add("a", {}))
    with pytest.raises(DocumentError, match="several"):
        changed("a: 1\n---\nb: 2\n", Add("a", {}))


def test_an_anchor_that_others_use_is_not_removed():
    with pytest.raises(DocumentError):
        changed("extensions:\n  one: &x\n    cmd: a\n  two: {}\nother: *x\n", Remove("one"))
