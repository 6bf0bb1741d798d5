"""The archive that is handed to learners: notebooks, dlarch, how to install it; nothing of the staff's."""

import json
import tomllib
from pathlib import Path

from autograder.archive import write_zip
from autograder.chapters import CHAPTERS
from autograder.course import Course
from autograder.guidance import beside_book, pages
from autograder.stubs import BEGIN, END
from dlarch.check import FILE_NAME

NAME = "deep-learning-architectures"


def write_archive(course: Course) -> Path:
    """Write `build/deep-learning-architectures.zip`.

    Args:
        course: where its files are.

    Returns:
        The archive.

    Raises:
        RuntimeError: a file of the archive holds something of the staff's.
    """
    files = dict(sorted(_files(course).items()))
    for name, content in files.items():
        if (
            any(marker.encode() in content for marker in BEGIN + END)
            or b"import autograder" in content
        ):
            raise RuntimeError(f"{name} holds something of the staff's; it must not be handed out")
    archive = course.root / "build" / f"{NAME}.zip"
    write_zip(archive, files)
    return archive


def _files(course: Course) -> dict[str, bytes]:
    root = course.root
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for path in (root / "dlarch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "README.md"
    }
    files["dlarch/datasets/README.md"] = (root / "dlarch" / "datasets" / "README.md").read_bytes()
    for chapter in CHAPTERS:
        for name in (f"{chapter}.ipynb", FILE_NAME):
            path = root / "notebooks" / chapter / name
            files[str(path.relative_to(root))] = beside_book(path.read_bytes())
    files |= {f"notebooks/{name}": content for name, content in pages(course).items()}
    files["README.md"] = (root / "dlarch" / "README.md").read_bytes()
    files["constraints.txt"] = (root / "constraints.txt").read_bytes()
    files["environment.yml"] = (
        (root / "environment.yml").read_text().replace(".[staff,test]", ".").encode()
    )
    files["pyproject.toml"] = _pyproject(root / "pyproject.toml").encode()
    for path in root.glob("LICENSE*"):
        files[path.name] = path.read_bytes()
    return files


def _pyproject(path: Path) -> str:
    """Give the project file of the learners' package alone."""
    full = tomllib.loads(path.read_text())
    project = full["project"]
    setuptools = full["tool"]["setuptools"]
    data, files = setuptools["package-data"]["dlarch"], setuptools["data-files"]
    return "\n".join(
        [
            "[build-system]",
            f"requires = {json.dumps(full['build-system']['requires'])}",
            f"build-backend = {json.dumps(full['build-system']['build-backend'])}",
            "",
            "[project]",
            *(
                f"{key} = {json.dumps(project[key])}"
                for key in ("name", "version", "description", "readme", "requires-python")
            ),
            f"dependencies = {json.dumps(project['dependencies'], indent=4)}",
            "",
            "[tool.setuptools.packages.find]",
            'include = ["dlarch*"]',
            "",
            "[tool.setuptools.package-data]",
            f"dlarch = {json.dumps(data)}",
            "",
            "[tool.setuptools.data-files]",
            *(f"{json.dumps(folder)} = {json.dumps(names)}" for folder, names in files.items()),
            "",
        ]
    )
