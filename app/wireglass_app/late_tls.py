"""Loads `ssl`, and OpenSSL with it, when something first uses it: 5 MB that a server on stdio never needs.

asyncio imports both `ssl` and its own `sslproto` by name and looks into them only when a connection uses TLS. So each
is a stand-in at first, which becomes the module at the first look. The standard library's `LazyLoader` cannot be used:
in Python 3.11 a second `import` already is such a look.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["load_tls_late"]

_LATE = ("ssl", "asyncio.sslproto")


class _StandIn(ModuleType):
    """Takes over all that the module holds when anything of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        self.__dict__.update(vars(import_module(self.__name__)))
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def load_tls_late() -> None:
    """Call before asyncio is imported; does nothing after that."""
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    for name in _LATE:
        sys.modules[name] = _StandIn(name)
    package = import_module("asyncio")
    if "sslproto" not in vars(package):
        package.__dict__["sslproto"] = sys.modules["asyncio.sslproto"]
