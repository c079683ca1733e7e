"""As much of Elasticsearch's document API as its Python client needs to store and find: `small_elasticsearch.py PORT`.

Elasticsearch itself cannot be had from the package registries. Documents live in memory, by index and id.
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INDICES: dict[str, dict[str, Any]] = {}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = self._parts()
        if not parts:
            return self._answer(200, {"version": {"number": "9.0.0", "build_flavor": "default"}, "tagline": "small"})
        index, _, id = parts
        if index not in INDICES:
            return self._missing_index(index)
        return self._answer(200 if id in INDICES[index] else 404, self._found(index, id))

    def do_HEAD(self) -> None:
        self._answer(200 if self._parts()[0] in INDICES else 404, None)

    def do_PUT(self) -> None:
        parts = self._parts()
        if parts[-1].startswith("_"):
            return self.do_POST()
        body = self._body()
        if len(parts) == 1:
            if parts[0] in INDICES:
                return self._answer(400, {"error": {"type": "resource_already_exists_exception"}, "status": 400})
            INDICES[parts[0]] = {}
            return self._answer(200, {"acknowledged": True, "index": parts[0]})
        index, _, id = parts
        fresh = id not in INDICES.setdefault(index, {})
        INDICES[index][id] = json.loads(body)
        return self._answer(201 if fresh else 200, {"_index": index, "_id": id, "result": "created"})

    def do_POST(self) -> None:
        parts, body = self._parts(), self._body()
        if parts[-1] == "_mget":
            ids = [doc["_id"] for doc in json.loads(body)["docs"]]
            return self._answer(200, {"docs": [self._found(parts[0], id) for id in ids]})
        if parts[-1] == "_bulk":
            return self._answer(200, {"errors": False, "took": 1, "items": self._bulk(body)})
        return self.do_PUT()

    def do_DELETE(self) -> None:
        index, _, id = self._parts()
        gone = INDICES.get(index, {}).pop(id, None)
        self._answer(404 if gone is None else 200, {"result": "not_found" if gone is None else "deleted"})

    def _bulk(self, body: bytes) -> list[dict[str, Any]]:
        lines, items = [json.loads(line) for line in body.splitlines() if line.strip()], []
        while lines:
            ((verb, where),) = lines.pop(0).items()
            index = INDICES.setdefault(where["_index"], {})
            if verb == "delete":
                gone = index.pop(where["_id"], None)
                items.append({verb: {**where, "result": "deleted" if gone else "not_found", "status": 200}})
            else:
                index[where["_id"]] = lines.pop(0)
                items.append({verb: {**where, "result": "created", "status": 201}})
        return items

    def _found(self, index: str, id: str) -> dict[str, Any]:
        source = INDICES.get(index, {}).get(id)
        more = {"found": False} if source is None else {"found": True, "_source": source}
        return {"_index": index, "_id": id, **more}

    def _missing_index(self, index: str) -> None:
        self._answer(404, {"error": {"type": "index_not_found_exception", "index": index}, "status": 404})

    def _parts(self) -> list[str]:
        return [part for part in self.path.partition("?")[0].split("/") if part]

    def _body(self) -> bytes:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        return gzip.decompress(raw) if self.headers.get("content-encoding") == "gzip" else raw

    def _answer(self, status: int, body: Any) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("x-elastic-product", "Elasticsearch")
        self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
