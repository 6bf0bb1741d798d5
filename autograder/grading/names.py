"""Which names an answer uses, read from its source: the learner's process is not asked."""

import ast
import types
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager


def names_used(function: str, sources: Iterable[str]) -> set[str]:
    """List the global names, attributes and modules that a function and its helpers use.

    Args:
        function: a name that one of the cells defines.
        sources: the cells, in their order; later definitions replace earlier ones.
    """
    definitions: dict[str, ast.stmt] = {}
    imported: dict[str, set[str]] = {}
    for source in sources:
        for statement in _statements(source):
            definitions.update(dict.fromkeys(_defined(statement), statement))
            imported.update(_imported(statement))
    used: set[str] = set()
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        name = waiting.pop()
        used |= imported.get(name, set())
        statement = definitions.get(name)
        if statement is None or id(statement) in seen:
            continue
        seen.add(id(statement))
        names = set(_names(statement)) - set(_defined(statement))
        used |= names
        waiting += names
    return used


def defined_in(sources: Iterable[str]) -> set[str]:
    """List the names that cells define or import at their top."""
    found: set[str] = set()
    for source in sources:
        for statement in _statements(source):
            found |= {*_defined(statement), *_imported(statement)}
    return found


@lru_cache(maxsize=64)
def _statements(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(TransformerManager().transform_cell(source)).body
    except (Exception, RecursionError):  # whatever is not Python defines nothing
        return []


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return [name]
        case ast.Assign(targets):
            return [node.id for target in targets for node in ast.walk(target) if _is_name(node)]
        case ast.AnnAssign(target) if _is_name(target):
            return [target.id]
    return []


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def _imported(statement: ast.stmt) -> dict[str, set[str]]:
    """Map the names that an import binds to the modules and names behind them."""
    match statement:
        case ast.Import(names):
            return {
                (alias.asname or alias.name).split(".")[0]: set(alias.name.split("."))
                for alias in names
            }
        case ast.ImportFrom(module, names) if module:
            return {alias.asname or alias.name: {*module.split("."), alias.name} for alias in names}
    return {}


def _names(statement: ast.stmt) -> Iterator[str]:
    """Give what the statement's code looks up outside its own local names, imports inside it too."""
    for node in ast.walk(statement):
        for names in _imported(node).values():
            yield from names
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting = [compile(ast.Module([statement], []), "answer", "exec")]
    except (Exception, RecursionError):
        return
    while waiting:
        code = waiting.pop()
        yield from code.co_names
        waiting += [item for item in code.co_consts if isinstance(item, types.CodeType)]
