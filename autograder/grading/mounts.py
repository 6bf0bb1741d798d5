"""What exists inside the sandbox, and where: the system's libraries, Python, its packages, `dlarch`.

Outside, Python and the checkout may lie anywhere: in a home, in a temporary folder, behind a link.
Inside they lie under /course, so homes and temporary folders are empty and no path tells of this machine.
"""

import os
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import autograder
import dlarch

SYSTEM = (
    "/usr",
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/fonts",
)
SANDBOXED = Path(__file__).parent / "sandboxed"
COURSE = Path("/course")
PYTHON = COURSE / "python"
PARTS_OF_PYTHON = ("bin", "lib", "lib64", "share")
TORCH = ("torch", "torchgen", "functorch", "triton")
PACKAGE_FOLDERS = ("lib*/python3*/*-packages", "local/lib/python3*/*-packages")


@dataclass(frozen=True)
class Inside:
    """The inside of a sandbox."""

    options: list[str]
    """Bubblewrap's, in the order in which it mounts."""
    python: Path
    """The interpreter's path inside."""
    packages: list[str]
    """The folders inside with Python's packages."""


def find_package_folders() -> list[Path]:
    """List the folders, free of links, from which this process imports installed packages."""
    found = [Path(entry) for entry in sys.path if any(Path(entry).glob("*.dist-info"))]
    return list(dict.fromkeys(folder.resolve() for folder in found))


def furnish(torch: bool) -> Inside:
    """Lay out the inside.

    Args:
        torch: whether torch exists there.
    """
    options = ["--bind", "/proc", "/proc"]  # a fresh one for each session covers it
    options += ["--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home", "--dir", "/home/learner"]
    for path in map(Path, SYSTEM):
        if path.is_symlink() and path.parent == Path("/"):  # what is hidden has one path only
            options += ["--symlink", str(path.readlink()), str(path)]
        else:
            options += ["--ro-bind-try", str(path), str(path)]
    options += ["--ro-bind", str(SANDBOXED), str(COURSE / "worker")]
    options += ["--ro-bind", str(Path(dlarch.__file__).resolve().parent), str(COURSE / "dlarch")]
    base = Path(sys.base_prefix).resolve()
    if not _is_system(base):
        for part in PARTS_OF_PYTHON:
            if not (base / part).is_symlink():
                options += ["--ro-bind-try", str(base / part), str(PYTHON / part)]
    folders = find_package_folders()
    absent = ("autograder", *(() if torch else TORCH))
    packages, hidden = [], list(_other_packages(base, folders))
    for number, folder in enumerate(folders):
        place = _place(folder, base)
        if place is None:
            place = COURSE / "packages" / str(number)
            options += _bind_packages(folder, place, absent)
        packages.append(str(place))
        for package in [folder / name for name in absent if (folder / name).is_dir()]:
            if not package.is_symlink():
                hidden.append(place / package.name)
            elif seen := _place(package.resolve(), base):
                hidden.append(seen)
    if _is_system(_checkout()) and _checkout() not in folders:
        hidden.append(_checkout())
    for path in map(str, dict.fromkeys(hidden)):
        options += ["--tmpfs", path, "--remount-ro", path]
    for path in ("/", "/dev", "/home"):  # every session covers /tmp
        options += ["--remount-ro", path]
    return Inside(options, _interpreter(base), packages)


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)


def _interpreter(base: Path) -> Path:
    """Give the inside's path of the interpreter itself, which a virtual environment only links to."""
    outside = Path(sys._base_executable).resolve()
    if _is_system(outside):
        return outside
    return PYTHON / (outside.relative_to(base) if outside.is_relative_to(base) else "bin/python3")


def _checkout() -> Path:
    return Path(autograder.__file__).resolve().parent.parent


def _place(path: Path, base: Path) -> Path | None:
    """Give where something is seen inside without being mounted by itself: with the system or Python."""
    if _checkout() in path.parents:
        return None
    if _is_system(path):
        return path
    inner = path.relative_to(base) if path.is_relative_to(base) else Path()
    return PYTHON / inner if inner.parts[:1] and inner.parts[0] in PARTS_OF_PYTHON else None


def _bind_packages(folder: Path, place: Path, absent: tuple[str, ...]) -> list[str]:
    """Mount a folder with packages; one that holds links is mounted entry by entry, without them."""
    entries = sorted(folder.iterdir())
    if not any(entry.is_symlink() for entry in entries):
        return ["--ro-bind", str(folder), str(place)]
    options = []
    for entry in entries:
        if entry.name not in absent or not entry.is_symlink():
            options += ["--ro-bind-try", str(entry.resolve()), str(place / entry.name)]
    return options


def _other_packages(base: Path, folders: list[Path]) -> set[Path]:
    """List where other packages would be seen: those of the interpreter below an environment."""
    roots = [Path("/usr"), base]
    found = chain.from_iterable(root.glob(pattern) for root in roots for pattern in PACKAGE_FOLDERS)
    others = {path.resolve() for path in found} - set(folders)
    places = (path if _is_system(path) else _place(path, base) for path in others)
    return {path for path in places if path is not None}


def environment(inside: Inside | None) -> dict[str, str]:
    """Give the few variables that learners' code needs; none of them tells that this is grading.

    Args:
        inside: of the sandbox; None without one.
    """
    programs = inside.python.parent if inside else Path(sys.prefix) / "bin"
    variables = {
        "PATH": os.pathsep.join([str(programs), "/usr/bin", "/bin"]),
        "HOME": "/home/learner",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    if inside and inside.python.is_relative_to(PYTHON):  # its own libraries were moved with it
        variables["LD_LIBRARY_PATH"] = str(PYTHON / "lib")
    return variables
