"""TOML as people and programs write it."""

import pytest

from wireglass.targets.document import Add, DocumentError, Grammar, Place, Remove, Rename, Update, load

TOML = Grammar("toml", reader="Codex")
PLACE = Place(("mcp_servers",))
ENTRY = {"command": "uvx", "args": ["a b", 'q"\\'], "env": {"K": "é", "k e y": "\t"}}


def changed(text: str, change, place=PLACE) -> str:
    return load(text.encode(), TOML).changed(place, change).to_bytes().decode()


def servers(text: str) -> dict:
    return load(text.encode(), TOML).entries(PLACE)


def test_an_empty_file_gets_tables():
    after = changed("", Add("a", ENTRY))
    assert after == (
        '[mcp_servers.a]\ncommand = "uvx"\nargs = ["a b", "q\\"\\\\"]\n\n'
        '[mcp_servers.a.env]\nK = "é"\n"k e y" = "\\t"\n'
    )
    assert changed(after, Remove("a")) == ""


def test_a_new_server_stands_behind_the_last_one():
    text = '[mcp_servers.a]\ncommand = "x" # why\n\n# rest\n[other]\nk = 1\n'
    after = changed(text, Add("b.c", {"command": "y"}))
    assert after == (
        '[mcp_servers.a]\ncommand = "x" # why\n\n[mcp_servers."b.c"]\ncommand = "y"\n\n# rest\n[other]\nk = 1\n'
    )
    assert changed(after, Remove("b.c")) == text


def test_a_server_spread_over_the_file_goes_as_a_whole():
    text = '[mcp_servers.a]\ncommand = "x"\n\n[other]\nk = 1\n\n[mcp_servers.a.env]\nK = "1"\n\n[last]\n'
    assert servers(changed(text, Remove("a"))) == {}
    assert "[other]\nk = 1\n\n[last]\n" in changed(text, Remove("a"))


@pytest.mark.parametrize(
    "text",
    [
        'mcp_servers = { a = { command = "x", args = [] } }\n',
        'mcp_servers.a = { command = "x", args = [] }\n',
        'mcp_servers.a.command = "x"\nmcp_servers.a.args = []\n',
        '[mcp_servers]\na = { command = "x", args = [] } # one\n',
        '[mcp_servers]\na.command = "x"\na.args = []',
        '[ mcp_servers . "a" ]  # head\r\ncommand = "x"\r\nargs = [ # none\r\n]\r\n',
        "[mcp_servers.a]\ncommand = '''x'''\nargs = []\n[mcp_servers.a.x]\n[z]\n",
    ],
)
def test_every_way_to_write_a_table_can_be_edited(text: str):
    before = servers(text)
    added = changed(text, Add("b", {"command": "y", "env": {"K": "1"}}))
    assert servers(added) == before | {"b": {"command": "y", "env": {"K": "1"}}}
    assert changed(added, Remove("b")) == text
    updated = changed(text, Update("a", {"command": "z", "enabled": False, "args": ["1"]}))
    assert servers(updated)["a"] == before["a"] | {"command": "z", "enabled": False, "args": ["1"]}
    assert list(servers(changed(text, Rename("a", "new.name")))) == ["new.name"]
    assert "enabled" not in servers(changed(updated, Update("a", {}, drop=("enabled",))))["a"]
    assert "a" not in servers(changed(added, Remove("a")))


def test_an_update_keeps_comments_and_the_other_values():
    text = (
        '[mcp_servers.a]  # docs\ncommand = "x"   #\nargs = [\n  "-y", # yes\n  "old",\n]\nenv = { A = "1", B = "2" }\n'
    )
    change = Update("a", {"command": "y", "args": ["-y", "new"], "env": {"A": "1", "B": "3", "C": "4"}})
    assert changed(text, change) == (
        text.replace('"x"', '"y"').replace('"old"', '"new"').replace('B = "2"', 'B = "3", C = "4"')
    )


def test_strings_with_brackets_and_comment_signs_are_read_over():
    text = '[mcp_servers.a]\ncommand = "x # [no]"\nargs = ["]", "#", \'"\', """\n[mcp_servers.b]\n"""]\n'
    assert servers(changed(text, Add("b", {"command": "y"})))["b"] == {"command": "y"}
    assert changed(changed(text, Add("b", {"command": "y"})), Remove("b")) == text


def test_a_list_of_tables_is_left_alone():
    text = "[[things]]\nn = 1\n\n[[things]]\nn = 2\n"
    assert changed(text, Add("a", {"command": "x"})).startswith(text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = \n", 1, 5), ("[mcp_servers.a]\nx = 1\nx = 2\n", 3, 6), ('a = "x', 1, 7)],
)
def test_mistakes_have_a_position(text: str, line: int, column: int):
    with pytest.raises(DocumentError) as caught:
        changed(text, Add("a", {}))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_what_toml_cannot_say_is_refused():
    with pytest.raises(DocumentError, match="null"):
        changed("", Add("a", {"x": None}))


def test_a_byte_order_mark_stays():
    assert load(b"\xef\xbb\xbfa = 1\n", TOML).changed(PLACE, Add("a", {"x": 1})).to_bytes()[:3] == b"\xef\xbb\xbf"


def test_a_value_may_change_its_kind_and_an_entry_may_be_empty():
    text = '[mcp_servers.a]\ncommand = "x"\n\n[mcp_servers.a.env]\nK = "1"\n\n[other]\nk = 1\n'
    assert servers(changed(text, Update("a", {"env": "plain"})))["a"] == {"command": "x", "env": "plain"}
    bare = "[mcp_servers.a]\n"
    assert servers(changed(bare, Update("a", {"command": "y", "env": {"K": "1"}})))["a"] == {
        "command": "y",
        "env": {"K": "1"},
    }
