"""The statements of a cell: which names each binds, changes and uses, read from the source."""

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "get_ipython", "display"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
MAGIC = re.compile(r"^[ \t]*[%!?]|[?!][ \t]*$|=[ \t]*[!%]", re.MULTILINE)


def in_this_process(source: str) -> str:
    """Take IPython's own syntax out of a cell, as the kernel does."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


reader: Callable[[str], str] = in_this_process
"""Takes IPython's own syntax out; grading sets one with limits: a few hundred lines can take minutes."""
TOO_MUCH = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises for a text that it cannot read."""


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a cell."""

    text: str
    first: int
    """Its first line, from 0."""
    end: int
    """The line after its last."""
    kind: str
    """definition, import, assignment or other."""
    binds: frozenset[str]
    """Names that it gives a value."""
    changes: frozenset[str]
    """Names whose value it may change: `table[k] = v`, `total += 1`, `items.append(x)`."""

    @cached_property
    def uses(self) -> frozenset[str]:
        """Global names that it looks up, and that are not Python's own."""
        return global_names(self.text)


@lru_cache(maxsize=64)
def statements(source: str) -> tuple[Statement, ...]:
    """List the statements of a cell; what is not Python has none."""
    tree = parse(source)
    if tree is None:
        source = _plain(source)
        tree = parse(source) if source else None
    if tree is None:
        return ()
    lines = source.split("\n")
    return tuple(_statement(node, lines) for node in tree.body)


def parse(source: str) -> ast.Module | None:
    """Give a source's syntax tree, or None where it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except TOO_MUCH:
        return None


def same_code(source: str, other: str) -> bool:
    """Say whether two sources are the same but for layout and comments."""
    if "".join(source.split()) == "".join(other.split()):
        return True
    try:
        trees = parse(source), parse(other)
        return None not in trees and ast.dump(trees[0]) == ast.dump(trees[1])
    except TOO_MUCH:
        return False


def global_names(source: str) -> frozenset[str]:
    """List the names that a source looks up outside of itself, and that are not Python's own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting = [symtable.symtable(source, "answer", "exec")]
    except TOO_MUCH:
        return frozenset()
    used: set[str] = set()
    while waiting:
        table = waiting.pop()
        top = table.get_type() == "module"
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
        waiting += table.get_children()
    return frozenset(used - BUILTINS)


def _plain(source: str) -> str:
    """Turn magics into Python, as IPython does; empty where there are none."""
    if not MAGIC.search(source):
        return ""
    try:
        return reader(source)
    except Exception:  # a text that IPython cannot read either
        return ""


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]) - 1
    kind = "other"
    binds: set[str] = set()
    changes: set[str] = set()
    if isinstance(node, DEFINITIONS):
        kind, binds = "definition", {node.name}
    elif isinstance(node, IMPORTS):
        kind = "import"
        binds = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    else:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            kind = "assignment"
        for inner in _outside_functions(node):
            if isinstance(inner, DEFINITIONS):
                binds.add(inner.name)
            elif isinstance(inner, IMPORTS):
                binds |= {(alias.asname or alias.name).split(".")[0] for alias in inner.names}
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                binds.add(inner.id)
            changes |= _changed(inner)
        if isinstance(node, ast.AugAssign):
            changes |= binds
            binds = set()
    text = "\n".join(lines[first : node.end_lineno])
    return Statement(text, first, node.end_lineno, kind, frozenset(binds), frozenset(changes))


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, (*DEFINITIONS, ast.Lambda)) or inner is node:
            waiting += ast.iter_child_nodes(inner)


def _changed(node: ast.AST) -> set[str]:
    """Name what a node changes in place: the base of a stored element, or of a method that is called."""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        base = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        base = node.func.value
    else:
        return set()
    while isinstance(base, ast.Attribute | ast.Subscript):
        base = base.value
    return {base.id} if isinstance(base, ast.Name) else set()
