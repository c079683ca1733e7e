"""The example files of 40 hosts and what their readers accept."""

import json
from dataclasses import dataclass
from pathlib import Path

from wireglass.targets.document import Document, Grammar, Place, load

FOLDER = Path(__file__).parents[2] / "data" / "clients" / "fixtures"
_COMMENTS_ONLY = {"gemini-cli", "qwen-code"}
_LANGUAGES = {"toml": "toml", "yaml": "yaml"}


@dataclass(frozen=True)
class Fixture:
    file: str
    host: str
    grammar: Grammar
    place: Place
    servers: tuple[str, ...]
    content: bytes

    def load(self) -> Document:
        return load(self.content, self.grammar)


def _fixture(row: dict) -> Fixture:
    syntax = row["syntax"]
    with_comments = syntax == "jsonc" or row["host"] in _COMMENTS_ONLY
    grammar = Grammar(
        language=_LANGUAGES.get(syntax, "json"),
        comments=with_comments,
        trailing_commas=syntax == "jsonc" and row["host"] not in _COMMENTS_ONLY,
    )
    list_key = "name" if row["container"] == "list" else None
    place = Place(tuple(row["servers_path"]), list_key)
    content = (FOLDER / row["file"]).read_bytes()
    return Fixture(row["file"], row["host"], grammar, place, tuple(row["servers"] or ()), content)


FIXTURES = [_fixture(row) for row in json.loads((FOLDER / "index.json").read_bytes())]
