"""Docstrings in Google, NumPy and Sphinx style: the text for the description, the rest for the parameters."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from wireglass.records import field, record

__all__ = ["Docstring", "read_docstring"]

_SECTION = (
    r"^[ \t]*(?:(?:Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters|Attributes|"
    r"Returns?|Yields?|Raises|Examples?|Notes?)\s*:?[ \t]*$|:(?:param|type|returns?|rtype|raises?)\b)"
)
"""Cheap test for a docstring that has any structure at all; most have none, and the parser is slow to import."""


@record(frozen=True)
class Docstring:
    """What a docstring says."""

    description: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def read_docstring(source: Any) -> Docstring:
    """Reads the docstring of a function or class (or the text itself). Never raises: prose is a description."""
    text = source if isinstance(source, str) else getattr(source, "__doc__", None)
    if not text:
        return Docstring()
    cleaned = inspect.cleandoc(text)
    cleaned = text if cleaned == text else cleaned  # one string is enough
    if not re.search(_SECTION, cleaned, re.MULTILINE):
        return Docstring(cleaned or None)
    return _parse(cleaned)


def _parse(text: str) -> Docstring:
    from docstring_parser import DocstringStyle, ParseError, parse

    for style in (DocstringStyle.GOOGLE, DocstringStyle.NUMPYDOC, DocstringStyle.REST):
        try:
            parsed = parse(text, style=style)
        except (ParseError, ValueError, IndexError):
            continue
        if not parsed.meta:
            continue
        parts = [part for part in (parsed.short_description, parsed.long_description) if part]
        parameters = {p.arg_name.lstrip("*"): p.description for p in parsed.params if p.description}
        return Docstring("\n\n".join(parts) or None, parameters)
    return Docstring(text)
