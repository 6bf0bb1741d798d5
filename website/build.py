"""Build the site: `python website/build.py` writes _build/html, or does nothing when nothing changed.

Every warning is an error, and nothing is fetched. A change anywhere builds from nothing, because each
page carries the titles of the others; unchanged sources are recognised by a digest that only a
successful build leaves behind.
"""

import hashlib
import shutil
import subprocess
import sys
import time
from importlib.metadata import distributions
from pathlib import Path

from filelock import FileLock

from autograder.completeness import lacks
from autograder.course import Course
from autograder.student import write_archive

ROOT = Path(__file__).parent.parent
SOURCES = (
    *("_config.yml", "_toc.yml", "website", "book", "notebooks", "dlarch"),
    *("constraints.txt", "environment.yml", "pyproject.toml"),
)
SITE = ROOT / "_build" / "html"
STAMP = ROOT / "_build" / "sources.sha256"
LOCK = ROOT / "build" / "site.lock"


def digest_sources() -> str:
    """Return the SHA-256 of everything the site is made from: its sources and the installed packages."""
    digest = hashlib.sha256(sys.version.encode())
    packages = {f"{package.name}=={package.version}" for package in distributions()}
    digest.update("\n".join(sorted(packages)).encode())
    for source in SOURCES:
        start = ROOT / source
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
                digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build() -> int:
    """Build where the sources changed and return the exit status."""
    digest = digest_sources()
    if STAMP.is_file() and STAMP.read_text() == digest:
        print(f"The site is up to date: {SITE / 'index.html'}")
        return 0
    if found := lacks(Course.here()):
        print(*found, "The site was not built: mend what is missing.", sep="\n", file=sys.stderr)
        return 1
    started = time.monotonic()
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    write_archive(Course.here())
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", ROOT, "-W", "-n", "--keep-going"]
    if subprocess.run(command, check=False).returncode:
        print("The site was not built: see the warnings above.", file=sys.stderr)
        return 1
    STAMP.write_text(digest)
    print(f"Built in {time.monotonic() - started:.0f} s: {SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    LOCK.parent.mkdir(exist_ok=True)
    with FileLock(LOCK):
        sys.exit(build())
