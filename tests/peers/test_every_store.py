"""Every store, used as the runtime uses it, with its own driver and a server to talk to.

| store | server |
|---|---|
| DynamoDB | moto's server |
| MongoDB | SecantusDB, a server of MongoDB's wire protocol on WiredTiger, MongoDB's storage engine |
| Elasticsearch | our own few lines of its document API (`programs/small_elasticsearch.py`): it has no package |
| Valkey | Redis, whose protocol it speaks: its server has no package |
| RocksDB | itself, from its wheel |

Drivers and servers live in an environment of their own. Redis and Memcached are in `test_storage.py`.
"""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.environments import python_of
from peers.processes import HERE, environment, free_port, listening

pytestmark = [pytest.mark.peer, pytest.mark.slow]
LOCAL_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextlib.contextmanager
def served(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """A server for a store, and the options that reach it."""
    python, port = Path(python_of("stores")), free_port()
    local = f"http://127.0.0.1:{port}"
    match name:
        case "DynamoDBStore":
            command = [str(python.parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
            options: dict[str, Any] = {"table": "wireglass", "region": "eu-west-1", "endpoint_url": local}
        case "MongoDBStore":
            command = [str(python.parent / "secantusd-py"), "--port", str(port), "--storage-path", str(folder / "m")]
            options = {"host": "127.0.0.1", "port": port, "database": "wireglass"}
        case "ElasticsearchStore":
            command = [str(python), str(HERE / "programs" / "small_elasticsearch.py"), str(port)]
            options = {"hosts": [local]}
        case "ValkeyStore":
            if not shutil.which("redis-server"):
                pytest.skip("redis-server is not installed")
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
            options = {"host": "127.0.0.1", "port": str(port)}
        case _:
            yield {"path": str(folder / "r")}
            return
    with listening(command, port, {**environment(ours=False), **LOCAL_AWS}, folder / "log.txt"):
        yield options


def used(name: str, options: dict[str, Any]) -> dict[str, Any]:
    command = [python_of("stores"), "-W", "ignore", str(HERE / "programs" / "use_store.py"), name, json.dumps(options)]
    variables = {**environment(ours=True), **LOCAL_AWS}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


LEFT = {"n": 1, "deep": {"list": [1, "ü", None, 2.5]}}
STATE = {"who": "Ada", "n": [1, {"x": None}]}


@pytest.mark.parametrize("name", ["DynamoDBStore", "MongoDBStore", "ElasticsearchStore", "ValkeyStore", "RocksDBStore"])
def test_a_store_keeps_seals_and_forgets_as_the_runtime_needs_it(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path) as options:
        first, second = used(name, options), used(name, options)
    expected = {
        "left before": None,
        "value": LEFT,
        "elsewhere": None,
        "many": [{"n": 1}, None, {"n": 2}],
        "ttl": [{"n": 1}, True],
        "expired": None,
        "deleted": [True, None],
        "readable": False,
        "sealed": {"a": "planted"},
        "rotated": {"a": "planted"},
        "foreign": None,
        "state before": {},
        "state": STATE,
        "state of another": {},
        "cached": {"content": []},
    }
    assert first == expected
    assert second == {**expected, "left before": LEFT, "state before": STATE}, "another process finds it all"
