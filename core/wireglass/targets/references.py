"""References to environment variables, each host in its own words; `${NAME}` is the form that stands between. Pure."""

import re
from collections.abc import Mapping

from wireglass.targets.base import Target

__all__ = ["filled", "in_words_of", "neutral", "referred"]

_WRITTEN = re.compile(
    r"\$\{\{\s*secrets\.(\w+)\s*\}\}|\$\{(?:env|input):(\w+)\}|(?<!\$)\{env:(\w+)\}|\$\{([A-Z][A-Z0-9_]*)\}"
)
"""What hosts write. Of the plain `${name}` only names in capitals: `${workspaceFolder}` and its like are not ours."""
_NEUTRAL = re.compile(r"\$\{(\w+)\}")


def neutral(text: str) -> str:
    """The text with every host's way of writing a reference as `${NAME}`."""
    return _WRITTEN.sub(lambda found: f"${{{next(filter(None, found.groups()))}}}", text)


def referred(text: str) -> tuple[str, ...]:
    """The variables that a text refers to, in any host's way."""
    return tuple(dict.fromkeys(next(filter(None, found.groups())) for found in _WRITTEN.finditer(text)))


def in_words_of(target: Target, text: str) -> str:
    """The text with its references as this host writes them; unchanged where it has no way that is known."""
    if not referred(text):
        return text
    return _WRITTEN.sub(lambda found: _own(target, next(filter(None, found.groups())), found.group()), text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the variables that have a value here filled in."""
    return _NEUTRAL.sub(lambda found: values.get(found.group(1), found.group()), neutral(text))


def _own(target: Target, name: str, written: str) -> str:
    return target.reference(name) or written
