"""`wireglass uninstall`: one entry out of other programs' configurations."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from wireglass.errors import ConfigError

if TYPE_CHECKING:
    from wireglass.targets.inventory import ConfigFile

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the entry's name")
    parser.add_argument("--client", action="append", metavar="ID", help="which program; again for more (all)")
    parser.add_argument("--project", type=Path, help="also look into this project's files")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and stop")


def run(options: argparse.Namespace) -> int:
    from wireglass.targets.document import Remove
    from wireglass.targets.edit import apply, plan
    from wireglass.targets.journal import Journal, default_folder
    from wireglass.targets.servers import hide_secrets

    journal = Journal(default_folder())
    edits = [plan(config, [Remove(options.name)], journal=journal) for config in _holding(options)]
    if not edits:
        raise ConfigError(f'No program lists "{options.name}".', next_step="`wireglass clients` shows the names.")
    for edit in {edit.path: edit for edit in edits}.values():
        print(f"{edit.config.target.name}: {edit.path}")
        for line in edit.diff():
            print(f"  {hide_secrets(line)}")
    if options.dry_run:
        return 0
    for path in apply(edits, journal, label=f"Remove {options.name}").written:
        print(f"Written: {path}")
    print("`wireglass clients undo` takes it back.")
    return 0


def _holding(options: argparse.Namespace) -> "list[ConfigFile]":
    from wireglass.targets.inventory import survey, this_machine

    found = survey(this_machine(options.project))
    return [
        listed.config
        for host in found
        for listed in host.files
        if options.name in listed.entries and (not options.client or host.target.id in options.client)
    ]
