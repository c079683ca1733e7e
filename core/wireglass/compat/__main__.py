"""`python -m wireglass.compat FILE[:NAME] [ARGS]`: runs a server file in this interpreter, import aliases on."""

import argparse
import gc
import os
import sys
import traceback
from importlib import import_module

from wireglass.compat.children import carry_to_children
from wireglass.compat.finder import install
from wireglass.compat.loader import load_server, run_as_main
from wireglass.errors import LaunchError
from wireglass.launch.dialect import DIALECTS
from wireglass.launch.find import find_server, split_spec
from wireglass.loading import uncollected

__all__ = ["main", "print_failure", "switch_on"]

_SERVING = (
    "wireglass.server.app",
    "wireglass.server.serving",
    "wireglass.session.server_end",
    "wireglass.wire.own_streams",
)


def main(argv: list[str] | None = None) -> int:
    """Runs the file until it ends. Returns the exit status: 2 when there is nothing to run, 1 when the file failed."""
    options = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    if options.module:
        return _run_module(
            options.target, options.arguments, options.dialect or "4", first=options.runtime == "embedded"
        )
    try:
        finding = find_server(options.target)
        dialect = options.dialect or finding.dialect
        switch_on(dialect, first=options.runtime == "embedded")
        path, name = split_spec(options.target)
        path = path.absolute()
        # A file that is no server at all is a script, for example a client.
        is_script = finding.self_run != "no" or not (finding.name or any(b.kind == "server" for b in finding.bindings))
        as_script = not (options.object or name) and is_script
        if any(one.kind == "server" for one in finding.bindings) or not is_script:
            _load_for_good()
        if as_script:
            run_as_main(path, options.arguments)
        else:
            load_server(path, name, options.arguments).run(transport="stdio", show_banner=False)
    except LaunchError as error:
        sys.stderr.write(f"{error.message} {error.next_step}".strip() + "\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print_failure(error)
        return 1
    return 0


def _load_for_good() -> None:
    """Loads what a server on stdio needs, and takes it from the search for garbage. At exit Python looks through all
    that was loaded, which took 0.1 s of each reload; what the author's file makes is cleaned up as ever."""
    with uncollected():
        for module in _SERVING:
            import_module(module)
    gc.freeze()


def switch_on(dialect: str, *, first: bool = False) -> None:
    """Aliases on in this process and in its children; the runtime follows `dialect`."""
    os.environ["WIREGLASS_DIALECT"] = dialect
    install(dialect, first=first)
    carry_to_children(dialect, first=first)


def _run_module(module: str, arguments: list[str], dialect: str, *, first: bool) -> int:
    import runpy

    switch_on(dialect, first=first)
    sys.argv[:] = [module, *arguments]
    sys.path.insert(0, os.getcwd())
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def print_failure(error: Exception) -> None:
    """The traceback of a file that failed, on stderr, with the author's lines alone, and what to do where we know."""
    from wireglass.server.failures import authors_frames

    frames = authors_frames(error)
    while frames and frames.tb_next and frames.tb_frame.f_code.co_filename.startswith("<frozen "):
        frames = frames.tb_next
    if isinstance(error, SyntaxError) and frames is error.__traceback__:
        frames = None  # in the file itself: only we have run so far, and it names its line
    traceback.print_exception(type(error), error, frames)
    if isinstance(error, ModuleNotFoundError) and error.name:
        root = error.name.partition(".")[0]
        sys.stderr.write(
            f"{root} is not installed in the Wireglass runtime. Run the file with an interpreter that has it: "
            "wireglass run --python PATH, or add it to the file's script block and install uv.\n"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wireglass.compat", description=__doc__, allow_abbrev=False)
    parser.add_argument("--object", action="store_true", help="load the object and serve it, even if the file can run")
    parser.add_argument("--dialect", choices=DIALECTS, help="instead of the one that the file and its pins tell")
    parser.add_argument(
        "--runtime", choices=["auto", "embedded"], default="auto", help="embedded: hide installed packages"
    )
    parser.add_argument("-m", dest="module", action="store_true", help="TARGET is a module to run, not a file")
    parser.add_argument("target", metavar="FILE[:NAME]")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS")
    return parser


if __name__ == "__main__":
    sys.exit(main())
