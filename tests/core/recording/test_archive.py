"""Session files: what was saved comes back, whatever happened to the file since."""

import json
from pathlib import Path
from typing import Any

import pytest

from wireglass.protocol import messages
from wireglass.protocol.messages import Frame, HttpFacts, Span
from wireglass.protocol.spans import SPANS_KEY, encode_spans
from wireglass.recording.archive import save
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import RECENT, Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.records import ArchiveError, Note, masked_parts, to_parts
from wireglass.recording.saved import open_session


def filled(calls: int = 5, *, forget: int = 0) -> Ledger:
    ledger = Ledger(wall_ns=1_790_000_000_000_000_000, clock_ns=1000)
    Judge(ledger).watch()

    def add(sender: Any, message: Any, at_ns: int, **facts: Any) -> None:
        raw = message if isinstance(message, str) else json.dumps(message)
        ledger.append(
            Frame(sender, "stdio", raw, None if isinstance(message, str) else message, at_ns, **facts), "desk"
        )

    http = HttpFacts("POST", "https://a.example/", 200, (("accept", "*/*"),), (), "7")
    for n in range(calls):
        params = {"name": "a", "arguments": {"n": n, "t": "ü\u2028"}, "_meta": {"progressToken": n}}
        add("client", messages.request(n, "tools/call", params), 1000 + 10 * n, queued_ns=999)
        add("server", messages.notification("notifications/progress", {"progressToken": n, "progress": 1}), 1)
        add("server", messages.result(n, {"content": 3}), 1005 + 10 * n, first_byte_ns=1002, http=http)
    add("server", "stray print", 1, error="Not JSON.")
    add("client", messages.request("open", "tools/call", {"name": "a"}), 1)
    ledger.forget(forget)
    return ledger


def saved(tmp_path: Path, ledger: Ledger, **facts: Any) -> Path:
    path = tmp_path / "a.wglass"
    save(ledger, path, masker=Masker(), application="test", **facts)
    return path


def shown(ledger: Ledger) -> list[Any]:
    """Everything that a reader can see, without numbers that saving moves."""
    first = ledger.entries[0].seq
    return [
        (
            entry.frame,
            entry.connection,
            entry.kind,
            entry.method,
            entry.name,
            entry.id,
            entry.note,
            entry.violations,
            entry.exchange
            and (
                entry.exchange.status,
                entry.exchange.request.seq - first,
                entry.exchange.answer and entry.exchange.answer.seq - first,
                [one.seq - first for one in entry.exchange.progress],
            ),
        )
        for entry in ledger.entries
    ]


@pytest.mark.parametrize("calls", [0, 5, RECENT])
def test_what_was_saved_comes_back(tmp_path: Path, calls: int) -> None:
    ledger = filled(calls)
    notes = [Note("slow here", 1001, 0), Note("free")]
    path = saved(tmp_path, ledger, connections=[("desk", {"version": "2025-11-25"})], notes=notes)
    with open_session(path) as session:
        assert session.complete
        assert session.problems == []
        assert shown(session.ledger) == shown(ledger)
        assert session.notes == notes
        assert session.connections == {"desk": {"version": "2025-11-25"}}
        assert session.ledger.wall_time_ns(1000) == ledger.wall_ns
        assert session.ledger.bytes == ledger.bytes


def test_a_session_whose_beginning_was_forgotten_is_renumbered(tmp_path: Path) -> None:
    ledger = filled(20, forget=30)
    with open_session(saved(tmp_path, ledger)) as session:
        assert session.ledger.entries[0].seq == 0
        assert shown(session.ledger) == shown(ledger)


def test_an_empty_session_can_be_saved(tmp_path: Path) -> None:
    with open_session(saved(tmp_path, Ledger())) as session:
        assert (len(session.ledger.entries), session.problems) == (0, [])


def test_every_line_is_json_for_other_programs(tmp_path: Path) -> None:
    lines = saved(tmp_path, filled()).read_text(encoding="utf-8").splitlines()
    kinds = [next(iter(json.loads(line))) for line in lines]
    assert kinds[0] == "wireglass"
    assert kinds[-2:] == ["index", "end"]
    assert set(kinds[1:-2]) == {"frame"}


@pytest.mark.parametrize("cut", [1, 40, 400, 3000])
def test_a_truncated_file_opens_as_far_as_it_goes_and_says_so(tmp_path: Path, cut: int) -> None:
    ledger = filled(20)
    path = saved(tmp_path, ledger)
    data = path.read_bytes()
    path.write_bytes(data[: max(len(data) - cut, data.index(b"\n") + 1)])
    before = path.read_bytes()
    with open_session(path) as session:
        kept = len(session.ledger.entries)
        assert [entry.raw for entry in session.ledger.entries] == [entry.raw for entry in ledger.entries][:kept]
        assert session.complete
        assert session.problems or cut == 1  # cut 1 takes only the last line's end
    assert path.read_bytes() == before


def test_a_file_cut_inside_its_frames_names_the_half_record(tmp_path: Path) -> None:
    path = saved(tmp_path, filled(20))
    data = path.read_bytes()
    third = [position for position, byte in enumerate(data) if byte == 10][2]
    path.write_bytes(data[: third + 30])
    with open_session(path) as session:
        assert len(session.ledger.entries) == 2
        assert any("middle of a record" in problem for problem in session.problems)


def test_damaged_lines_are_left_out_and_counted(tmp_path: Path) -> None:
    path = saved(tmp_path, filled(5))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"\xff\x00 garbage\n"
    lines[3] = b'{"frame": "desk"}\n'
    path.write_bytes(b"".join(lines[:-2]))
    with open_session(path) as session:
        assert len(session.ledger.entries) == 15
        assert "2 damaged records were left out." in session.problems


@pytest.mark.parametrize("name", ["place", "kind", "method"])
def test_a_lying_index_is_not_believed(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, filled(5))
    lines = path.read_bytes().splitlines(keepends=True)
    index = json.loads(lines[-2])
    index["index"]["columns"][name]["data"] = index["index"]["columns"]["at_ns"]["data"]
    body = b"".join(lines[:-2])
    end = json.dumps({"end": True, "index_at": len(body)}).encode()
    path.write_bytes(body + json.dumps(index).encode() + b"\n" + end + b"\n")
    with open_session(path) as session:
        assert any("index" in problem for problem in session.problems)
        assert len(session.ledger.entries) == 17


def test_a_frame_whose_place_lies_is_an_error_of_that_frame_only(tmp_path: Path) -> None:
    path = saved(tmp_path, filled(5))
    data = bytearray(path.read_bytes())
    second = data.index(b'{"frame"', data.index(b'{"frame"') + 1)
    data[second : second + 8] = b"xxxxxxxx"
    path.write_bytes(data)
    with open_session(path) as session:
        assert session.ledger.entries[0].raw
        with pytest.raises(LookupError, match="damaged"):
            _ = session.ledger.entries[1].raw


def test_a_newer_file_is_shown_as_far_as_it_is_understood(tmp_path: Path) -> None:
    path = saved(tmp_path, filled(5))
    lines = path.read_bytes().splitlines(keepends=True)
    header = json.loads(lines[0]) | {"format": 99}
    lines[0] = json.dumps(header).encode() + b"\n"
    lines.insert(1, b'{"hologram": 1}\n')
    path.write_bytes(b"".join(lines[:-2]))
    with open_session(path) as session:
        assert len(session.ledger.entries) == 17
        assert any("newer Wireglass" in problem for problem in session.problems)
        assert any("kinds that this version does not know" in problem for problem in session.problems)


@pytest.mark.parametrize("content", [b"", b"hello", b'{"a": 1}\n', b"\x00" * 5000, b"PK\x03\x04"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wglass"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="not a session"):
        open_session(path)
    with pytest.raises(ArchiveError, match="cannot be read"):
        open_session(tmp_path / "none.wglass")


def test_long_files_without_an_index_are_read_in_steps(tmp_path: Path) -> None:
    path = saved(tmp_path, filled(20))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    with open_session(path, frames=10) as session:
        assert (len(session.ledger.entries), session.complete) == (10, False)
        assert session.read_more(10)
        while session.read_more(10):
            pass
        assert len(session.ledger.entries) == 62


def test_planted_secrets_are_not_in_the_file(tmp_path: Path) -> None:
    """Issue 7: a test greps for planted ones."""
    ledger = Ledger()
    Judge(ledger).watch()
    planted = {"password": "planted-by-name", "city": "planted-value", "n": "sk-planted0123456789abcdef"}
    message = messages.request(1, "tools/call", {"name": "a", "arguments": planted, "password": 3})
    http = HttpFacts("POST", "https://u:planted-url@a.example/?token=planted-query", 200, (("cookie", "planted-jar"),))
    ledger.append(Frame("client", "stdio", json.dumps(message), message, 1, http=http), "desk")
    read = messages.request(2, "resources/read", {"uri": "a://b?api_key=planted-uri"})
    ledger.append(Frame("client", "stdio", json.dumps(read), read, 1), "desk")
    wrong = messages.request(3, "tools/call", {"name": "a", "arguments": {}, "_meta": {"secret": "planted-x"}})
    wrong["params"]["arguments"] = "planted-value"
    ledger.append(Frame("client", "stdio", json.dumps(wrong), wrong, 1, error="saw planted-value"), "desk")
    path = tmp_path / "a.wglass"
    save(
        ledger,
        path,
        masker=Masker(["planted-value"]),
        application="t",
        connections=[("desk", {"env": {"API_KEY": "planted-env"}, "note": "planted-value"})],
        notes=[Note("uses planted-value")],
    )
    assert b"planted" not in path.read_bytes()


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="could not be saved"):
        save(filled(), tmp_path / "no" / "a.wglass", masker=Masker(), application="t")
    folder = tmp_path / "a.wglass"
    folder.mkdir()
    with pytest.raises(ArchiveError):
        save(filled(), folder, masker=Masker(), application="t")
    assert list(tmp_path.iterdir()) == [folder]


def test_lone_surrogates_do_not_stop_saving(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.append(Frame("server", "stdio", '"\ud800"', "\ud800", 1), "desk")
    with open_session(saved(tmp_path, ledger)) as session:
        assert len(session.ledger.entries) == 1


def test_a_closed_session_says_so_when_read(tmp_path: Path) -> None:
    session = open_session(saved(tmp_path, filled(3)))
    session.close()
    with pytest.raises(LookupError):
        _ = session.ledger.entries[0].raw


def test_spans_of_long_answers_come_back_masked_and_without_a_look_at_the_answer(tmp_path: Path) -> None:
    ledger = Ledger()
    spans = [Span("ghp_0123456789abcdefghij0123", "handler", 0, 5)]
    for number, told in enumerate(({SPANS_KEY: encode_spans(spans)}, {})):
        message = messages.result(number, {"content": "x" * 200_000, "_meta": told})
        for sent in (messages.request(number, "tools/call", {"name": "a"}), message):
            sender: Any = "client" if "method" in sent else "server"
            ledger.append(Frame(sender, "stdio", json.dumps(sent), sent, 1), "desk")
    opened = open_session(saved(tmp_path, ledger))
    opened.close()  # nothing can be read any more
    telling, silent = opened.ledger.exchanges
    assert [span.name for span in telling.spans] == ["•••"]
    assert silent.spans == ()


def test_long_facts_of_a_connection_are_written_in_parts(tmp_path: Path) -> None:
    facts = {"name": "n" * 1_000_000, "é" * 300_000: [{"token": "t" * 300_000}], "lone": "\ud800"}
    record = {"connection": "desk", "facts": facts}
    assert max(map(len, to_parts(record))) < 600_000
    assert max(map(len, masked_parts(record, Masker()))) < 600_000
    opened = open_session(saved(tmp_path, filled(1), connections=[("desk", facts)]))
    expected = {"name": "n" * 1_000_000, "é" * 300_000: [{"token": "•••"}], "lone": "?"}
    assert opened.connections == {"desk": expected}
    opened.close()
