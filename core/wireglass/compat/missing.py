"""Stand-ins for names that we do not have: they import, annotate, compare and subclass, and fail by name when used."""

from typing import Any, NoReturn

__all__ = ["MissingName", "missing_name"]


class MissingName(type):
    """The class of stand-ins and of what is derived from them.

    Making an instance or reading an attribute that nobody defined raises NotImplementedError. A subclass may be
    defined: many files define one and use it only if told to.
    """

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        cls._refuse("called")

    def __getitem__(cls, item: Any) -> "MissingName":
        return cls  # `Name[int]` in an annotation is harmless

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)  # Python and typing probe for these
        cls._refuse(f"asked for .{name}")

    def __instancecheck__(cls, instance: object) -> bool:
        return False

    def __repr__(cls) -> str:
        return f"<{cls.__module__}.{cls.__name__}: not in Wireglass yet>"

    def _refuse(cls, how: str) -> NoReturn:
        origin = next(base for base in reversed(cls.__mro__) if isinstance(base, MissingName))
        name = f"{origin.__module__}.{origin.__name__}"
        what = name if origin is cls else f"{cls.__name__}, which is derived from {name},"
        raise NotImplementedError(
            f"{what} was {how}, but the Wireglass runtime does not have {name}. "
            "Run this file with an interpreter that has the real package (wireglass run --python PATH)."
        )


def missing_name(module: str, name: str) -> MissingName:
    """A stand-in for `module.name`. One that is named like an exception can stand in an `except` clause."""
    base: tuple[type, ...] = (Exception,) if name.endswith(("Error", "Exception", "Warning")) else ()
    return MissingName(name, base, {"__module__": module, "__doc__": "Not in the Wireglass runtime."})
