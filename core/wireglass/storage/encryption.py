"""Values encrypted with Fernet before they reach a store, keys left readable (so hash what is secret in a key).

Stricter than the library's wrapper: an entry that is not encrypted, was encrypted with another key, or is damaged is
reported once in the log and treated as missing. Nothing unproven is served.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, SupportsFloat, cast

from cryptography.fernet import Fernet, MultiFernet
from key_value.aio.errors import BaseKeyValueError, CorruptedDataError, DecryptionError
from key_value.aio.protocols.key_value import AsyncKeyValue
from key_value.aio.wrappers.encryption.fernet import FernetEncryptionWrapper as LibraryWrapper

__all__ = ["FernetEncryptionWrapper", "FernetKey", "fernet_of"]

log = logging.getLogger("wireglass.storage")

FernetKey = Fernet | MultiFernet | str | bytes
_MARK = "__encrypted_data__"


def fernet_of(key: FernetKey | Sequence[FernetKey]) -> Fernet | MultiFernet:
    """What encrypts and decrypts. Of several keys the first encrypts and all decrypt: that is how keys are rotated.

    Raises ValueError for a key that is no Fernet key.
    """
    if isinstance(key, Fernet | MultiFernet):
        return key
    if isinstance(key, str | bytes):
        try:
            return Fernet(key)
        except (ValueError, TypeError) as error:
            raise ValueError(
                "The encryption key is not a Fernet key (32 bytes in URL-safe Base64). "
                "Make one with cryptography.fernet.Fernet.generate_key()."
            ) from error
    keys = [fernet_of(one) for one in key]
    if not keys:
        raise ValueError("At least one encryption key is needed.")
    return MultiFernet(cast("list[Fernet]", keys))


class FernetEncryptionWrapper(LibraryWrapper):
    """Encrypts what goes into `key_value`, and serves only what it can prove to have encrypted itself.

    `fernet` is a Fernet, a key, or several of them, newest first. `source_material` and `salt` derive a key instead.
    With `raise_on_decryption_error` a foreign or damaged entry raises DecryptionError instead of counting as missing.
    """

    def __init__(
        self,
        key_value: AsyncKeyValue,
        *,
        fernet: FernetKey | Sequence[FernetKey] | None = None,
        source_material: str | None = None,
        salt: str | None = None,
        raise_on_decryption_error: bool = False,
    ) -> None:
        if fernet is not None:
            super().__init__(key_value, fernet=fernet_of(fernet), raise_on_decryption_error=True)
        else:
            super().__init__(
                key_value,
                source_material=cast("str", source_material),
                salt=cast("str", salt),
                raise_on_decryption_error=True,
            )
        self._raises = raise_on_decryption_error
        self._reported: set[tuple[str | None, str]] = set()

    async def get(self, key: str, *, collection: str | None = None) -> dict[str, Any] | None:
        return (await self.get_many([key], collection=collection))[0]

    async def get_many(self, keys: Sequence[str], *, collection: str | None = None) -> list[dict[str, Any] | None]:
        return [value for value, _ in await self.ttl_many(keys, collection=collection)]

    async def ttl(self, key: str, *, collection: str | None = None) -> tuple[dict[str, Any] | None, float | None]:
        return (await self.ttl_many([key], collection=collection))[0]

    async def ttl_many(
        self, keys: Sequence[str], *, collection: str | None = None
    ) -> list[tuple[dict[str, Any] | None, float | None]]:
        found: list[tuple[dict[str, Any] | None, float | None]] = []
        for key in keys:
            try:
                sealed, ttl = await self.key_value.ttl(key=key, collection=collection)
                value = self._opened(sealed)
            except (CorruptedDataError, DecryptionError, BaseKeyValueError) as error:
                if self._raises or not _is_about_the_entry(error):
                    raise
                self._report(collection, key, error)
                value, ttl = None, None
            found.append((value, None if value is None else ttl))
        return found

    async def put(
        self, key: str, value: Mapping[str, Any], *, collection: str | None = None, ttl: SupportsFloat | None = None
    ) -> None:
        self._reported.discard((collection, key))
        await super().put(key, value, collection=collection, ttl=ttl)

    def _opened(self, sealed: dict[str, Any] | None) -> dict[str, Any] | None:
        if sealed is not None and _MARK not in sealed:
            raise DecryptionError("The entry is not encrypted.")
        return self._decrypt_value(sealed)

    def _report(self, collection: str | None, key: str, error: Exception) -> None:
        place = (collection, key)
        if place not in self._reported and len(self._reported) < 1000:
            self._reported.add(place)
            log.warning(
                "An entry of the collection %r cannot be decrypted (%s) and is skipped. It was written with another "
                "key, without one, or is damaged.",
                collection,
                type(error).__name__,
            )


def _is_about_the_entry(error: Exception) -> bool:
    """Whether the entry is at fault, and not the connection to the store."""
    return type(error).__name__ in (
        "CorruptedDataError",
        "DecryptionError",
        "EncryptionVersionError",
        "DeserializationError",
    )
