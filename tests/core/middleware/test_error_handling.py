"""Errors: passed, mapped, masked, counted, told, tried again."""

import logging
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, McpError, ToolError
from wireglass.middleware.base import Middleware, MiddlewareContext
from wireglass.middleware.error_handling import ErrorHandlingMiddleware, RetryMiddleware
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio


def context(method: str = "tools/call") -> MiddlewareContext[Any]:
    return MiddlewareContext(message={}, method=method)


def failing(error: Exception) -> Any:
    async def call_next(given: MiddlewareContext[Any]) -> Any:
        raise error

    return call_next


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("x"), INVALID_PARAMS),
        (TypeError("x"), INVALID_PARAMS),
        (FileNotFoundError("x"), -32001),
        (PermissionError("x"), -32000),
        (TimeoutError("x"), -32000),
        (RuntimeError("x"), INTERNAL_ERROR),
    ],
)
async def test_exceptions_become_json_rpc_errors(error: Exception, code: int) -> None:
    with pytest.raises(McpError) as caught:
        await ErrorHandlingMiddleware()(context(), failing(error))
    assert caught.value.code == code
    assert "x" in str(caught.value)
    assert caught.value.__cause__ is error


async def test_own_codes_masking_and_no_change() -> None:
    with pytest.raises(McpError) as caught:
        await ErrorHandlingMiddleware(codes={LookupError: 42})(context(), failing(LookupError("x")))
    assert caught.value.code == 42
    with pytest.raises(McpError) as caught:
        await ErrorHandlingMiddleware(mask_error_details=True)(context(), failing(RuntimeError("secret")))
    assert "secret" not in str(caught.value)
    with pytest.raises(RuntimeError):
        await ErrorHandlingMiddleware(transform_errors=False)(context(), failing(RuntimeError("x")))


async def test_errors_meant_for_the_client_pass_and_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = []

    async def tell(error: Exception, given: MiddlewareContext[Any]) -> None:
        told.append((type(error).__name__, given.method))
        raise RuntimeError("the callback fails too")

    handling = ErrorHandlingMiddleware(include_traceback=True, error_callback=tell)
    mcp = FastMCP("s", middleware=[handling])

    @mcp.tool
    def bad() -> str:
        raise ToolError("as written")

    with caplog.at_level(logging.ERROR, "fastmcp.errors"):
        async with create_test_client(mcp) as client:
            result = await client.call_tool("bad", raise_on_error=False)
    assert result.is_error
    assert result.content[0].text == "as written"
    assert handling.get_error_stats() == {"ToolError:tools/call": 1}
    assert told == [("ToolError", "tools/call")]
    assert "Traceback" in caplog.text
    assert "callback failed" in caplog.text


async def test_the_cause_of_a_tool_error_is_counted() -> None:
    handling = ErrorHandlingMiddleware()
    mcp = FastMCP("s", middleware=[handling])

    @mcp.tool
    def bad() -> str:
        raise KeyError("k")

    async with create_test_client(mcp) as client:
        await client.call_tool("bad", raise_on_error=False)
    assert handling.get_error_stats() == {"KeyError:tools/call": 1}


async def test_an_error_of_another_middleware_reaches_the_client_in_one_form() -> None:
    class Broken(Middleware):
        async def on_call_tool(self, context: Any, call_next: Any) -> Any:
            raise ValueError("bad input")

    mcp = FastMCP("s", middleware=[ErrorHandlingMiddleware(), Broken()])
    mcp.tool(lambda: "x", name="a")
    async with create_test_client(mcp) as client:
        with pytest.raises(McpError) as caught:
            await client.call_tool("a")
    assert caught.value.code == INVALID_PARAMS


class Passing(Exception):
    pass


@pytest.mark.parametrize(("failures", "works"), [(0, True), (2, True), (3, False)])
async def test_passing_errors_are_tried_again(failures: int, works: bool) -> None:
    mcp = FastMCP("s", middleware=[RetryMiddleware(max_retries=2, base_delay=0.001, retry_exceptions=(Passing,))])
    calls: list[int] = []

    @mcp.tool
    def flaky() -> str:
        calls.append(1)
        if len(calls) <= failures:
            raise Passing("later")
        return "ok"

    async with create_test_client(mcp) as client:
        result = await client.call_tool("flaky", raise_on_error=False)
    assert result.is_error is not works
    assert len(calls) == min(failures + 1, 3)


async def test_other_errors_are_not_tried_again() -> None:
    mcp = FastMCP("s", middleware=[RetryMiddleware(base_delay=0.001)])
    calls: list[int] = []

    @mcp.tool
    def bad() -> str:
        calls.append(1)
        raise ValueError("no")

    async with create_test_client(mcp) as client:
        await client.call_tool("bad", raise_on_error=False)
    assert calls == [1]


def test_pauses_grow_and_end() -> None:
    retry = RetryMiddleware(base_delay=1, backoff_multiplier=2, max_delay=5)
    for attempt, longest in enumerate([1, 2, 4, 5, 5]):
        assert 0.75 * longest <= retry._pause(attempt) <= longest
