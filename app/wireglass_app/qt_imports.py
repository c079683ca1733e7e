"""Keeps PySide6 from reading the source of every module that is imported after it.

For `from __feature__ import …`, which nothing here uses, its import hook looks for the word "PySide6" in the source
of each module. That reads all of them into `linecache`, where they stay: 15 MB of memory and a quarter of the time
that the window takes to start.
"""

import linecache
from importlib import import_module
from types import ModuleType

__all__ = ["leave_sources_unread"]


def leave_sources_unread() -> None:
    """Turns that search off. Does nothing where PySide6 is missing or does it otherwise."""
    try:
        import_module("PySide6.QtCore")  # brings the hook along
        feature = import_module("shibokensupport.feature")
    except ImportError:
        return
    if hasattr(feature, "feature_imported"):
        linecache.clearcache()  # what it read until now
        setattr(feature, "feature_imported", _nothing)  # noqa: B010 - a module without types


def _nothing(_module: ModuleType) -> None:
    """Called by PySide6 after each import."""
