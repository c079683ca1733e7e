"""Long work stops between its pieces where an application asks for it (our choice: a window in the same process)."""

from collections.abc import Iterator

import pytest

from wireglass import breaks
from wireglass.protocol import piecewise
from wireglass.recording.masking import Masker
from wireglass.recording.sweeping import pieces

MEGABYTES = "some words of a long text, and a token " * 100_000


@pytest.fixture
def pauses() -> Iterator[list[int]]:
    made: list[int] = []
    breaks.at_pause(lambda: made.append(1))
    yield made
    breaks.at_pause(None)


def test_nothing_happens_without_an_application() -> None:
    breaks.pause()


@pytest.mark.parametrize(
    "text",
    [
        f'["{MEGABYTES}"]',
        f'{{"{MEGABYTES}": 1, "b": 2}}',
        f'["\\n{MEGABYTES}"]',
        f"[{', '.join(map(str, range(300_000)))}]",
    ],
    ids=["text", "name", "escapes", "numbers"],
)
def test_a_long_message_is_read_with_pauses(text: str, pauses: list[int]) -> None:
    piecewise.load(text)
    assert len(pauses) >= len(text) // (1 << 20)


def test_a_long_text_is_masked_with_pauses(pauses: list[int]) -> None:
    Masker(["a secret"]).text(MEGABYTES)
    masked = len(pauses)
    list(pieces(MEGABYTES))
    assert masked > 5 * (len(pauses) - masked) >= 5 * (len(MEGABYTES) >> 18)
