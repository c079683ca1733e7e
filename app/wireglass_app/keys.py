"""Which keys an action has: the table's, unless the user chose others. A key that is taken is refused by name."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from wireglass_app.controls import key_names
from wireglass_app.settings import Settings

__all__ = ["KeyTaken", "KeyTypes", "Keys"]

_WITH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class KeyTaken(ValueError):
    """The key belongs to another action; `other` is its words."""

    def __init__(self, key: str, other: str) -> None:
        super().__init__(f"{key} already belongs to “{other}”. Take it away there first, or choose another key.")
        self.other = other


class KeyTypes(ValueError):
    """The key is one to type or to move with."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} alone is for typing and moving. Hold Ctrl or Alt with it, or take a function key.")


class Keys:
    """Kept in the settings as `keys`: {action: [key sequence, …]}; only what differs from the table."""

    SETTING = "keys"

    def __init__(self, defaults: Mapping[str, Sequence[str]], words: Mapping[str, str], settings: Settings) -> None:
        """`defaults` and `words` by the actions' keys in the table."""
        self._defaults = {action: tuple(map(_portable, keys)) for action, keys in defaults.items()}
        self._words = words
        self._settings = settings
        self._tell()

    def of(self, action: str) -> tuple[str, ...]:
        """The key sequences of an action, in Qt's portable form; the first is the one that is shown."""
        own = self._own().get(action)
        return self._defaults[action] if own is None else own

    def is_changed(self, action: str) -> bool:
        return action in self._own()

    def bind(self, action: str, keys: Sequence[str]) -> None:
        """Gives an action other keys, or none. Raises KeyTaken when one belongs to another action, KeyTypes when
        it would be taken from every field and list."""
        wanted = tuple(dict.fromkeys(_portable(key) for key in keys if key))
        for key in wanted:
            if _types(key):
                raise KeyTypes(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
            other = self.owner(key)
            if other not in ("", action):
                raise KeyTaken(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText), self._words[other])
        kept = dict(self._own())
        kept.pop(action, None)
        if wanted != self._defaults[action]:
            kept[action] = wanted
        self._keep(kept)

    def reset(self, action: str) -> None:
        """Back to the table's keys. Raises KeyTaken when another action has one of them by now."""
        self.bind(action, self._defaults[action])

    def reset_all(self) -> None:
        """The table's keys for every action."""
        self._keep({})

    def owner(self, key: str) -> str:
        """The action that a key belongs to, or ""."""
        key = _portable(key)
        return next((action for action in self._defaults if key in self.of(action)), "")

    def _own(self) -> dict[str, tuple[str, ...]]:
        found = self._settings.get(self.SETTING, {})
        return {
            action: tuple(map(str, keys))
            for action, keys in found.items()
            if action in self._defaults and isinstance(keys, list)
        }

    def _keep(self, own: Mapping[str, Sequence[str]]) -> None:
        self._settings.set(self.SETTING, {action: list(keys) for action, keys in own.items()})
        self._tell()

    def _tell(self) -> None:
        """Buttons and hints show the keys of the table; they show the user's instead."""
        moved: dict[str, str] = {}
        for action, own in self._own().items():
            for at, key in enumerate(self._defaults[action]):
                moved[key] = own[at] if at < len(own) else own[0] if own else ""
        key_names().set_moved(moved)


def _types(key: str) -> bool:
    """Only with Ctrl, Alt or Meta, or as a function key, is it free everywhere."""
    if QKeySequence(key).isEmpty():
        return False
    first = QKeySequence(key)[0]  # type: ignore[index]  # the stubs leave it out
    return not first.keyboardModifiers() & _WITH and not Qt.Key.Key_F1 <= first.key() <= Qt.Key.Key_F35


def _portable(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
