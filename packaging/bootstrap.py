#!/usr/bin/env python3
"""Sets Wireglass up in this checkout and runs it. Needs nothing but Python 3.11 or newer.

    python3 packaging/bootstrap.py app [server.py]   opens the workbench on a server (or on a bundled example)
    python3 packaging/bootstrap.py test [pytest …]   runs every check: lint, types, import rules, tests

Both make `.venv` beside this folder, install what the lock files pin, look for the system libraries that Qt
needs and say, or as root on Debian and Ubuntu do, what is missing. Where there is no display, `app` runs the same
application off screen through a short tour and leaves a screenshot.
"""

from __future__ import annotations  # so that an older Python gets as far as being told

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)

QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
}
"""What PySide6's Linux wheels load from the system, and Debian's package for each."""

TEST_PROGRAMS = {"redis-server": "redis-server", "memcached": "memcached", "Xvfb": "xvfb"}
"""Programs that some tests start; without one its tests are skipped and say so."""

SUFFICIENT = {"app.lock": ["app.lock", "test.lock"], "test.lock": ["test.lock"]}
"""Which installed lock files hold all that one needs."""

OTHER_INSTALLERS = {
    "dnf": "dnf install mesa-libGL mesa-libEGL libxkbcommon libxkbcommon-x11 dbus-libs fontconfig xcb-util-cursor "
    "xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil",
    "pacman": "pacman -S libglvnd libxkbcommon libxkbcommon-x11 dbus fontconfig xcb-util-cursor xcb-util-wm "
    "xcb-util-image xcb-util-keysyms xcb-util-renderutil",
    "zypper": "zypper install Mesa-libGL1 Mesa-libEGL1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 fontconfig "
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0",
}


def main(arguments: list[str]) -> int:
    """Runs one of the two commands and returns its exit status."""
    if sys.version_info < OLDEST_PYTHON:
        stop(f"Wireglass needs Python 3.11 or newer; this is {platform.python_version()}. Run it with a newer python3.")
    command, rest = (arguments or [""])[0], arguments[1:]
    if command == "app" and len(rest) <= 1:
        return run_app(rest)
    if command == "test":
        return run_tests(rest)
    print(__doc__)
    return 2


def run_app(files: list[str]) -> int:
    """Opens the window, or without a display takes the tour off screen."""
    files = [str(Path(file).resolve()) for file in files]
    prepare("app.lock")
    provide_system_packages(missing_qt_libraries(), purpose="Qt")
    environment = os.environ.copy()
    options: list[str] = []
    if not has_display():
        print("No display found: taking the tour off screen.", flush=True)
        environment["QT_QPA_PLATFORM"] = "offscreen"
        options = ["--tour"]
    return run([venv_program("python"), "-m", "wireglass_app", *options, *files], env=environment, cwd=Path.cwd())


def run_tests(pytest_arguments: list[str]) -> int:
    """Every gate in turn; the first that fails ends the run. Arguments go to pytest alone, without the other gates."""
    prepare("test.lock")
    programs = [package for program, package in TEST_PROGRAMS.items() if shutil.which(program) is None]
    provide_system_packages([*missing_qt_libraries(), *programs], purpose="the tests")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PATH": venv_path()}
    install_npm_packages(environment)
    python = venv_program("python")
    gates = [
        ("lint", [venv_program("ruff"), "check", "."]),
        ("format", [venv_program("ruff"), "format", "--check", "."]),
        ("types", [venv_program("basedpyright")]),
        ("import rules", [venv_program("lint-imports"), "--no-cache"]),
    ]
    for title, command in [] if pytest_arguments else gates:
        print(f"── {title}", flush=True)
        status = run(command, env=environment, cwd=ROOT)
        if status:
            print(f"{title} failed.", file=sys.stderr)
            return status
    if pytest_arguments:
        return run([python, "-m", "pytest", *pytest_arguments], env=environment, cwd=ROOT)
    return run([python, str(ROOT / "packaging" / "suite.py")], env=environment, cwd=ROOT)


def prepare(lock: str) -> None:
    """Makes `.venv` hold what the lock pins, and this checkout; does nothing when it already does."""
    if any(is_installed(candidate) for candidate in SUFFICIENT[lock]):
        return
    print(f"Setting up {VENV.name} (once: downloads Qt and more, a minute or several) …", flush=True)
    if run_quietly([venv_program("python"), "-m", "pip", "--version"]):
        make_venv()
    pip = [venv_program("python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    install = [*pip, "--require-hashes", "--requirement", str(ROOT / "packaging" / lock)]
    if run(install, cwd=ROOT):
        stop("The packages could not be installed; the lines above say why. Check the network and run this again.")
    if run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], cwd=ROOT):
        stop("Wireglass itself could not be installed; the lines above say why.")
    (VENV / f"installed-{lock}").write_text(fingerprint(lock))


def is_installed(lock: str) -> bool:
    stamp = VENV / f"installed-{lock}"
    return stamp.is_file() and stamp.read_text() == fingerprint(lock) and Path(venv_program("python")).exists()


def fingerprint(lock: str) -> str:
    """Changes when another Python, another lock file or another project file would give another environment."""
    digest = hashlib.sha256(f"{sys.version}{ROOT}".encode())
    for file in (ROOT / "packaging" / lock, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    """Debian ships Python without ensurepip: installs it as root, names the package otherwise."""
    if importlib.util.find_spec("ensurepip") is None:
        provide_system_packages([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"], purpose="Python")
    try:
        venv.EnvBuilder(with_pip=True, clear=VENV.exists(), symlinks=os.name != "nt").create(VENV)
    except (subprocess.CalledProcessError, OSError) as problem:
        stop(f"{VENV} could not be made: {problem}. Delete it if it exists and run this again.")


def missing_qt_libraries() -> list[str]:
    """Debian names of the packages whose libraries this Linux lacks; empty elsewhere."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for library, package in QT_LIBRARIES.items() if not loads(library)]


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def provide_system_packages(packages: list[str], *, purpose: str) -> None:
    """Installs Debian packages as root; otherwise prints the exact command and goes on, since some are optional."""
    if not packages or not sys.platform.startswith("linux"):
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing for {purpose}: {' '.join(packages)}", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL)
        if run(command, env=environment, stdout=subprocess.DEVNULL):
            print(f"Some packages could not be installed. Try: {' '.join(command)}", file=sys.stderr)
        return
    others = (f"sudo {text}" for program, text in OTHER_INSTALLERS.items() if shutil.which(program))
    advice = f"sudo {' '.join(command)}" if shutil.which("apt-get") else next(others, "")
    hint = f"Install with:\n    {advice}" if advice else f"They are Debian's {', '.join(packages)}."
    print(f"System packages for {purpose} are missing. {hint}", file=sys.stderr, flush=True)


def install_npm_packages(environment: dict[str, str]) -> None:
    """The peers from npm, exactly as their lock file says. Their tests are skipped with a reason if this fails."""
    peers = ROOT / "tests" / "peers"
    lock, stamp = peers / "package-lock.json", peers / "node_modules" / ".wireglass-stamp"
    if not lock.is_file():
        return
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Installing the npm packages that tests talk to …", flush=True)
    command = [venv_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if run(command, env=environment, cwd=peers) == 0:
        stamp.write_text(wanted)


def has_display() -> bool:
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return not os.environ.get("CI")


def venv_program(name: str) -> str:
    if os.name == "nt":
        suffix = ".cmd" if name == "npm" else ".exe"
        return str(VENV / "Scripts" / f"{name}{suffix}")
    return str(VENV / "bin" / name)


def venv_path() -> str:
    return os.pathsep.join([str(Path(venv_program("python")).parent), os.environ.get("PATH", "")])


def run(
    command: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None, stdout: int | None = None
) -> int:
    """The command's exit status; 127 when there is no such program."""
    try:
        return subprocess.run(command, env=env, cwd=cwd, stdout=stdout, check=False).returncode
    except FileNotFoundError:
        print(f"{command[0]} was not found.", file=sys.stderr)
        return 127
    except KeyboardInterrupt:
        return 130


def run_quietly(command: list[str]) -> int:
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(command, stdout=quiet, stderr=quiet, check=False).returncode
    except OSError:
        return 127


def stop(reason: str) -> NoReturn:
    print(reason, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
