"""The model endpoints that the user configured: facts in the settings, keys in the keychain. None until configured."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from wireglass_app.settings import Settings

__all__ = ["Endpoints"]

_LIST, _CHOSEN = "models.endpoints", "models.chosen"


class Endpoints(QObject):
    """By name. Nothing is asked of any of them by reading or writing here."""

    changed = Signal()

    def __init__(self, settings: Settings | None = None, secrets: Any = None, parent: QObject | None = None) -> None:
        """`secrets` is a `wireglass.storage.keychain.Secrets`; by default that of the system, when first needed."""
        super().__init__(parent)
        self._settings = settings
        self._kept: dict[str, Any] = {}
        self._secrets = secrets

    @property
    def secrets(self) -> Any:
        """Where the keys are."""
        if self._secrets is None:
            from wireglass.storage.keychain import Secrets

            self._secrets = Secrets()
        return self._secrets

    @property
    def all(self) -> list[dict[str, Any]]:
        """`name`, `api`, `url` and `model` of each."""
        return [one for one in self._get(_LIST, []) if isinstance(one, dict) and one.get("name")]

    @property
    def chosen(self) -> dict[str, Any] | None:
        """The one that drafts, or None."""
        name = self._get(_CHOSEN, "")
        found = self.all
        return next((one for one in found if one["name"] == name), found[0] if found else None)

    def choose(self, name: str) -> None:
        """Drafts come from this one from now on."""
        self._set(_CHOSEN, name)
        self.changed.emit()

    def put(self, facts: dict[str, Any], key: str | None = None) -> None:
        """Adds or replaces an endpoint. `key` None keeps the one there is; empty forgets it. Raises ValueError."""
        from wireglass.client.responders import ModelEndpoint

        name = str(facts.get("name", "")).strip()
        if not name:
            raise ValueError("An endpoint needs a name to choose it by.")
        made = ModelEndpoint.from_json(facts)
        written = {"name": name, "api": made.api, "url": made.url, "model": made.model}
        if key:
            self.secrets.set(_key_name(name), key)
        elif key is not None:
            self.secrets.delete(_key_name(name))
        rest = [one for one in self.all if one["name"] != name]
        self._set(_LIST, [*rest, written])
        self.changed.emit()

    def remove(self, name: str) -> None:
        """Drops an endpoint and its key."""
        self.secrets.delete(_key_name(name))
        self._set(_LIST, [one for one in self.all if one["name"] != name])
        self.changed.emit()

    def _get(self, name: str, default: Any) -> Any:
        return self._settings.get(name, default) if self._settings is not None else self._kept.get(name, default)

    def _set(self, name: str, value: Any) -> None:
        if self._settings is not None:
            self._settings.set(name, value)
        else:
            self._kept[name] = value

    def has_key(self, name: str) -> bool:
        """Whether a key is kept for it."""
        return bool(self.secrets.get(_key_name(name)))

    def endpoint(self) -> Any:
        """The chosen one as a `ModelEndpoint` with its key, or None. Asks the keychain: not for the Qt thread."""
        facts = self.chosen
        if facts is None:
            return None
        from wireglass.client.responders import ModelEndpoint

        return ModelEndpoint.from_json(facts, key=self.secrets.get(_key_name(facts["name"])) or "")


def _key_name(name: str) -> str:
    return f"model-key:{name}"
