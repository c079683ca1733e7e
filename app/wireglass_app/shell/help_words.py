"""Help here (F1): what each view is for, in a few sentences, and the actions whose keys matter most in it."""

from dataclasses import dataclass

__all__ = ["HELP", "Help"]


@dataclass(frozen=True, slots=True)
class Help:
    """`actions` are keys of the action table; `also` are keys of the view that belong to no action."""

    words: str
    actions: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()


_LISTS = (("Enter", "open, or fold a group"),)
_CALLING = ("run", "stop", "repeat", "previous-run", "next-run")

HELP: dict[str, Help] = {
    "welcome": Help(
        "Where servers are opened. Drop a Python file anywhere, paste a command, a URL or a JSON config, choose one "
        "that another app has, or start an example. A file is only read at first: nothing runs before you agree.",
        ("open", "connect", "palette", "keys"),
    ),
    "connection": Help(
        "The steps of reaching this server, in order, with what came of each. The first that failed is the one to "
        "look at; below it stands what to do. For a URL each step can be tried by itself, also while the server is "
        "connected.",
        ("doctor", "reload", "view-logs", "view-frames"),
    ),
    "overview": Help(
        "What was negotiated with this server and why: the version, what each side can do, the instructions it gives,"
        " how it was started, and the folders (roots) that it is told when it asks.",
        ("reload", "doctor", "next-server"),
    ),
    "tools": Help(
        "Choose a tool at the left, fill in its arguments, run it. The result keeps everything that belongs to the "
        "call in its tabs: content, timing, logs, frames, and the comparison with another run. A field that is not "
        "ticked is not sent, which is not the same as null or empty text.",
        (*_CALLING, "form-json", "timing", "copy-json", "save", "watch", "filter"),
        (*_LISTS, ("Space", "send an optional field, or not")),
    ),
    "resources": Help(
        "Choose a resource or a template. A template's parameters are fields; the address they make is shown while "
        "you type. Read shows the contents in a viewer for their type; Subscribe tells when the server changes them.",
        (*_CALLING, "copy-json", "save", "filter"),
        _LISTS,
    ),
    "prompts": Help(
        "Choose a prompt, fill in its arguments, and get the messages that it makes, each with its role.",
        (*_CALLING, "copy-json", "filter"),
        _LISTS,
    ),
    "logs": Help(
        "What the server logged over the protocol, what it wrote to stderr, and what it printed to stdout, where only"
        " protocol messages may stand: other apps would drop the connection there. A line leads to its call.",
        ("filter", "find", "drawer"),
        (("Enter", "go to the call"),),
    ),
    "tasks": Help(
        "Calls that the server runs as tasks: their state, age, and how long their result is kept. A finished one "
        "opens as the call that it came from.",
        ("stop",),
        (("Enter", "open the call"),),
    ),
    "inbox": Help(
        "What servers ask of you, the oldest first: forms, pages to visit, replies in place of a model, and folders. "
        "Leaving answers nothing. Dismiss is neither yes nor no. Rules can answer in your place.",
        ("oldest-question", "run", "decline", "draft", "rules", "stop"),
        (("A", "accept, in the list"), ("D", "decline, in the list"), ("E", "edit, in the list")),
    ),
    "timeline": Help(
        "What happened when, in lanes for each server. Time that a person needed is hatched and never counts as work."
        " Select a bar to see below where its time went.",
        ("timing", "view-frames"),
        (("+ and -", "zoom"), ("Left, Right", "the bar before or after"), ("Enter", "open the call")),
    ),
    "frames": Help(
        "Every message that crossed the wire, as it was. Select one to see its partner tinted; a message that breaks "
        "the protocol is marked, and explained at the right. Calls folds the messages of each call into one row.",
        ("filter", "keep-filter", "next-problem", "previous-problem", "find"),
        (("Enter", "to the message's text"),),
    ),
    "network": Help(
        "The HTTP exchanges under the messages: address, status, phases, headers, bodies and event streams. Secrets "
        "are masked.",
        ("view-frames", "find"),
    ),
    "history": Help(
        "Every call of every server in this session. Enter opens its result where it was made.",
        ("repeat", "filter"),
        (("Enter", "open the call"),),
    ),
    "changes": Help(
        "What changed: in a server's tools, resources and prompts by its last reload, or between two results. What "
        "breaks callers comes first.",
        ("changes", "next-problem", "previous-problem"),
    ),
    "sessions": Help(
        "The recording of this session: save it to one file with secrets masked, open one that was saved, keep notes.",
        ("save-session", "open-session"),
    ),
    "replay": Help(
        "Makes the calls of a recorded session again on a server that is open, and compares each result with what it "
        "came to then. What only reads is ticked by itself; the rest runs when you tick it.",
        ("run", "stop", "next-problem", "previous-problem"),
    ),
    "targets": Help(
        "Which app has which server. Turn a cell on or off, look at the exact difference of each file, then write. "
        "Every write keeps dated copies and can be undone, also later.",
        ("save", "undo-write", "install"),
        (("Space", "turn the server on or off"), ("Ctrl+Z", "take back the last change"), ("F2", "rename the entry")),
    ),
    "settings": Help(
        "Every change acts at once. Type in the field to find a setting by its words.",
        ("filter", "keys", "zoom-in", "zoom-out"),
    ),
}
