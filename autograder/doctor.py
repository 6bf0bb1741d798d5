"""What this machine has for the course, and what to do about what is missing."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass


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
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        remedy = "none is needed yet; the separate, sandboxed checker will use bubblewrap"
        return Finding("sandbox", False, "bubblewrap is not installed", remedy, needed=False)
    trial = [bubblewrap, "--ro-bind", "/", "/", "--unshare-all", "true"]
    works = subprocess.run(trial, capture_output=True, check=False).returncode == 0
    remedy = (
        "" if works else "allow unprivileged user namespaces (kernel.unprivileged_userns_clone=1)"
    )
    return Finding(
        "sandbox", works, bubblewrap if works else "bubblewrap cannot start", remedy, False
    )
