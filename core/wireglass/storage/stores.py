"""Key-value stores by name: one facade over py-key-value-aio, with the spellings that server authors use.

`from wireglass.storage.stores import RedisStore` loads the driver then, and not before. A driver that is not installed
still imports; making the store says which extra to install. All stores have `get`, `put`, `delete` and their `_many`
forms with `collection=` and `ttl=` in seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wireglass.errors import WireglassError
from wireglass.tracing import active, span

if TYPE_CHECKING:
    from key_value.aio.protocols.key_value import AsyncKeyValue as Store

__all__ = ["MissingDriver", "Store", "default_store", "open_store"]


class MissingDriver(WireglassError, ImportError):
    """The Python package that a store needs is not installed; the next step is the command that installs it."""

    def __init__(self, store: str, extra: str, reason: object = "") -> None:
        step = f'Install it: pip install "wireglass[{extra}]"'
        super().__init__(f"{store} needs a driver that is not installed. {step}", next_step=step)
        self.reason = str(reason)


@dataclass(frozen=True, slots=True)
class _Backend:
    """How one store is made: where its class is, what installs its driver, and which spellings we add."""

    module: str
    extra: str
    spellings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Our name for a parameter, by the library's."""
    presets: Mapping[str, Any] = field(default_factory=dict[str, Any])
    positional: str | None = None
    """The parameter that may be given without a name."""
    prepare: Callable[[dict[str, Any]], None] | None = None


def _number_port(options: dict[str, Any]) -> None:
    """Ports come from environment variables as text, and passwords that are not set as empty text."""
    for name in ("port", "db"):
        if isinstance(options.get(name), str):
            options[name] = int(options[name])
    if options.get("password") == "":
        options["password"] = None
    if options.get("host") is None:
        options.pop("host", None)


def _mongo_url(options: dict[str, Any]) -> None:
    if "host" not in options and "port" not in options:
        return
    host, port = options.pop("host", None) or "localhost", options.pop("port", None) or 27017
    options.setdefault("url", host if "://" in str(host) else f"mongodb://{host}:{port}")


def _elastic_url(options: dict[str, Any]) -> None:
    hosts = options.pop("hosts", None)
    if hosts:
        options.setdefault("url", hosts[0] if isinstance(hosts, list) else hosts)


_BACKENDS: Final[dict[str, _Backend]] = {
    "MemoryStore": _Backend("memory", "memory", {"max_entries": "max_entries_per_collection"}),
    "DiskStore": _Backend("disk", "disk", {"path": "directory"}, positional="directory"),
    "RedisStore": _Backend("redis", "redis", positional="url", prepare=_number_port),
    "DynamoDBStore": _Backend(
        "dynamodb", "dynamodb", {"table": "table_name", "region": "region_name"}, positional="table_name"
    ),
    "MongoDBStore": _Backend(
        "mongodb",
        "mongodb",
        {
            "database": "db_name",
            "database_name": "db_name",
            "collection": "coll_name",
            "connection_string": "url",
            "uri": "url",
        },
        {"db_name": "wireglass"},
        positional="url",
        prepare=_mongo_url,
    ),
    "ElasticsearchStore": _Backend(
        "elasticsearch",
        "elasticsearch",
        {"index": "index_prefix"},
        {"index_prefix": "wireglass"},
        positional="url",
        prepare=_elastic_url,
    ),
    "MemcachedStore": _Backend("memcached", "memcached", positional="host", prepare=_number_port),
    "RocksDBStore": _Backend("rocksdb", "rocksdb", {"directory": "path"}, positional="path"),
    "ValkeyStore": _Backend("valkey", "valkey", positional="host", prepare=_number_port),
}
"""Names that this module has besides those in `__all__`; `FernetEncryptionWrapper` too."""


def __getattr__(name: str) -> Any:
    if name in _BACKENDS:
        return _store_class(name)
    if name in ("FernetEncryptionWrapper", "AsyncKeyValue"):
        module = "wireglass.storage.encryption" if name.startswith("Fernet") else "key_value.aio.protocols.key_value"
        return getattr(import_module(module), name)
    if name == "Store":
        return import_module("key_value.aio.protocols.key_value").AsyncKeyValue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _store_class(name: str) -> type[Any]:
    """The library's class with our spellings; or, without its driver, a class that says so when it is made."""
    backend = _BACKENDS[name]
    try:
        library = getattr(import_module(f"key_value.aio.stores.{backend.module}"), name)
    except ImportError as error:
        reason = str(error)

        def refuse(self: Any, *args: Any, **options: Any) -> None:
            raise MissingDriver(name, backend.extra, reason)

        return type(
            name, (), {"__init__": refuse, "__module__": __name__, "__doc__": f"Needs wireglass[{backend.extra}]."}
        )

    def make(self: Any, *args: Any, **options: Any) -> None:
        library.__init__(self, **_options(name, backend, args, options))

    members = {
        **{method: _timed(library, name, method) for method in _TIMED if hasattr(library, method)},
        "__init__": make,
        "__module__": __name__,
        "__doc__": library.__doc__,
        # The library warns that some of its stores may still change; users of ours can do nothing about it.
        "_warn_about_stability": lambda self: None,
    }
    return type(name, (library,), members)


_TIMED = ("get", "get_many", "put", "put_many", "delete", "delete_many", "ttl")
"""What a store does for a request, and what the timeline shows of it when the request asked for its times."""


def _timed(library: type[Any], store: str, method: str) -> Callable[..., Any]:
    plain: Any = getattr(library, method)

    @wraps(plain)
    async def timed(self: Any, *args: Any, **options: Any) -> Any:
        if not active():
            return await plain(self, *args, **options)
        with span(f"{store} {method}", "storage"):
            return await plain(self, *args, **options)

    return timed


def _options(name: str, backend: _Backend, args: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    given = dict(options)
    for first, name_of_first in zip(args, [backend.positional], strict=False):
        if len(args) > 1 or name_of_first is None:
            raise TypeError(f"{name} takes its parameters by name.")
        given[name_of_first] = first
    for ours, theirs in backend.spellings.items():
        if ours in given:
            if theirs in given:
                raise TypeError(f"{name} got both {ours} and {theirs}, which are the same.")
            given[theirs] = given.pop(ours)
    if backend.prepare is not None:
        backend.prepare(given)
    return {**backend.presets, **given}


def open_store(spelled: str) -> Store:
    """A store from text, for settings and command lines.

    "memory", "disk:/path", "rocksdb:/path", "redis://host:6379/0", "rediss://...", "valkey://host:6379",
    "mongodb://...", "memcached://host:11211", "elasticsearch+http://host:9200", "dynamodb:table". Raises ValueError for
    anything else and MissingDriver.
    """
    scheme, _, rest = spelled.partition(":")
    host, _, port = rest.removeprefix("//").rstrip("/").partition(":")
    match scheme:
        case "memory":
            return _store_class("MemoryStore")()
        case "disk":
            return _store_class("DiskStore")(path=rest)
        case "rocksdb":
            return _store_class("RocksDBStore")(path=rest)
        case "redis" | "rediss":
            return _store_class("RedisStore")(url=spelled)
        case "mongodb" | "mongodb+srv":
            return _store_class("MongoDBStore")(url=spelled)
        case "valkey":
            return _store_class("ValkeyStore")(host=host, port=port or 6379)
        case "memcached":
            return _store_class("MemcachedStore")(host=host, port=port or 11211)
        case "elasticsearch+http" | "elasticsearch+https":
            return _store_class("ElasticsearchStore")(url=spelled.removeprefix("elasticsearch+"))
        case "dynamodb":
            return _store_class("DynamoDBStore")(table_name=rest)
        case _:
            raise ValueError(
                f'"{spelled}" names no store. Known: memory, disk:/path, rocksdb:/path, redis://, valkey://, '
                "mongodb://, memcached://, elasticsearch+http://, dynamodb:table."
            )


def default_store(name: str, *, platform: str = sys.platform, folder: Path | None = None) -> Store:
    """The store of a server that names none: memory on Linux; elsewhere a disk store in the user's data folder.

    The disk store is encrypted with a key from the keyring. Where there is no keyring, nothing that would need it is
    written: memory again.
    """
    if platform not in ("darwin", "win32"):
        return _store_class("MemoryStore")()
    from wireglass.storage.encryption import FernetEncryptionWrapper
    from wireglass.storage.keychain import Secrets, storage_key

    secrets = Secrets()
    if secrets.problem:
        return _store_class("MemoryStore")()
    key = storage_key(secrets)
    if folder is None:
        from platformdirs import user_data_path

        folder = user_data_path("wireglass") / "storage"
    return FernetEncryptionWrapper(_store_class("DiskStore")(path=folder / _file_name(name)), fernet=key)


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:80] or "server"
