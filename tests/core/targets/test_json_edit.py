"""JSON and JSONC as people write them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireglass.targets.document import Add, DocumentError, Grammar, Place, Remove, Rename, Update, load

STRICT = Grammar(reader="Claude Desktop")
JSONC = Grammar(comments=True, trailing_commas=True)
PLACE = Place(("mcpServers",))


def changed(text: str, change, *, grammar=JSONC, place=PLACE) -> str:
    return load(text.encode(), grammar).changed(place, change).to_bytes().decode()


def test_an_empty_file_becomes_a_readable_one():
    assert changed("", Add("a", {"command": "x", "args": ["1"]}), grammar=STRICT) == (
        '{\n  "mcpServers": {\n    "a": {\n      "command": "x",\n      "args": ["1"]\n    }\n  }\n}'
    )


def test_a_minified_file_stays_minified():
    text = '{"mcpServers":{"a":{"command":"x"}}}'
    assert changed(text, Add("b", {"args": ["1", "2"]}), grammar=STRICT) == (
        '{"mcpServers":{"a":{"command":"x"},"b":{"args":["1","2"]}}}'
    )


def test_tabs_and_line_ends_are_taken_over():
    text = '{\r\n\t"mcpServers": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n'
    assert changed(text, Add("b", {"command": "x"})) == (
        '{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t\t"b": {\r\n\t\t\t"command": "x"\r\n\t\t}\r\n\t}\r\n}\r\n'
    )


def test_a_comment_behind_the_last_entry_stays_with_it():
    text = '{\n  "mcpServers": {\n    "a": {} // legacy\n  }\n}'
    after = changed(text, Add("b", {}))
    assert after == '{\n  "mcpServers": {\n    "a": {}, // legacy\n    "b": {}\n  }\n}'
    assert changed(after, Remove("b")) == text


def test_a_trailing_comma_stays_the_habit_of_the_file():
    text = '{"mcpServers": {\n  "a": {}, // one\n},}'
    after = changed(text, Add("b", {}))
    assert after == '{"mcpServers": {\n  "a": {}, // one\n  "b": {},\n},}'
    assert changed(after, Remove("b")) == text


def test_comments_inside_an_empty_object_stay():
    text = '{\n  "mcpServers": {\n    // nothing yet\n  }\n}'
    after = changed(text, Add("b", {}))
    assert after == '{\n  "mcpServers": {\n    // nothing yet\n    "b": {}\n  }\n}'
    assert changed(after, Remove("b")) == text


def test_removing_in_the_middle_takes_its_line_only():
    text = '{"mcpServers": {\n  // first\n  "a": {},\n  // second\n  "b": {}, // two\n  "c": {}\n}}'
    assert changed(text, Remove("b")) == '{"mcpServers": {\n  // first\n  "a": {},\n  // second\n  "c": {}\n}}'


def test_removing_inline_members():
    text = '{"mcpServers": {"a": {}, "b": {}, "c": {}}}'
    assert changed(text, Remove("a")) == '{"mcpServers": {"b": {}, "c": {}}}'
    assert changed(text, Remove("b")) == '{"mcpServers": {"a": {}, "c": {}}}'
    assert changed(text, Remove("c")) == '{"mcpServers": {"a": {}, "b": {}}}'


def test_an_update_writes_only_the_keys_that_change():
    text = (
        '{"mcpServers": {"a": {"command": "x",/* why */"args": ["-y", "old" /* p */], "n": 1.50, "env": {"K": "1"}}}}'
    )
    change = Update("a", {"args": ["-y", "new"], "env": {"K": "1", "L": "2"}, "n": 1.5})
    assert changed(text, change) == text.replace('"old"', '"new"').replace('{"K": "1"}', '{"K": "1", "L": "2"}')


def test_escaped_keys_are_the_keys_they_mean():
    text = '{"mcp\\u0053ervers": {"\\u0061": {"command": "x"}}}'
    assert changed(text, Rename("a", "é")) == '{"mcp\\u0053ervers": {"é": {"command": "x"}}}'
    assert changed(text, Update("a", {"command": "y"})) == text.replace('"x"', '"y"')


def test_a_key_that_is_there_twice_is_refused_with_its_position():
    text = '{"mcpServers": {"a": {}},\n "mcpServers": {"b": {}}}'
    with pytest.raises(DocumentError, match="twice") as caught:
        changed(text, Add("c", {}))
    assert (caught.value.line, caught.value.column) == (2, 2)


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ('{\n  // note\n  "mcpServers": {}\n}', 2, 3, "Claude Desktop does not accept comments"),
        ('{\n  "mcpServers": {},\n}', 3, 1, 'comma before "}"'),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "comma or a closing bracket is missing"),
        ('{"a" 1}', 1, 6, "colon is missing"),
        ("{a: 1}", 1, 2, "double quotes"),
        ('{"a": NaN}', 0, 0, "NaN"),
        ('{"a": 1} x', 1, 10, "after the end"),
        ('{"a": "x\ny"}', 1, 9, "control character"),
        ('{"a": "\\q"}', 1, 8, "backslash"),
        ('{"a": "x', 1, 7, "closed"),
        ("[]", 1, 1, "object at its top level"),
        ('{"mcpServers": []}', 0, 0, "mcpServers is not an object"),
        ("[" * 100_000, 0, 0, "deeply"),
    ],
)
def test_mistakes_are_named_in_words_with_their_position(text: str, line: int, column: int, word: str):
    with pytest.raises(DocumentError) as caught:
        changed(text, Add("a", {}), grammar=STRICT)
    assert word in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_text_that_is_not_utf8_is_refused():
    with pytest.raises(DocumentError, match="not UTF-8") as caught:
        load(b'{\n  "a": "\xff"}', STRICT)
    assert (caught.value.line, caught.value.column) == (2, 9)
    with pytest.raises(DocumentError, match="UTF-16"):
        load('{"a": 1}'.encode("utf-16"), STRICT)


def test_a_byte_order_mark_stays_unless_the_reader_rejects_it():
    content = b'\xef\xbb\xbf{"mcpServers": {}}'
    assert load(content, JSONC).changed(PLACE, Add("a", {})).to_bytes().startswith(b"\xef\xbb\xbf{")
    strict = Grammar(accepts_bom=False)
    assert load(content, strict).changed(PLACE, Add("a", {})).to_bytes() == b'{"mcpServers": {"a": {}}}'


def test_a_null_where_the_servers_belong_is_filled():
    assert changed('{"mcpServers": null}', Add("a", {})) == '{"mcpServers": {"a": {}}}'


def test_keys_with_dots_and_deep_places():
    place = Place(("projects", "C:\\work", "mcpServers"))
    text = '{"projects": {"C:\\\\work": {"x": 1}}}'
    after = changed(text, Add("a", {}), place=place)
    assert after == '{"projects": {"C:\\\\work": {"x": 1, "mcpServers": {"a": {}}}}}'


def test_lists_of_named_items():
    place = Place(("inputs",), "id")
    text = '{\n  "inputs": [\n    { "id": "a" }\n  ]\n}'
    after = changed(text, Add("b", {"type": "promptString"}), place=place)
    assert load(after.encode(), JSONC).entries(place)["b"] == {"id": "b", "type": "promptString"}
    assert changed(after, Remove("b"), place=place) == text


def test_a_megabyte_is_edited_in_half_a_second():
    entry = '{"type": "stdio", "command": "uvx", "args": ["a", "b"], "note": "' + "x" * 400 + '"}'
    body = ",\n".join(f'    "/home/ada/{i}": {{"mcpServers": {{"one": {entry}}}, "n": {i}.50}}' for i in range(2000))
    content = f'{{\n  "projects": {{\n{body}\n  }},\n  "mcpServers": {{"time": {{"command": "uvx"}}}}\n}}\n'.encode()
    assert len(content) > 1_000_000
    spent: list[float] = []
    for _ in range(3):
        start = time.thread_time()  # our own time: others work on this machine too
        after = load(content, STRICT).changed(PLACE, Add("a", {"command": "x"})).to_bytes()
        spent.append(time.thread_time() - start)
    assert min(spent) < 0.5, spent
    assert after.startswith(content[: content.index(b'"time"')])


# Any layout that a person or a program might leave behind

gaps = st.sampled_from(["", " ", "\n", "\n  ", "\t", "/* c */", " // c\n", "\r\n  ", '\n\n    // "x": {\n    '])
names = st.sampled_from(["a", "b", "é", 'q"', "//", "x y"])


@st.composite
def layouts(draw, depth: int = 2):
    """JSONC text of an object whose values are objects or plain values, with blanks and comments everywhere."""
    gap = lambda: draw(gaps)  # noqa: E731
    if depth == 0:
        return draw(st.sampled_from(["1", "1.50", '"x // y"', "[1,2]", "[\n1 ,\n]", "null", "true", "{}", '"\\u00e9"']))
    keys = draw(st.lists(names, unique=True, max_size=3))
    parts = []
    for key in keys:
        escaped = '"' + key.replace('"', '\\"') + '"'
        parts.append(f"{gap()}{escaped}{gap()}:{gap()}{draw(layouts(depth - 1))}{gap()}")
    end = "," + gap() if parts and draw(st.booleans()) else gap()
    return "{" + ",".join(parts) + end + "}"


@given(layouts(), st.data())
@settings(max_examples=200, deadline=None)
def test_any_layout_can_be_edited_and_only_the_entry_changes(servers: str, data):
    text = f'{{"x": 1, "mcpServers":{servers}}}'
    document = load(text.encode(), JSONC)
    added = document.changed(PLACE, Add("new", {"command": "c", "args": ["1"]}))
    removed = added.changed(PLACE, Remove("new"))
    assert removed.data == document.data
    assert "".join(removed.text.split()) == "".join(text.split())
    present = list(document.entries(PLACE))
    if present:
        name = data.draw(st.sampled_from(present))
        entry = document.entries(PLACE)[name]
        updated = document.changed(PLACE, Update(name, {"k": [1, {"z": None}], **dict.fromkeys(list(entry)[:1], "v")}))
        updated = updated.changed(PLACE, Update(name, {}, drop=tuple(entry)))
        assert updated.entries(PLACE)[name] == {"k": [1, {"z": None}]}
        assert name not in document.changed(PLACE, Remove(name)).entries(PLACE)
