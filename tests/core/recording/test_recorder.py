"""The always-on recording: bounded memory, exact while fresh, masked on disk, there after a crash."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wireglass.protocol.messages import Frame, request, result
from wireglass.recording import recorder as recorder_module
from wireglass.recording.ledger import RECENT, Ledger
from wireglass.recording.masking import MASK, Masker
from wireglass.recording.recorder import Recorder, trim
from wireglass.recording.recovery import discard, leftovers, recover


def frame(n: int, text: str = "x") -> Frame:
    message = request(n, "tools/call", {"name": "a", "arguments": {"text": text, "password": f"secret{n}"}})
    return Frame("client", "stdio", json.dumps(message), message, n)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(tmp_path / "rings", masker=Masker(), application="t")
    yield made
    made.close()


def test_fresh_frames_are_exact_and_old_ones_come_masked_from_disk(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "KEPT_BYTES", 1000)
    ledger = Ledger(recorder)
    for n in range(RECENT + 200):
        ledger.append(frame(n), "desk")
    assert recorder.flush()
    assert "secret711" in json.dumps(ledger.entries[-1].message)
    recorder.close(keep=True)  # the thread has let go of what is on disk
    assert len(recorder._kept) < 20


def test_reading_back_from_disk(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "KEPT_BYTES", 0)
    monkeypatch.setattr(recorder_module, "SEGMENT_BYTES", 2000)
    ledger = Ledger(recorder)
    for n in range(RECENT + 100):
        ledger.append(frame(n), "desk")
    assert recorder.flush()
    recorder._let_go()
    first = ledger.entries[0]
    assert first.message["params"]["arguments"] == {"text": "x", "password": MASK}
    assert first.exchange is not None
    assert len(list(recorder._folder.glob("*.wglass"))) > 10
    ledger.forget(RECENT)
    with pytest.raises(LookupError):
        recorder.read(0)
    assert len(list(recorder._folder.glob("*.wglass"))) < 30
    assert ledger.entries[0].raw


def test_nothing_unmasked_reaches_the_disk(recorder: Recorder) -> None:
    recorder.describe("desk", {"env": {"TOKEN": "planted-env"}})
    ledger = Ledger(recorder)
    ledger.append(frame(1, "ghp_0123456789abcdefghij0123456789abcdef"), "desk")
    recorder.describe("desk", {"env": {"TOKEN": "planted-env"}})
    recorder.flush()
    recorder.close(keep=True)
    written = b"".join(path.read_bytes() for path in recorder._folder.glob("*.wglass"))
    assert b"tools/call" in written
    assert b"secret1" not in written
    assert b"ghp_0" not in written
    assert b"planted" not in written


def test_a_clean_end_leaves_nothing(recorder: Recorder, tmp_path: Path) -> None:
    Ledger(recorder).append(frame(1), "desk")
    assert leftovers(tmp_path / "rings") == []
    recorder.close()
    recorder.close()
    assert list((tmp_path / "rings").iterdir()) == []
    assert leftovers(tmp_path / "rings") == []
    assert leftovers(tmp_path / "none") == []


CRASHING = """
import json, os, signal, sys
from pathlib import Path
from wireglass.protocol.messages import Frame, request
from wireglass.recording import recorder as module
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
module.SEGMENT_BYTES = 20_000
recorder = module.Recorder(Path(sys.argv[1]), masker=Masker(), application="t")
recorder.describe("desk", {"version": "2025-11-25"})
ledger = Ledger(recorder)
for n in range(1000):
    message = request(n, "tools/call", {"name": "a"})
    ledger.append(Frame("client", "stdio", json.dumps(message), message, n), "desk")
recorder.flush()
os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
"""


def test_what_a_killed_process_recorded_is_found_and_opened(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASHING, str(tmp_path)], check=False, timeout=60)
    (left,) = leftovers(tmp_path)
    session = recover(left)
    assert [entry.id for entry in session.ledger.entries] == list(range(1000))
    assert session.connections["desk"] == {"version": "2025-11-25"}
    assert session.problems == []
    last = sorted(left.glob("*.wglass"))[-1]
    last.write_bytes(last.read_bytes()[:-10])
    again = recover(left)
    assert len(again.ledger.entries) == 999
    assert again.problems
    discard([left])
    assert leftovers(tmp_path) == []


def test_a_failing_disk_is_said_and_recording_goes_on_in_memory(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Recorder, place: int) -> tuple[int, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Recorder, "_segment_for", refuse)
    ledger = Ledger(recorder)
    ledger.append(frame(1), "desk")
    recorder.flush()
    ledger.append(frame(2), "desk")
    assert "No space left" in recorder.problem
    assert ledger.entries[1].raw == frame(2).raw


def test_trimming_keeps_to_age_and_size(recorder: Recorder) -> None:
    ledger = Ledger(recorder)
    for n in range(100):
        ledger.append(frame(n), "desk")
    trim(ledger, newest_ns=100, keep_ns=1000, keep_bytes=1 << 30)
    assert len(ledger.entries) == 100
    trim(ledger, newest_ns=100, keep_ns=50, keep_bytes=1 << 30)
    assert ledger.entries[0].at_ns == 50
    trim(ledger, newest_ns=100, keep_ns=1000, keep_bytes=ledger.bytes // 2)
    assert len(ledger.entries) == 25


def test_answers_are_paired_while_the_recorder_writes(recorder: Recorder) -> None:
    ledger = Ledger(recorder)
    for n in range(50):
        ledger.append(frame(n), "desk")
        answer = result(n, {})
        ledger.append(Frame("server", "stdio", json.dumps(answer), answer, n), "desk")
    assert all(exchange.status == "ok" for exchange in ledger.exchanges)
