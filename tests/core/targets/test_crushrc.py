"""Crush's script: `mcp add` lines are read and edited, everything else of it is left alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.targets.machines import config_in, machine_in
from wireglass.targets.crushrc_scan import quoted, scan
from wireglass.targets.document import Add, DocumentError, Grammar, Place, Remove, Rename, Update, load
from wireglass.targets.edit import apply, set_entry, undo
from wireglass.targets.entry import fitted
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import files_to_write, survey
from wireglass.targets.journal import Journal
from wireglass.targets.servers import RemoteServer, StdioServer

RC = Grammar("crushrc")
PLACE = Place(("mcp",))
SCRIPT = r"""# Mine; keep.
provider add ollama --type ollama --base-url "http://localhost:11434/v1"
permissions allow view edit   # both

# An MCP server
mcp add github \
  --type http \
  --url "https://api.githubcopilot.com/mcp/" \
  --header Authorization "Bearer $GITHUB_TOKEN"   # from the keychain
mcp add files --command npx --args -y --args '@s/server files' --env ROOT "$HOME/docs" --env COST 'a$b' --disabled yes
if [[ $HOSTNAME == "babysquid" ]]; then
    mcp add only-here --command x
fi
source "$XDG_CONFIG_HOME/squid.sh"; echo done
mcp add gone --command x
mcp rm gone
mcp add odd --flag-from-tomorrow 1
option debug "$(op read 'a b')"
"""
GITHUB = {
    "type": "http", "url": "https://api.githubcopilot.com/mcp/", "headers": {"Authorization": "Bearer $GITHUB_TOKEN"},
}  # fmt: skip
FILES = {
    "command": "npx", "args": ["-y", "@s/server files"], "env": {"ROOT": "$HOME/docs", "COST": "a\\$b"},
    "disabled": True,
}  # fmt: skip


def script(text: str = SCRIPT):
    return load(text.encode(), RC)


def test_plain_lines_are_read_and_nothing_is_run():
    assert script().entries(PLACE) == {"github": GITHUB, "files": FILES}
    assert script("").entries(PLACE) == {}


def test_one_line_is_added_and_its_removal_restores_the_script():
    added = script().changed(
        PLACE, Add("wg", {"type": "stdio", "command": "/bin/uv", "args": ["run", "a b"], "env": {}})
    )
    assert added.text == SCRIPT + "mcp add wg --command /bin/uv --args run --args 'a b'\n"
    assert added.changed(PLACE, Remove("wg")).text == SCRIPT
    assert script("x").changed(PLACE, Add("wg", {"command": "y"})).text == "x\nmcp add wg --command y\n"


def test_a_change_stays_inside_its_line():
    after = script().changed(PLACE, Update("files", {"args": ["-y", "other"], "timeout": 30}, drop=("disabled",))).text
    old, new = SCRIPT.splitlines(), after.splitlines()
    assert [line for line in new if line not in old] == [
        """mcp add files --command npx --args -y --args other --env ROOT "$HOME/docs" --env COST "a\\$b" --timeout 30"""
    ]
    assert len(old) == len(new)


def test_a_line_over_several_lines_stays_one_and_keeps_its_comment():
    after = script().changed(PLACE, Update("github", {"disabled": True})).text
    assert '--header Authorization "Bearer $GITHUB_TOKEN" \\\n  --disabled true   # from the keychain\n' in after
    renamed = script().changed(PLACE, Rename("github", "git hub")).text
    assert "mcp add 'git hub' \\\n  --type http" in renamed
    assert load(renamed.encode(), RC).entries(PLACE)["git hub"] == GITHUB


def test_what_is_spread_over_two_lines_is_not_touched():
    twice = script("mcp add a --command x\nmcp add a --timeout 3\n")
    assert twice.entries(PLACE) == {"a": {"command": "x", "timeout": 3}}
    with pytest.raises(DocumentError, match=r"Line 2.*set in 2 places"):
        twice.changed(PLACE, Remove("a"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('mcp add a --command "x', "Line 1, column 21: This quote does not end"),
        ("option x '", "quote does not end"),
        ("cat <<EOF\nmcp add a --command x\nEOF\n", "Here-documents"),
        ('x "$(y', r"\$\( does not end"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, word: str):
    with pytest.raises(DocumentError, match=word):
        script(text)


def test_a_key_without_a_flag_is_refused():
    with pytest.raises(DocumentError, match="no flag for cwd"):
        script().changed(PLACE, Add("wg", {"command": "x", "cwd": "/"}))


WORDS = ["plain", "a b", "it's", 'say "x"', "$HOME/x", "${X}", "\\$5", "a\\b $X", "", "é", "*", "$(x y)", "\\$(x y)"]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_comes_back_as_it_was_written(word: str):
    (line,) = scan(f"x {quoted(word)}")
    assert line.words == ("x", word)


def test_blocks_and_their_ends_are_seen():
    text = "f() {\n  mcp add a --command x\n}\nfor i in 1; do echo; done\n"
    text += "while x; do\n mcp add b --command x\ndone\nmcp add c --command x\n"
    assert list(script(text).entries(PLACE)) == ["c"]


def test_windows_line_ends_stay():
    text = "a b\r\nmcp add x --command y\r\n"
    added = script(text).changed(PLACE, Add("wg", {"command": "z"})).text
    assert added == text + "mcp add wg --command z\r\n"


# As one of the host's files


def test_a_crushrc_that_is_there_gets_the_servers_and_json_is_made_where_there_is_none(tmp_path: Path):
    crush, machine = target_of("crush"), machine_in(tmp_path)
    assert [file.path.name for file in files_to_write(crush, machine)] == ["crush.json"]
    config = config_in(tmp_path, "crush", "crushrc", SCRIPT.encode())
    config_in(tmp_path, "crush", "user", b'{"mcp": {"old": {"type": "stdio", "command": "x"}}}')
    (file,) = files_to_write(crush, machine)
    assert file.path == config.path
    (host,) = survey(machine, [crush])
    assert sorted(name for listed in host.files for name in listed.entries) == ["files", "github", "old"]
    server = StdioServer("wg", "/bin/uv", ("run", "ä b"), {"A": "b"})
    journal = Journal(tmp_path / "state")
    outcome = apply([set_entry(file, "wg", crush.entry(server, file="crushrc"))], journal, label="t")
    read = file.entries(file.document(file.content()))
    assert crush.server("wg", read["wg"], file="crushrc") == server
    assert outcome.act is not None
    file.path.write_text(file.path.read_text() + "# later\n")
    assert [one.how for one in undo(outcome.act, journal, machine)] == ["entries taken back"]
    assert file.path.read_text() == SCRIPT + "# later\n"


def test_a_broken_script_is_reported_like_any_other_file(tmp_path: Path):
    config_in(tmp_path, "crush", "crushrc", b'mcp add a --command "x\n')
    (host,) = survey(machine_in(tmp_path), [target_of("crush")])
    assert host.files[0].problem.startswith("Line 1, column 21")


def line_for(server: StdioServer | RemoteServer) -> str:
    entry = target_of("crush").entry(server, file="crushrc")
    return script("").changed(PLACE, Add(server.name, entry)).text.rstrip("\n")


def test_lines_are_written_as_the_manual_shows_them():
    assert line_for(StdioServer("a", "/x", ("b c",))) == "mcp add a --command /x --args 'b c'"
    far = RemoteServer("far", "https://x/mcp", "http", {"Authorization": "Bearer $T"})
    assert line_for(far) == 'mcp add far --type http --url https://x/mcp --header Authorization "Bearer $T"'


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("word", WORDS)
def test_bash_reads_a_word_as_we_mean_it(word: str):
    """The real shell: literal words as they are, `$NAME` filled in, an escaped dollar bare."""
    if "$(" in word and "\\$(" not in word:
        return  # a command: bash would run it
    env = {"HOME": "/h", "X": "x", "PATH": "/bin:/usr/bin"}
    told = subprocess.run(
        ["bash", "-c", f"printf '%s' {quoted(word)}"], capture_output=True, text=True, env=env, check=True, timeout=30
    ).stdout
    wanted = re.sub(r"(?<!\\)\$\{?(HOME|X)\}?", lambda found: env[found.group(1)], word).replace("\\$", "$")
    assert told == wanted


def test_a_command_in_a_copied_value_stays_text(tmp_path: Path):
    """Crush runs `$(...)` in its values when it starts; what came from another program must not become a command."""
    server = StdioServer("a", "/x", ("$(touch /tmp/no)", "$HOME"), {"A": "`x` $(y)"})
    entry = fitted(server, target_of("crush"), file="crushrc").entry
    assert entry["args"] == ["\\$(touch /tmp/no)", "$HOME"]
    line = script("").changed(PLACE, Add("a", entry)).text
    assert r"""--args "\$(touch /tmp/no)" """ in line
    assert script(line).entries(PLACE)["a"]["args"] == entry["args"]
