"""Uses one store as the runtime does, in an environment that has its driver: `use_store.py KIND JSON-OPTIONS`.

Prints one JSON object: what came back. Run twice, the second run finds what the first one left.
"""

import asyncio
import json
import sys
from typing import Any

from wireglass.middleware.kept import KeptAnswers
from wireglass.server.stored_state import StateStore
from wireglass.storage import stores
from wireglass.storage.encryption import FernetEncryptionWrapper

KEY, OTHER = "A" * 43 + "=", "B" * 42 + "A="


async def main(kind: str, options: dict[str, Any]) -> None:
    found: dict[str, Any] = {}
    async with getattr(stores, kind)(**options) as store:
        found["left before"] = await store.get("left", collection="c")
        await store.put("left", {"n": 1, "deep": {"list": [1, "ü", None, 2.5]}}, collection="c")
        found["value"] = await store.get("left", collection="c")
        found["elsewhere"] = await store.get("left", collection="d")
        await store.put_many(["a", "b"], [{"n": 1}, {"n": 2}], collection="c", ttl=500)
        found["many"] = await store.get_many(["a", "nothing", "b"], collection="c")
        value, ttl = await store.ttl("a", collection="c")
        found["ttl"] = [value, ttl is not None and 400 < ttl <= 500]
        await store.put("short", {"n": 1}, collection="c", ttl=0.2)
        await asyncio.sleep(1.3)
        found["expired"] = await store.get("short", collection="c")
        found["deleted"] = [await store.delete("a", collection="c"), await store.get("a", collection="c")]

        sealed = FernetEncryptionWrapper(key_value=store, fernet=KEY)
        await sealed.put("s", {"a": "planted"}, collection="c")
        found["readable"] = "planted" in str(await store.get("s", collection="c"))
        found["sealed"] = await sealed.get("s", collection="c")
        rotated = FernetEncryptionWrapper(key_value=store, fernet=[OTHER, KEY])
        found["rotated"] = await rotated.get("s", collection="c")
        found["foreign"] = await FernetEncryptionWrapper(key_value=store, fernet=OTHER).get("s", collection="c")

        state = StateStore(store, "shop")
        found["state before"] = await state.load("session:1")
        await state.write("session:1", {"who": "Ada", "n": [1, {"x": None}]})
        found["state"] = await StateStore(store, "shop").load("session:1")
        found["state of another"] = await state.load("session:2")

        cache = KeptAnswers(store)
        missed = await cache.look_up("shop", "tools/call", "k")
        await cache.keep(missed, "tools/call", "k", {"content": []}, 60)
        found["cached"] = (await KeptAnswers(store).look_up("shop", "tools/call", "k")).answer
    print(json.dumps(found))


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
