"""Secrets in the keychain of the operating system. The only module that knows `keyring`.

Where there is no keychain, or it is locked, secrets live until the process ends and `problem` says so.
"""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["KEY_VARIABLES", "Secrets", "on_secret", "storage_key", "tell_secret"]

KEY_VARIABLES = ("WIREGLASS_STORAGE_KEY", "STORAGE_ENCRYPTION_KEY")
"""Environment variables that hold the key of encrypted storage. Several keys, newest first, are separated by commas."""


_watchers: list[Callable[[str], object]] = []
_seen: set[str] = set()


def on_secret(watcher: Callable[[str], object]) -> Callable[[], None]:
    """Calls `watcher` with every secret that this process has read or kept, those before now too: for masking.

    Returns a function that ends it.
    """
    _watchers.append(watcher)
    for value in tuple(_seen):
        watcher(value)

    def stop() -> None:
        if watcher in _watchers:
            _watchers.remove(watcher)

    return stop


def tell_secret(value: str) -> None:
    """Has a secret masked that was never kept here under a name of its own, such as a fresh access token."""
    if value:
        _met(value)


def _met(value: str) -> None:
    if value not in _seen:
        _seen.add(value)
        for watcher in tuple(_watchers):
            watcher(value)


class Secrets:
    """Texts by name, of one `service`. `backend` is a keyring backend; by default that of the system."""

    def __init__(self, service: str = "wireglass", *, backend: Any = None) -> None:
        self._service = service
        self._session: dict[str, str] = {}
        self.problem = ""
        """Why nothing is kept beyond this process, a sentence; or empty."""
        self._backend = backend if backend is not None else self._find()

    def get(self, name: str) -> str | None:
        """The secret of this name, or None."""
        if name in self._session or self._backend is None:
            return self._session.get(name)
        try:
            found = self._backend.get_password(self._service, name)
        except Exception as error:  # boundary: each backend has exceptions of its own
            self._lost(error)
            return None
        if found is not None:
            _met(found)
        return found

    def set(self, name: str, value: str) -> None:
        """Keeps a secret. When the keychain refuses, until the process ends."""
        _met(value)
        if self._backend is not None:
            try:
                self._backend.set_password(self._service, name, value)
            except Exception as error:  # boundary: as above
                self._lost(error)
            else:
                self._session.pop(name, None)
                self.problem = ""
                return
        self._session[name] = value

    def delete(self, name: str) -> None:
        """Forgets a secret; one that is not there is fine."""
        self._session.pop(name, None)
        if self._backend is None or self.get(name) is None:
            return
        try:
            self._backend.delete_password(self._service, name)
        except Exception as error:  # boundary: as above
            self._lost(error)

    def values(self) -> tuple[str, ...]:
        """The secrets that are only in this process, for masking."""
        return tuple(self._session.values())

    def _find(self) -> Any:
        try:
            import keyring
            import keyring.backends.fail
            import keyring.backends.null
        except ImportError:
            self.problem = 'No keychain is used: install "wireglass[keyring]". Secrets are kept until you quit.'
            return None
        backend = keyring.get_keyring()
        if isinstance(backend, keyring.backends.fail.Keyring | keyring.backends.null.Keyring):
            self.problem = "This system has no keychain. Secrets are kept until you quit."
            return None
        return backend

    def _lost(self, error: Exception) -> None:
        locked = "lock" in type(error).__name__.lower() or "lock" in str(error).lower()
        reason = "is locked" if locked else f"cannot be used ({type(error).__name__})"
        self.problem = f"The keychain {reason}, so secrets are kept until you quit."


def storage_key(secrets: Secrets, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The keys of encrypted storage, newest first: from the environment, else from the keychain, where one is made."""
    for variable in KEY_VARIABLES:
        keys = [one.strip() for one in environment.get(variable, "").split(",") if one.strip()]
        if keys:
            return keys
    kept = secrets.get("storage-key")
    if kept is None:
        kept = urlsafe_b64encode(os.urandom(32)).decode("ascii")
        secrets.set("storage-key", kept)
    return kept.split(",")
