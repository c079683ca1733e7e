"""What recording costs: time a frame, memory and disk of a long session, opening a saved file, judging, masking.

Run: python tests/benchmarks/recording.py [FRAMES]   (default 1,000,000)
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wireglass.protocol import messages
from wireglass.protocol.messages import Frame
from wireglass.recording.archive import save
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.recorder import Recorder
from wireglass.recording.saved import open_session


def frames(number: int) -> tuple[Frame, Frame]:
    arguments = {"parcel": "x" * 200, "n": number}
    asked = messages.request(number, "tools/call", {"name": f"tool_{number % 40}", "arguments": arguments})
    answered = messages.result(number, {"content": [{"type": "text", "text": "y" * 400}]})
    at = time.perf_counter_ns()
    return (
        Frame("client", "stdio", json.dumps(asked), asked, at),
        Frame("server", "stdio", json.dumps(answered), answered, at + 1000),
    )


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def record(folder: Path, count: int) -> tuple[Ledger, Recorder, float]:
    recorder = Recorder(folder, masker=Masker(), wall_ns=time.time_ns(), clock_ns=time.perf_counter_ns())
    ledger = Ledger(recorder, wall_ns=time.time_ns(), clock_ns=time.perf_counter_ns())
    spent = 0
    for number in range(count // 2):
        pair = frames(number)
        began = time.thread_time_ns()
        ledger.append(pair[0], "desk")
        ledger.append(pair[1], "desk")
        spent += time.thread_time_ns() - began
        if number % 5_000 == 0:
            recorder.flush(600)  # a session breathes; without pauses this measures a disk that cannot keep up
    recorder.flush(600)
    return ledger, recorder, spent / count / 1000


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = resident_mb()
        ledger, recorder, per_frame = record(folder / "rings", count)
        written = sum(path.stat().st_size for path in recorder._folder.glob("*.wglass"))
        print(
            f"record   {count:>9,} frames: {per_frame:.2f} us of CPU each, {resident_mb() - before:.0f} MB more memory"
        )
        print(f"         {written / 1e6:.0f} MB on disk, problem: {recorder.problem or 'none'}")
        path = folder / "session.wglass"
        took = timed(lambda: save(ledger, path, masker=Masker(), application="benchmark"))
        print(f"save     {took:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        first: list[float] = []

        def first_page() -> None:
            session = open_session(path)
            first.append(len([(entry.method, entry.size, entry.message) for entry in session.ledger.entries[:60]]))
            first.append(len(session.ledger.entries))
            session.close()

        took = timed(first_page)
        print(f"open     {took:.2f} s to the first {first[0]:.0f} of {first[1]:,.0f} entries")
        recorder.close()
    bare = Ledger()
    judge = Judge(bare)
    pairs = [frames(number) for number in range(5_000)]
    took = timed(lambda: [judge.judge(bare.append(frame, "d")) for pair in pairs for frame in pair])
    print(f"judge    {took / 10_000 * 1e6:.1f} us a frame (recording included)")
    masker = Masker()
    took = timed(lambda: [masker.text(frame.raw) for pair in pairs for frame in pair])
    print(f"mask     {took / 10_000 * 1e6:.1f} us a frame")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
