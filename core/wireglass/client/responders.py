"""Model endpoints that draft replies to sampling requests: one HTTP request each, streamed, cancelled with the await.

Nothing is asked that the user has not configured. The key travels in one header and appears in no error and no log.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from pydantic_core import from_json

from wireglass.client.model_formats import Api, Reply, body_for, reply_for
from wireglass.errors import HttpStatusError, TransportError
from wireglass.protocol.framing import SseDecoder
from wireglass.protocol.messages import JsonObject, as_object

if TYPE_CHECKING:
    import httpx

    from wireglass.client.answering import Draft

__all__ = ["ModelEndpoint", "draft", "drafting"]

_CONNECT_SECONDS: Final = 10.0
_SILENCE_SECONDS: Final = 300.0
"""Between two pieces of an answer: a local model may load for minutes before its first word."""
_LONGEST_ANSWER: Final = 8_000_000
_SHOWN: Final = 300
_PATHS: Final[dict[Api, str]] = {"openai": "/chat/completions", "anthropic": "/messages"}
_ANTHROPIC_VERSION: Final = "2023-06-01"


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """Where a model is. `url` is the base that ends in the version, for example `http://127.0.0.1:8080/v1`."""

    url: str
    model: str
    api: Api = "openai"
    name: str = ""
    key: str = field(default="", repr=False)

    @classmethod
    def from_json(cls, written: JsonObject, *, key: str = "") -> Self:
        """Reads `api`, `url`, `model` and `name`. Raises ValueError with a sentence."""
        api, url, model = written.get("api", "openai"), written.get("url"), written.get("model")
        if api not in _PATHS:
            raise ValueError(f"The api of a model is openai or anthropic, not {api!r}.")
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("The url of a model starts with http:// or https:// and names a host.")
        if not isinstance(model, str) or not model.strip():
            raise ValueError("A model needs its name, as the endpoint knows it.")
        return cls(url.strip().rstrip("/"), model.strip(), api, str(written.get("name", "")), key)

    @property
    def address(self) -> str:
        """Where requests go."""
        return self.url if self.url.endswith(_PATHS[self.api]) else self.url + _PATHS[self.api]

    def headers(self) -> dict[str, str]:
        """With the key, if there is one."""
        if self.api == "openai":
            return {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {"anthropic-version": _ANTHROPIC_VERSION} | ({"x-api-key": self.key} if self.key else {})


def drafting(endpoint: ModelEndpoint) -> "Draft":
    """A function that answers sampling requests from `endpoint`, for rules."""

    async def answer(params: JsonObject) -> JsonObject:
        return await draft(endpoint, params)

    return answer


async def draft(
    endpoint: ModelEndpoint,
    params: JsonObject,
    *,
    on_text: Callable[[str], object] | None = None,
    client: "httpx.AsyncClient | None" = None,
) -> JsonObject:
    """Asks the model and returns a `CreateMessageResult`; `on_text` gets each piece of text as it comes.

    `params` are those of `sampling/createMessage`. Cancelling the await ends the request. Raises TransportError when
    the endpoint cannot be reached or says that it failed, HttpStatusError for an answer that is no success.
    """
    import httpx

    own = client or httpx.AsyncClient(
        timeout=httpx.Timeout(_CONNECT_SECONDS, read=_SILENCE_SECONDS), follow_redirects=False
    )
    reply = reply_for(endpoint.api)
    try:
        async for event in _events(own, endpoint, body_for(endpoint.api, params, endpoint.model)):
            text = reply.feed(event)
            if text and on_text is not None:
                on_text(text)
            if reply.error:
                raise _failed(endpoint, reply)
    except httpx.HTTPError as error:
        raise TransportError(
            f"The model at {endpoint.address} cannot be reached: {_reason(error)}.",
            next_step="Check that it runs, and its address in Settings, Models.",
        ) from error
    finally:
        if client is None:
            await own.aclose()
    return reply.result(endpoint.model)


async def _events(client: "httpx.AsyncClient", endpoint: ModelEndpoint, body: JsonObject) -> AsyncIterator[Any]:
    """The JSON values of the answer, whether it is a stream of events or one document."""
    headers = {"accept": "text/event-stream, application/json", **endpoint.headers()}
    async with client.stream("POST", endpoint.address, json=body, headers=headers) as response:
        if response.status_code != 200:
            raise await _refused(endpoint, response)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            yield _value(await _whole(response), endpoint)
            return
        decoder = SseDecoder()
        async for chunk in response.aiter_bytes():
            for event in decoder.feed(chunk):
                if event.data.strip() == b"[DONE]":
                    return
                yield _value(event.data, endpoint)


async def _whole(response: "httpx.Response", limit: int = _LONGEST_ANSWER) -> bytes:
    read = bytearray()
    async for chunk in response.aiter_bytes():
        read += chunk
        if len(read) >= limit:
            break
    return bytes(read[:limit])


def _value(data: bytes, endpoint: ModelEndpoint) -> Any:
    try:
        return from_json(data)
    except ValueError as error:
        raise TransportError(
            f"The model at {endpoint.address} answered with something that is no JSON: {data[:80]!r}.",
            next_step=f"Check that it speaks the {endpoint.api} interface.",
        ) from error


async def _refused(endpoint: ModelEndpoint, response: "httpx.Response") -> HttpStatusError:
    text = (await _whole(response, 10_000)).decode(errors="replace")
    try:
        said = as_object(as_object(from_json(text)).get("error")).get("message") or text
    except ValueError:
        said = text
    words = str(said).strip()[:_SHOWN]
    if endpoint.key:
        words = words.replace(endpoint.key, "•••")
    status = response.status_code
    steps = {401: "Check the key in Settings, Models.", 403: "Check the key in Settings, Models."}
    steps[404] = "Check the address and the model's name in Settings, Models."
    return HttpStatusError(
        status,
        f"The model at {endpoint.address} answered HTTP {status}" + (f": {words}" if words else "."),
        next_step=steps.get(status, "Try again, or write the reply yourself."),
    )


def _failed(endpoint: ModelEndpoint, reply: Reply) -> TransportError:
    words = reply.error.replace(endpoint.key, "•••") if endpoint.key else reply.error
    return TransportError(
        f"The model at {endpoint.address} failed: {words}.", next_step="Try again, or write the reply yourself."
    )


def _reason(error: "httpx.HTTPError") -> str:
    return str(error) or type(error).__name__
