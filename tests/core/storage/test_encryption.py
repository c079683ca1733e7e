"""Encrypted storage: values unreadable, keys rotated, nothing foreign served."""

import logging

import pytest
from cryptography.fernet import Fernet, MultiFernet
from key_value.aio.errors import DecryptionError

from wireglass.storage import stores
from wireglass.storage.encryption import FernetEncryptionWrapper, fernet_of

pytestmark = pytest.mark.anyio


async def test_values_are_unreadable_in_the_store() -> None:
    inner = stores.MemoryStore()
    store = FernetEncryptionWrapper(key_value=inner, fernet=Fernet(Fernet.generate_key()))
    await store.put("k", {"a": "planted"}, ttl=60)
    assert "planted" not in str(await inner.get("k"))
    assert await store.get("k") == {"a": "planted"}
    value, ttl = await store.ttl("k")
    assert value == {"a": "planted"}
    assert ttl is not None


async def test_keys_are_rotated() -> None:
    inner = stores.MemoryStore()
    old, new = Fernet.generate_key(), Fernet.generate_key().decode()
    await FernetEncryptionWrapper(inner, fernet=old).put("k", {"a": 1})
    rotated = FernetEncryptionWrapper(inner, fernet=[new, old])
    assert await rotated.get("k") == {"a": 1}
    await rotated.put("k2", {"a": 2})
    assert await FernetEncryptionWrapper(inner, fernet=new).get("k2") == {"a": 2}
    assert await FernetEncryptionWrapper(inner, fernet=new).get("k") is None


async def test_foreign_plain_and_damaged_entries_are_reported_once_and_never_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner = stores.MemoryStore()
    await inner.put("plain", {"a": 1})
    await inner.put("damaged", {"__encrypted_data__": "!!", "__encryption_version__": 1})
    await inner.put("odd", {"__encrypted_data__": 3})
    await FernetEncryptionWrapper(inner, fernet=Fernet.generate_key()).put("foreign", {"a": 1})
    store = FernetEncryptionWrapper(inner, fernet=Fernet.generate_key())
    await store.put("good", {"a": 1})
    names = ["plain", "damaged", "odd", "foreign", "good", "missing"]
    with caplog.at_level(logging.WARNING, "wireglass.storage"):
        for _ in range(2):
            assert await store.get_many(names) == [None, None, None, None, {"a": 1}, None]
    assert len(caplog.records) == 4
    strict = FernetEncryptionWrapper(inner, fernet=Fernet.generate_key(), raise_on_decryption_error=True)
    with pytest.raises(DecryptionError):
        await strict.get("plain")


async def test_a_key_from_a_password() -> None:
    inner = stores.MemoryStore()
    store = FernetEncryptionWrapper(inner, source_material="long password", salt="s")
    await store.put("k", {"a": 1})
    assert await store.get("k") == {"a": 1}


def test_bad_keys_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="generate_key"):
        fernet_of("short")
    with pytest.raises(ValueError, match="At least one"):
        fernet_of([])
    multi = MultiFernet([Fernet(Fernet.generate_key())])
    assert fernet_of(multi) is multi
