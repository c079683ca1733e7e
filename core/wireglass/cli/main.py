"""The `wireglass` command: a table of commands, each in a file of its own that is imported when it is used."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from wireglass.errors import WireglassError

__all__ = ["COMMANDS", "Command", "CommandModule", "main"]


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the table."""

    name: str
    module: str
    summary: str


class CommandModule(Protocol):
    """What a command's module has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares what the command takes. Must not import anything heavy."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Does it. Returns the exit status; a WireglassError becomes its words on stderr and status 1."""
        ...


COMMANDS: tuple[Command, ...] = (
    Command("open", "wireglass.cli.open_app", "open a server file, command or URL in the workbench"),
    Command("dev", "wireglass.cli.open_app", "the same, under the name that fastmcp and mcp have for it"),
    Command("run", "wireglass.cli.run", "run a server file, over stdio or HTTP"),
    Command("list", "wireglass.cli.list_components", "list the tools, resources and prompts of a server"),
    Command("inspect", "wireglass.cli.inspect_server", "show everything a server says about itself, as JSON"),
    Command("call", "wireglass.cli.call", "call one tool and print its result"),
    Command("install", "wireglass.cli.install", "add a server to Claude Desktop and other programs"),
    Command("uninstall", "wireglass.cli.uninstall", "remove a server from other programs"),
    Command("clients", "wireglass.cli.clients", "list the programs that use MCP servers, or undo what was written"),
    Command("bridge", "wireglass.cli.bridge", "offer a remote server over stdio"),
    Command("sign-out", "wireglass.cli.sign_out", "forget the token of a server"),
    Command("version", "wireglass.cli.version", "print the versions in use"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. `wireglass FILE` is short for `wireglass open FILE`. Returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:2] == ["-m", "wireglass.compat"]:  # a frozen build starts its own children this way
        from wireglass.compat.__main__ import main as run_file

        return run_file(arguments[2:])
    command = next((c for c in COMMANDS if arguments and c.name == arguments[0]), None)
    if command is None:
        if arguments[:1] in (["-h"], ["--help"]):
            print(_overview())
            return 0
        if arguments and (unknown := _mistyped(arguments[0])):
            print(unknown, file=sys.stderr)
            return 2
        arguments = ["version"] if arguments[:1] in (["-V"], ["--version"]) else ["open", *arguments]
        command = next(c for c in COMMANDS if c.name == arguments[0])
    return _run(command, arguments[1:])


def _run(command: Command, arguments: list[str]) -> int:
    module = cast(CommandModule, importlib.import_module(command.module))
    parser = argparse.ArgumentParser(prog=f"wireglass {command.name}", description=_sentence(command.summary))
    module.add_arguments(parser)
    options = _parsed(parser, arguments)
    try:
        return module.run(options)
    except WireglassError as error:
        more = [note for note in getattr(error, "__notes__", ()) if note != error.next_step]
        print("\n".join([f"{error.message} {error.next_step}".strip(), *more]), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 141


def _parsed(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    """What follows `--` goes on untouched. argparse itself loses it when options stand between it and the file."""
    if "--" not in arguments or not any(action.dest == "arguments" for action in parser._actions):
        return _intermixed(parser, arguments)
    at = arguments.index("--")
    options = _intermixed(parser, arguments[:at])
    options.arguments = [*options.arguments, *arguments[at + 1 :]]
    return options


def _intermixed(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    """Options may stand anywhere, as people write them, where nothing takes all that is left."""
    rest = any(action.nargs == argparse.REMAINDER for action in parser._actions)
    return parser.parse_args(arguments) if rest else parser.parse_intermixed_args(arguments)


def _overview() -> str:
    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:<{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        [
            "usage: wireglass [FILE | URL]            open it in the workbench",
            "       wireglass COMMAND ...",
            "",
            "commands:",
            *lines,
            "",
            "`wireglass COMMAND --help` tells what a command takes.",
        ]
    )


def _mistyped(word: str) -> str:
    """A sentence for a word that is neither a command nor anything one could open, else an empty text."""
    import difflib
    from pathlib import Path

    if not word.isidentifier() or Path(word).exists():
        return ""
    close = difflib.get_close_matches(word, [command.name for command in COMMANDS], n=1)
    hint = f" Did you mean {close[0]}?" if close else " `wireglass --help` lists the commands."
    return f"There is no command and no file {word}.{hint}"


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


if __name__ == "__main__":
    sys.exit(main())
