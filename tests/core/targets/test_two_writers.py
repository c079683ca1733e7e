"""A host that rewrites its file all the time, and we: nothing that the host wrote is lost by us."""

import json
import os
import threading
from pathlib import Path

import pytest

from core.targets.machines import config_in
from wireglass.targets.disk import ChangedMeanwhile, Disk
from wireglass.targets.document import Add
from wireglass.targets.edit import apply, plan
from wireglass.targets.journal import Journal

WRITES = 150


class Host(threading.Thread):
    """Writes what it has in memory, with a line more each time, beside the file and replaces it, as programs do."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path

    def run(self) -> None:
        for number in range(WRITES):
            beside = self.path.with_name("host.tmp")
            beside.write_text(json.dumps({"theirs": list(range(number + 1)), "mcpServers": {}}, indent=2))
            os.replace(beside, self.path)
            if number % 10 == 9:
                threading.Event().wait(0.01)  # a pause, in which a write of ours can end


@pytest.mark.parametrize("round_", range(3))
def test_a_host_that_replaces_its_file_never_loses_a_change_to_us(tmp_path: Path, round_: int):
    """Demand: two writers at once never lose the other's change silently.

    Whatever the host has put into the file is there in the end; where we came too late, we were told so.
    """
    one, two = tmp_path / "one", tmp_path / "two"
    one.touch()
    two.touch()
    if not Disk().exchange(one, two):
        pytest.skip("this file system cannot exchange two names")
    config = config_in(tmp_path, content=b'{"mcpServers": {}}')
    journal = Journal(tmp_path / "state")
    host = Host(config.path)
    host.start()
    written = refused = 0
    for number in range(4 * WRITES):
        if not host.is_alive() and written:
            break
        try:
            apply([plan(config, [Add(f"wg{number}", {"command": "x"})])], journal, label="t")
            written += 1
        except ChangedMeanwhile:
            refused += 1
    host.join(60)
    assert not host.is_alive()
    data = json.loads(config.path.read_bytes())
    assert data["theirs"] == list(range(WRITES)), "a change of the host is gone"
    assert written + refused > 0
    assert [path.name for path in config.path.parent.iterdir() if path.name != "host.tmp"] == ["mcp.json"]
