"""Secrets: in the keychain, or for this process only, and said so."""

import pytest
from cryptography.fernet import Fernet

from wireglass.storage.keychain import Secrets, on_secret, storage_key


class Chain:
    """A keychain that can be locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("keychain is locked")

    def get_password(self, service: str, name: str) -> str | None:
        self._check()
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self._check()
        self.kept[service, name] = value

    def delete_password(self, service: str, name: str) -> None:
        self._check()
        del self.kept[service, name]


def test_secrets_are_in_the_keychain() -> None:
    chain = Chain()
    secrets = Secrets("svc", backend=chain)
    secrets.set("a", "1")
    assert chain.kept == {("svc", "a"): "1"}
    assert Secrets("svc", backend=chain).get("a") == "1"
    secrets.delete("a")
    secrets.delete("a")
    assert secrets.get("a") is None
    assert secrets.problem == ""


def test_a_locked_keychain_keeps_them_until_the_end_and_says_so() -> None:
    chain = Chain()
    chain.locked = True
    secrets = Secrets("svc", backend=chain)
    secrets.set("a", "1")
    assert secrets.get("a") == "1"
    assert "locked" in secrets.problem
    assert secrets.values() == ("1",)
    assert secrets.get("b") is None
    secrets.delete("a")
    assert secrets.get("a") is None
    chain.locked = False
    secrets.set("a", "2")
    assert secrets.values() == ()


def test_the_storage_key_comes_from_the_environment_else_the_keychain() -> None:
    secrets = Secrets("svc", backend=Chain())
    assert storage_key(secrets, {"STORAGE_ENCRYPTION_KEY": "new, old"}) == ["new", "old"]
    (made,) = storage_key(secrets, {})
    Fernet(made)
    assert storage_key(secrets, {}) == [made]


def test_without_a_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    import keyring.backends.fail

    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    secrets = Secrets()
    assert "no keychain" in secrets.problem
    secrets.set("a", "1")
    assert secrets.get("a") == "1"


def test_whoever_masks_hears_of_every_secret_also_of_earlier_ones() -> None:
    """Issue 7: values from the keyring never appear in a saved file."""
    heard: list[str] = []
    secrets = Secrets(backend=Chain())
    secrets.set("model-key", "sesame-9d1f")
    stop = on_secret(heard.append)
    assert "sesame-9d1f" in heard
    secrets.set("other", "sesame-77aa")
    assert heard.count("sesame-77aa") == 1
    secrets.get("other")
    assert heard.count("sesame-77aa") == 1
    stop()
    secrets.set("third", "sesame-0000")
    assert "sesame-0000" not in heard
