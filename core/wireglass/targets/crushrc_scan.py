"""A crushrc as lines: which of them are plain commands, and the words of those. Nothing is run or expanded. Pure.

A crushrc is Bash. Only a command that stands alone on its line, outside of any block, is taken for a fact; what a
condition, a loop or a function does cannot be known without running it, and is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wireglass.targets.splice import DocumentError

__all__ = ["Line", "quoted", "scan"]

_OPENS = frozenset({"if", "for", "while", "until", "case", "select", "{", "("})
_CLOSES = frozenset({"fi", "done", "esac", "}", ")"})
_SPECIAL = frozenset(";|&<>()`")
_BLANK = " \t\r"
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


@dataclass(frozen=True)
class Line:
    """One command from `start` to `end`, its continuation lines with it, a comment behind it not.

    `words` are what it says, with `$NAME` and `$(...)` as they stand and every other dollar as `\\$`; None: it is more
    than a plain command. `is_outer`: outside of any block.
    """

    start: int
    end: int
    words: tuple[str, ...] | None
    is_outer: bool


def scan(text: str) -> list[Line]:
    """The commands of a script. Raises DocumentError for a quote that does not end and for here-documents."""
    lines: list[Line] = []
    depth = 0
    for start, end, words, plain in _commands(text):
        first = words[0] if words else ""
        if first in _CLOSES:
            depth = max(0, depth - 1)
        opens = first in _OPENS or (not plain and text[start:end].rstrip().endswith(("{", "(")))
        outer = depth == 0 and plain and first not in _OPENS | _CLOSES
        lines.append(Line(start, end, tuple(words) if plain else None, outer))
        if opens and not _ends_on_its_line(text[start:end]):
            depth += 1
    return lines


def quoted(word: str) -> str:
    """A word as Bash reads it back; `$NAME` and `$(...)` in it stay what they are."""
    if word and _PLAIN.fullmatch(word):
        return word
    if "$" not in word:
        return "'" + word.replace("'", "'\\''") + "'"
    literal = re.sub(r'["`]|\\(?!\$)', lambda found: "\\" + found.group(), word)
    return f'"{literal}"'


def _ends_on_its_line(command: str) -> bool:
    return bool(re.search(r"(?:^|[;\s])(?:fi|done|esac|\}|\))\s*;?$", command))


def _commands(text: str) -> Iterator[tuple[int, int, list[str], bool]]:
    at = 0
    while at < len(text):
        while at < len(text) and text[at] in _BLANK + "\n":
            at += 1
        if at >= len(text):
            return
        if text[at] == "#":
            at = _line_end(text, at)
            continue
        start = at
        words, plain, end, at = _command(text, at)
        yield start, end, words, plain


def _command(text: str, at: int) -> tuple[list[str], bool, int, int]:
    words: list[str] = []
    plain, end = True, at
    while at < len(text) and text[at] != "\n":
        if text[at] in _BLANK:
            at += 1
        elif text.startswith(("\\\n", "\\\r\n"), at):
            at = text.index("\n", at) + 1
        elif text[at] == "#":
            return words, plain, end, _line_end(text, at)
        elif text[at] in _SPECIAL:
            if text.startswith("<<", at) and not text.startswith("<<<", at):
                raise DocumentError.at(
                    text, at, "Here-documents are not read here.", next_step="Edit this file by hand."
                )
            words.append(text[at])
            plain, at = False, at + 1
            end = at
        else:
            word, at = _word(text, at)
            words.append(word)
            end = at
    return words, plain, end, at


def _word(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text) and text[at] not in _BLANK + "\n" and text[at] not in _SPECIAL:
        if text.startswith(("\\\n", "\\\r\n"), at):
            break
        if text[at] == "'":
            end = _closing(text, at, "'")
            parts.append(text[at + 1 : end].replace("$", "\\$"))
            at = end + 1
        elif text[at] == '"':
            part, at = _double(text, at)
            parts.append(part)
        elif text[at] == "\\" and at + 1 < len(text):
            parts.append("\\$" if text[at + 1] == "$" else text[at + 1])
            at += 2
        elif text.startswith("$(", at):
            end = _substitution(text, at)
            parts.append(text[at:end])
            at = end
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts), at


def _double(text: str, at: int) -> tuple[str, int]:
    start, parts = at, list[str]()
    at += 1
    while at < len(text):
        if text[at] == '"':
            return "".join(parts), at + 1
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in '"\\`':
            parts.append(text[at + 1])
            at += 2
        elif text.startswith("\\$", at):
            parts.append("\\$")
            at += 2
        elif text.startswith("\\\n", at):
            at += 2
        elif text.startswith("$(", at):
            end = _substitution(text, at)
            parts.append(text[at:end])
            at = end
        else:
            parts.append(text[at])
            at += 1
    raise DocumentError.at(text, start, "This quote does not end.", next_step="Correct the file by hand.")


def _substitution(text: str, at: int) -> int:
    """The index behind the parenthesis that closes `$(`."""
    start, depth = at, 0
    while at < len(text):
        if text[at] in "'\"":
            at = _closing(text, at, text[at]) + 1
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
        if depth == 0 and text[at - 1] == ")":
            return at
    raise DocumentError.at(text, start, "This $( does not end.", next_step="Correct the file by hand.")


def _closing(text: str, at: int, quote: str) -> int:
    end = text.find(quote, at + 1)
    if end < 0:
        raise DocumentError.at(text, at, "This quote does not end.", next_step="Correct the file by hand.")
    return end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
