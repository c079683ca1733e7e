"""A reader that is slow loses nothing and holds nobody up; one that is gone is named."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from wireglass.errors import TransportClosed
from wireglass.wire.pipe_writer import PipeWriter

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")]

BIG = 3 << 20
"""More than a pipe holds, and than may wait before it counts as full."""


class Pipe:
    """Both ends of a pipe; `room` is set when the writer tells of room."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.room = asyncio.Event()
        self.writer = PipeWriter(self.writing, asyncio.get_running_loop(), self.room.set)

    async def read(self, size: int) -> bytes:
        """Reads in a thread, as another process would."""
        data = b""
        while len(data) < size:
            data += await asyncio.to_thread(os.read, self.reading, size - len(data))
        return data

    def close(self) -> None:
        self.writer.drop()
        for descriptor in (self.reading, self.writing):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
async def pipe() -> AsyncIterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


async def test_what_fits_leaves_at_once(pipe: Pipe) -> None:
    pipe.writer.write(b"small")
    assert not pipe.writer.is_waiting
    assert await pipe.read(5) == b"small"


async def test_what_does_not_fit_waits_in_order(pipe: Pipe) -> None:
    """Whoever sends more than a megabyte ahead of the reader is told, and told again when there is room."""
    pipe.writer.write(b"a" * BIG)
    pipe.writer.write(b"b" * 10)
    assert pipe.writer.is_full
    read = await asyncio.wait_for(pipe.read(BIG + 10), 30)
    assert read == b"a" * BIG + b"b" * 10
    await asyncio.wait_for(pipe.room.wait(), 30)
    assert not pipe.writer.is_full


async def test_pieces_are_made_as_the_reader_takes_them(pipe: Pipe) -> None:
    made: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(300):
            made.append(number)
            yield bytes([number % 256]) * 100_000

    pipe.writer.write_pieces(pieces())
    pipe.writer.write(b"after")
    assert pipe.writer.is_full
    assert len(made) < 300, "the rest is made when there is room"
    read = await asyncio.wait_for(pipe.read(300 * 100_000 + 5), 60)
    assert read == b"".join(bytes([number % 256]) * 100_000 for number in range(300)) + b"after"


async def test_a_reader_that_is_gone_is_named(pipe: Pipe) -> None:
    os.close(pipe.reading)
    pipe.reading = -1
    with pytest.raises(TransportClosed):
        pipe.writer.write(b"nobody")


async def test_what_waits_can_be_dropped(pipe: Pipe) -> None:
    pipe.writer.write(b"a" * BIG)
    pipe.writer.drop()
    assert not pipe.writer.is_waiting
    assert not pipe.writer.is_full


async def test_a_pipe_blocks_again_when_it_is_given_back(pipe: Pipe) -> None:
    assert not os.get_blocking(pipe.writing)
    pipe.writer.restore()
    assert os.get_blocking(pipe.writing)
