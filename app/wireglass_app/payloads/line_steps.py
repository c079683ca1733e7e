"""The lines of a long text in parts, for a job in the background."""

from collections.abc import Iterator

from wireglass_app.payloads.lines import LONG

__all__ = ["Continued", "line_steps"]

_PIECE = 200_000


class Continued(list[str]):
    """Lines of which the first goes on with the last one before."""


def line_steps(text: str, *, whole: bool) -> Iterator[list[str]]:
    """The lines of a long text, some hundred kilobytes at a time. Unless `whole`, a line of megabytes comes in parts
    too: cutting it into rows at once would hold the window."""
    start, most = 0, _PIECE // LONG * LONG
    while start <= len(text):
        end = text.find("\n", start + _PIECE)
        end = len(text) if end < 0 else end
        if whole or end - start <= 2 * _PIECE:
            yield text[start:end].split("\n")
        else:
            last = max(text.rfind("\n", start, start + _PIECE) + 1, start)
            if last > start:
                yield text[start : last - 1].split("\n")
            yield [text[last : last + most]]
            for part in range(last + most, end, most):
                yield Continued([text[part : min(part + most, end)]])
        start = end + 1
