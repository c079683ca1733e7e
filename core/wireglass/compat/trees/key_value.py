"""`key_value`: the reference guide's spellings beside the real `key_value.aio`, which is installed with us."""

from wireglass.compat.trees import Tree, parse_names

__all__ = ["TREE"]

_STORES = parse_names(
    """
    wireglass.storage.stores: MemoryStore DiskStore RedisStore DynamoDBStore MongoDBStore ElasticsearchStore
    wireglass.storage.stores: MemcachedStore RocksDBStore ValkeyStore
    """
)
_ENCRYPTION = parse_names("wireglass.storage.encryption: FernetEncryptionWrapper")

TREE = Tree(
    "key_value",
    "py-key-value-aio",
    frozenset({"stores", "encryption", "wrappers", "wrappers.encryption"}),
    _STORES | _ENCRYPTION,
    {"key_value.stores": _STORES, "key_value.encryption": _ENCRYPTION},
    shares_package=True,
)
