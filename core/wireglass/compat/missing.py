"""Stand-ins for names that we do not have: they import, annotate and compare, and fail with a sentence when used."""

from typing import Any, NoReturn

__all__ = ["MissingName", "is_missing", "missing_name"]


class MissingName(type):
    """The class of stand-ins. Calling, subclassing or reading an attribute of one raises NotImplementedError."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> "MissingName":
        for base in bases:
            if isinstance(base, MissingName):
                base._refuse("subclassed")
        return super().__new__(mcs, name, bases, namespace)

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
        raise NotImplementedError(
            f"{cls.__module__}.{cls.__name__} was {how}, but the Wireglass runtime does not have it. "
            "Run this file with an interpreter that has the real package (wireglass run --python PATH)."
        )


def missing_name(module: str, name: str) -> MissingName:
    """A stand-in for `module.name`. One that is named like an exception can stand in an `except` clause."""
    base: tuple[type, ...] = (Exception,) if name.endswith(("Error", "Exception", "Warning")) else ()
    return MissingName(name, base, {"__module__": module, "__doc__": "Not in the Wireglass runtime."})


def is_missing(value: object) -> bool:
    """True for a stand-in."""
    return isinstance(value, MissingName)
