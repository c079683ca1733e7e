"""What the log says of a call that failed: once, at the level the author chose, and never the client's own values."""

import logging
import os
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

import pydantic
from pydantic_core import core_schema

from wireglass.errors import FastMCPError, ValidationError

__all__ = ["authors_frames", "log_failure", "log_unexpected", "summary"]

log = logging.getLogger("wireglass.server")
_OURS = str(Path(__file__).parents[1]) + os.sep


def log_unexpected(doing: str, name: str, error: Exception) -> None:
    """An exception that the author did not mean for the client: with its traceback, ours too at DEBUG."""
    frames = error.__traceback__ if log.isEnabledFor(logging.DEBUG) else authors_frames(error)
    log.error("Error %s %r", doing, name, exc_info=(type(error), error, frames))


def authors_frames(error: BaseException) -> TracebackType | None:
    """The traceback of an exception without the lines of this package, unless it came from nowhere else.

    Between an author's middleware and tool lie a dozen calls of ours, which tell them nothing.
    """
    theirs: list[TracebackType] = []
    frame = error.__traceback__
    while frame is not None:
        if not frame.tb_frame.f_code.co_filename.startswith(_OURS):
            theirs.append(frame)
        frame = frame.tb_next
    shown: TracebackType | None = None
    for frame in reversed(theirs):
        shown = TracebackType(shown, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return shown or error.__traceback__


def log_failure(doing: str, name: str, error: Exception) -> None:
    """An error that the author raised for the client to read. One that passes several servers is logged once."""
    if getattr(error, "logged", False):
        return
    if isinstance(error, ValidationError):
        told = summary(error.__cause__)
        text = "Invalid arguments for tool %r" if doing == "calling tool" else f"Invalid arguments ({doing} %r)"
        if told is None:
            log.warning(text, name)
        else:
            log.warning(f"{text}: %s", name, told)
    else:
        level = error.log_level if isinstance(error, FastMCPError) else logging.WARNING
        log.log(level, "Error %s %r: %s", doing, name, error)
    if isinstance(error, FastMCPError):
        error.logged = True


def summary(error: BaseException | None) -> dict[str, Any] | None:
    """Which rules a value broke, without the value: what may be logged of a client's arguments."""
    if not isinstance(error, pydantic.ValidationError):
        return None
    found = error.errors(include_url=False, include_context=False, include_input=False)
    kinds = [_kind(problem) for problem in found]
    return {"error_count": len(found), "error_types": sorted(set(kinds))}


def _kind(problem: Any) -> str:
    """The rule's name; of a rule that the author's code made up, only that it is one: its name may carry data."""
    code = str(problem["type"])
    return code if code in _rules() else "custom_error"


@cache
def _rules() -> frozenset[str]:
    return frozenset({*get_args(core_schema.ErrorType), "missing_argument", "unexpected_keyword_argument"})
