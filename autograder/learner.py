"""A learner's own copies of the released notebooks, which nothing ever overwrites."""

from pathlib import Path

from autograder.chapters import CHAPTERS
from autograder.course import Course
from autograder.guidance import beside_book, pages
from autograder.release import write_if_changed


def copy_release(course: Course) -> list[Path]:
    """Copy released notebooks to work/; a newer release arrives beside work that exists.

    Args:
        course: where its files are.

    Returns:
        The notebooks that were added.
    """
    added = []
    for chapter in CHAPTERS:
        released = course.notebooks / chapter
        for source in sorted(released.glob("*")):
            target = course.root / "work" / chapter / source.name
            if source.suffix != ".ipynb":
                write_if_changed(target, source.read_bytes())
                continue
            content = beside_book(source.read_bytes())
            seen = course.root / "work" / chapter / ".released" / source.name
            if target.exists() and seen.exists() and seen.read_bytes() == content:
                continue
            target = _free_name(target)
            write_if_changed(target, content)
            write_if_changed(seen, content)
            added.append(target)
    for name, content in pages(course).items():
        write_if_changed(course.root / "work" / name, content)
    return added


def _free_name(path: Path) -> Path:
    """Give `path`, or the first `<stem>_release_2`, `_3` … that no file has."""
    number = 2
    candidate = path
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}_release_{number}{path.suffix}")
        number += 1
    return candidate
