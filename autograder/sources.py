"""Which files of the course a module depends on: read from its imports, without running anything.

A package's own file counts only where the package itself is imported: an exercise that takes something from
its chapter's `shared.py` does not depend on the chapter's list of exercises.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autograder", "dlarch")


def sources(modules: Iterable[str], apart: Iterable[str] = ()) -> frozenset[Path]:
    """List the files that modules import, directly or not, their own included.

    Args:
        modules: names of modules below autograder/ and dlarch/.
        apart: modules that are neither counted nor followed.
    """
    found: dict[str, Path | None] = dict.fromkeys(apart)
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = path = _file(module)
            if path:
                waiting += [name if _file(name) else of for name, of in _imports(path.read_text())]
    return frozenset(path for path in found.values() if path)


def only(modules: Iterable[str]) -> frozenset[Path]:
    """List the modules' own files."""
    return frozenset(path for path in map(_file, modules) if path)


def defines(module: str, name: str) -> bool:
    """Say whether a module of the course defines a function or another name, without importing it."""
    path = _file(module)
    return path is not None and any(
        getattr(node, "name", None) == name
        or (
            isinstance(node, ast.Assign)
            and name in [ast.unparse(target) for target in node.targets]
        )
        for node in ast.parse(path.read_text()).body
    )


def digest(files: Iterable[Path], *others: str) -> str:
    """Hash the content of files, and texts besides."""
    contents = [path.read_bytes() for path in sorted(files)] + [text.encode() for text in others]
    hashes = b"".join(hashlib.sha256(content).digest() for content in contents)
    return hashlib.sha256(hashes).hexdigest()[:16]


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


@lru_cache(maxsize=1024)
def _imports(source: str) -> tuple[tuple[str, str], ...]:
    """List what a source takes from the course: the name, and the module it would be a name of."""
    names: list[tuple[str, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [(alias.name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [(f"{node.module}.{alias.name}", node.module) for alias in node.names]
    return tuple(name for name in names if name[0].split(".")[0] in PACKAGES)
