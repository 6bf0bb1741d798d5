"""From masters and exercises to what learners get.

For each chapter, in this order (each step reads what the one before wrote):
 1. checks      exercises → build/nbgrader/source/<stem>/checks.safetensors, those that are stale
 2. source      solutions/<stem>.py → build/nbgrader/source/<stem>/<stem>.ipynb
 3. generate    nbgrader generate_assignment → build/nbgrader/release/<stem>/
 4. leaks       refuse a release that holds a solution, a hidden test or a foreign file
 5. publish     → notebooks/<stem>/, only the files whose content changed
`pull` goes back from an edited source notebook to its master.
"""

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import jupytext
import nbformat
from filelock import FileLock
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS, load_chapter
from autograder.completeness import lacks_of_release
from autograder.course import ROOT, Course
from autograder.expectations import digests, expectations
from autograder.grading.assignment import assignment_of
from autograder.guidance import add_guidance, book_address, lock
from autograder.stubs import BEGIN, END, mark_given, text_given
from dlarch import checks_file
from dlarch.check import FILE_NAME
from dlarch.importer.assignment import GUIDANCE
from dlarch.importer.released import with_cells

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
JUPYTEXT = {
    "notebook_metadata_filter": "-all",
    "cell_metadata_filter": "nbgrader,tags,-all",
}


class ReleaseRefusedError(RuntimeError):
    """A release, or its way back, that cannot be, would lose an edit, or would give a solution away."""


def release(stem: str, course: Course) -> list[Path]:
    """Release one chapter.

    Args:
        stem: the chapter's stem, `NN_slug`.
        course: where its files are.

    Returns:
        The files of notebooks/ that changed.

    Raises:
        ReleaseRefusedError: the chapter lacks something, the built source was edited, or the release
            would leak.
    """
    if found := lacks_of_release(stem, course):
        raise ReleaseRefusedError("\n".join(map(str, found)))
    with _lock(course):
        contents = _build(stem, course, write_checks)
        return [path for path, content in contents.items() if write_if_changed(path, content)]


def build_for_grading(stem: str, course: Course) -> None:
    """Build what grading reads besides notebooks/, which stays as it is.

    Args:
        stem: the chapter's stem.
        course: where its files are.

    Raises:
        ReleaseRefusedError: as `release`, or notebooks/ has not what the master gives.
    """
    with _lock(course):
        notebook = course.notebooks / stem / f"{stem}.ipynb"
        contents = _build(stem, course, _copy_checks)
        if not notebook.is_file() or notebook.read_bytes() != contents[notebook]:
            raise ReleaseRefusedError(
                f"{notebook.relative_to(course.root)} is not what solutions/{stem}.py gives, and grading "
                f"never writes it: run `autograder release {stem}` first"
            )


def _lock(course: Course) -> FileLock:
    course.build.mkdir(parents=True, exist_ok=True)
    return FileLock(course.build / "release.lock")


def _copy_checks(stem: str, course: Course, path: Path) -> None:
    published = course.notebooks / stem / FILE_NAME
    if not published.is_file():
        raise ReleaseRefusedError(f"{stem} is not released: run `autograder release {stem}` first")
    try:
        checks_file.load(published)
    except (checks_file.LayoutError, checks_file.DamagedError) as error:
        raise ReleaseRefusedError(f"{error}; run `autograder release {stem}` first") from error
    write_if_changed(path, published.read_bytes())


def _build(
    stem: str, course: Course, make_checks: Callable[[str, Course, Path], None]
) -> dict[Path, bytes]:
    """Build a release below build/; give the files of notebooks/ that it makes."""
    master = course.solutions / f"{stem}.py"
    if not master.is_file():
        raise ReleaseRefusedError(f"expected the master {master.relative_to(course.root)}")
    source = course.source / stem / f"{stem}.ipynb"
    notebook = add_guidance(read_master(master), stem)
    if source.exists() and _digest(_read(source)) not in (
        _recorded(course, stem),
        _digest(notebook),
    ):
        raise ReleaseRefusedError(
            f"{source.relative_to(course.root)} was edited since it was built: bring the edit back "
            f"with `autograder pull {stem}`, or delete that file to drop the edit"
        )
    make_checks(stem, course, source.with_name(FILE_NAME))
    write_if_changed(source, nbformat.writes(notebook).encode())
    _record(course, stem, _digest(notebook))
    _generate(stem, course, source)
    released = course.release / stem
    clean = lock(_clean(_read(released / f"{stem}.ipynb")), book_address(course))
    refuse_leaks(released, notebook, clean)
    write_if_changed(released / f"{stem}.ipynb", nbformat.writes(clean).encode() + b"\n")
    target = course.notebooks / stem
    return {
        target / f"{stem}.ipynb": nbformat.writes(clean).encode() + b"\n",
        target / FILE_NAME: with_cells(
            source.with_name(FILE_NAME).read_bytes(), assignment_of(stem, clean).cells
        ),
    }


def read_master(master: Path) -> NotebookNode:
    """Read a master as a notebook with stable cell ids, nbgrader's metadata, and what is given to mend.

    Raises:
        ReleaseRefusedError: a slip that is given does not fit the master's answer.
    """
    notebook = _clean(jupytext.read(master, fmt="py:percent"))
    if master.stem in CHAPTERS:
        try:
            mark_given(notebook, load_chapter(master.stem).exercises)
        except ValueError as error:
            raise ReleaseRefusedError(str(error)) from error
    return notebook


def pull(stem: str, course: Course) -> bool:
    """Write an edit made in the built source notebook back to its master.

    Returns:
        Whether the master changed.

    Raises:
        ReleaseRefusedError: there is no built source notebook, or it is damaged.
    """
    source = course.source / stem / f"{stem}.ipynb"
    if not source.exists():
        raise ReleaseRefusedError(
            f"expected {source.relative_to(course.root)}; run `autograder release {stem}` first"
        )
    edited = _read(source)
    pasted = [cell.id for cell in edited.cells if cell.get("attachments")]
    if pasted:
        raise ReleaseRefusedError(
            f"a master cannot hold the pictures pasted into {', '.join(pasted)} of {source.name}: "
            "take them out, or put them on the chapter's page"
        )
    notebook = _clean(edited)
    _record(course, stem, _digest(notebook))
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.pop("checksum", None)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in GUIDANCE]
    notebook.metadata = NotebookNode(jupytext=JUPYTEXT)
    text = _format(jupytext.writes(notebook, fmt="py:percent"))
    return write_if_changed(course.solutions / f"{stem}.py", text.encode())


def write_checks(stem: str, course: Course, path: Path) -> None:
    """Make the checks file; only what is stale in the one that is there is computed.

    Args:
        stem: the chapter's stem.
        course: where its files are.
        path: where to.
    """
    wanted = list(digests(stem).items())
    path.parent.mkdir(parents=True, exist_ok=True)
    made = []
    for file in (path, course.notebooks / stem / FILE_NAME):
        with contextlib.suppress(
            FileNotFoundError, checks_file.LayoutError, checks_file.DamagedError
        ):
            made.append(checks_file.load(file))
            if list(made[-1].digests.items()) == wanted:
                write_if_changed(path, file.read_bytes())
                return
    checks_file.save(path, stem, expectations(stem, made))


def refuse_leaks(folder: Path, master: NotebookNode, released: NotebookNode) -> None:
    """Refuse a released folder that holds what learners must not have.

    Raises:
        ReleaseRefusedError: with what was found, and where.
    """
    expected = {f"{folder.name}.ipynb", FILE_NAME}
    surplus = {path.name for path in folder.rglob("*")} - expected
    if surplus:
        raise ReleaseRefusedError(
            f"expected only {sorted(expected)} in the release, got also {sorted(surplus)}"
        )
    text = "\n".join(cell.source for cell in released.cells)
    found = find_leaks(text, secret_lines(master))
    if found:
        raise ReleaseRefusedError(f"the release of {folder.name} would give away: {found[0]}")


def secret_lines(master: NotebookNode) -> set[str]:
    """List the lines of a master that only its solutions and hidden tests hold."""
    secret: set[str] = set()
    public: set[str] = set()
    for cell in master.cells:
        inside = False
        public.update(line.strip() for line in text_given(cell).splitlines())
        for line in cell.source.splitlines():
            if any(marker in line for marker in BEGIN):
                inside = True
            elif any(marker in line for marker in END):
                inside = False
            else:
                (secret if inside else public).add(line.strip())
    return {line for line in secret - public if len(line) >= 25}


def find_leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """Find nbgrader's markers and secret lines in a text."""
    return [secret for secret in (*BEGIN, *END, *secrets) if secret in text]


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a generated file only when its content changed, and say whether it did."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def _generate(stem: str, course: Course, source: Path) -> None:
    """Run nbgrader's generate_assignment unless its result, and the gradebook, are from this source."""
    checks = checks_file.load(source.with_name(FILE_NAME))  # published with cells, built without
    stamp = hashlib.sha256(source.read_bytes() + repr(checks.digests).encode()).hexdigest()
    stamps = (course.classroom / ".released" / stem, course.build / "released" / stem)
    released = course.release / stem / f"{stem}.ipynb"
    if released.exists() and all(path.exists() and path.read_text() == stamp for path in stamps):
        return
    from nbgrader.apps import NbGraderAPI

    from autograder.grading.changed_cells import KeptScoresError, follow

    course.prepare_nbgrader()
    try:
        follow(stem, course, _read(source))
    except KeptScoresError as error:
        raise ReleaseRefusedError(str(error)) from error
    result = NbGraderAPI(config=course.nbgrader_config()).generate_assignment(stem, force=True)
    if not result["success"]:
        raise RuntimeError(
            f"nbgrader could not generate {stem}:\n{result.get('error')}{result['log']}"
        )
    for path in stamps:
        write_if_changed(path, stamp.encode())


def _clean(notebook: NotebookNode) -> NotebookNode:
    """Leave sources and nbgrader's metadata; stamp ids that stay the same from run to run."""
    notebook.metadata = NotebookNode(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    index = 0
    for cell in notebook.cells:
        guidance = cell.metadata.get("dlarch", {}).get("guidance")
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.id = guidance or grade_id or f"cell-{index:02d}"
        index += guidance is None
        cell.metadata = NotebookNode(
            {
                key: cell.metadata[key]
                for key in ("dlarch", "nbgrader", "tags")
                if key in cell.metadata
            }
        )
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except ValueError as error:
        raise ReleaseRefusedError(
            f"{path} is damaged: mend it, or delete it to have it built from its master again"
        ) from error


def _digest(notebook: NotebookNode) -> str:
    """Digest what a master holds: sources and grading metadata, not how JSON is laid out."""
    cells = [
        [
            cell.cell_type,
            cell.source.rstrip(),
            {k: v for k, v in cell.metadata.get("nbgrader", {}).items() if k != "checksum"},
        ]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _format(text: str) -> str:
    """Format a master as ruff does, so that jupytext and ruff do not undo each other's blank lines."""
    command = [sys.executable, "-m", "ruff", "format", "--config", ROOT / "pyproject.toml", "-"]
    run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return run.stdout


def _recorded(course: Course, stem: str) -> str:
    record = course.build / "sources" / stem
    return record.read_text() if record.exists() else ""


def _record(course: Course, stem: str, digest: str) -> None:
    write_if_changed(course.build / "sources" / stem, digest.encode())
