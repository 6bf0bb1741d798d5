"""Where the names that an answer uses come from, read from the sources of a notebook's cells.

`check` and grading ask the same question here: does an answer use what its task forbids? A name counts by
its origin, not by its letters: `kl_of` counts after `from torch.distributions import kl_divergence as
kl_of`, and a learner's own `kl_div` does not. Nothing is run.
"""

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

UNKNOWN = "?"
"""Origin of an attribute of a value that only exists when the code runs, as in `x.std()`."""
MOST_STEPS = 500_000
"""What is followed of one notebook, and of one answer."""
MAGICS = ("time", "capture", "prun")
"""Cell magics that run the cell."""
LOOPS = "loops"
"""Origin of loops, by which a task forbids them."""
LOOP_NODES = (
    ast.For
    | ast.AsyncFor
    | ast.While
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)
Scope = dict[str, frozenset[str]]
"""A function's local names, and the origins that each may stand for."""
Code = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def forbidden_names(function: str, sources: Iterable[str], forbids: tuple[str, ...]) -> list[str]:
    """Find the forbidden names that an answer uses.

    Args:
        function: a name that one of the cells defines.
        sources: the cells that ran, as Python, in their order.
        forbids: names of modules, or of what they hold, such as `torch` or `convolve`, or LOOPS.

    Returns:
        The names found, in the order of `forbids`.
    """
    used = names_of(tuple(sources)).used_by(function)
    parts = {part for origin in used.origins for part in origin.split(".")}
    return [name for name in forbids if name in parts]


def refusal(function: str, forbidden: list[str]) -> str:
    """Say which forbidden names an answer uses."""
    return f"{function} uses {', '.join(forbidden)}, which this task asks you to do without."


@dataclass
class Used:
    """What a piece of code uses."""

    origins: set[str] = field(default_factory=set)
    """Dotted names of what comes from elsewhere: `numpy.convolve`, `builtins.map`, `?.std`."""
    names: set[str] = field(default_factory=set)
    """Names looked up outside the code itself."""
    codes: list[Code] = field(default_factory=list)
    """Functions and classes that may be called later."""

    def __len__(self) -> int:
        return len(self.origins) + len(self.names) + len(self.codes)

    def add(self, other: "Used") -> None:
        """Use what another piece of code uses, too."""
        self.origins |= other.origins
        self.names |= other.names
        self.codes += other.codes


@dataclass
class Binding:
    """What a name of the notebook stands for after some statement."""

    origins: frozenset[str] = frozenset()
    """What it may be another name of."""
    used: Used = field(default_factory=Used)
    """What was used to make it."""


class Names:
    """The names of a notebook after its cells ran."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.bound: dict[str, Binding] = {}
        self._stars: frozenset[str] = frozenset()
        self._unread: set[str] = set()
        cells = []
        for source in sources:
            try:
                cells.append(statements(source))
            except (RecursionError, MemoryError):  # nested too deeply: any word may be a name
                words = {LOOPS, *re.findall(r"[^\W\d]\w*", source)}
                self._unread |= {f"{UNKNOWN}.{word}" for word in words}
        self._own = {name for cell in cells for name in _attributes(cell)}
        self._all = [statement for cell in cells for statement in cell]
        self._left = MOST_STEPS
        for statement in self._all:
            try:
                self._run(statement, False)
            except RecursionError:
                self._unread |= self._every_name()
                break

    def used_by(self, name: str) -> Used:
        """Give all that a name's code uses, its own helpers included."""
        used, seen = Used(set(self._unread)), set()
        self._left = MOST_STEPS
        if name in self.bound:
            used.add(self.bound[name].used)
            used.origins |= self.bound[name].origins
        while used.codes:
            code = used.codes.pop()
            if id(code) not in seen:
                seen.add(id(code))
                try:
                    self._code(code, (), used)
                except RecursionError:
                    used.origins |= self._every_name()
                    break
        return used

    def _every_name(self) -> set[str]:
        """List all names of all cells, where some are written so that they cannot be followed."""
        nodes = [node for statement in self._all for node in ast.walk(statement)]
        found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        found |= {node.id for node in nodes if isinstance(node, ast.Name)}
        found |= {
            part for node in nodes if isinstance(node, ast.alias) for part in node.name.split(".")
        }
        modules = (node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))
        found |= {part for module in modules for part in module.split(".")}
        found |= {LOOPS for node in nodes if isinstance(node, LOOP_NODES)}
        return {f"{UNKNOWN}.{name}" for name in found}

    def _spend(self, steps: int) -> None:
        """Count work; code that was written to take long is treated as code that is nested too deeply."""
        self._left -= steps
        if self._left < 0:
            raise RecursionError(f"more than {MOST_STEPS} steps")

    def _run(self, statement: ast.stmt, perhaps: bool) -> None:
        """Follow one statement outside functions; `perhaps` it does not run."""
        match statement:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                used = Used()
                self._definition(statement, used)
                self._bind(name, Binding(used=used), perhaps)
                return
            case ast.Import() | ast.ImportFrom():
                self._stars |= _starred(statement)
                for name, origin in _imported(statement).items():
                    self._bind(name, Binding(frozenset({origin})), perhaps)
                return
        for target, value in _assigned_by(statement):
            used = Used()
            if value is not None:
                self._uses(value, (), used)
            binding = Binding(self._origins(value, ()), used)
            for name, replaces in _targets(target):
                replaces = replaces and not isinstance(statement, ast.AugAssign)
                self._bind(name, binding, perhaps or not replaces)
        always = isinstance(statement, ast.With | ast.AsyncWith)
        for child in ast.iter_child_nodes(statement):
            for inner in _statements_in(child):
                self._run(inner, perhaps or not always)

    def _bind(self, name: str, binding: Binding, perhaps: bool) -> None:
        before = self.bound.get(name)
        if perhaps and before:
            self._spend(len(before.used) + len(before.origins))
            used = Used()
            used.add(before.used)
            used.add(binding.used)
            binding = Binding(before.origins | binding.origins, used)
        self.bound[name] = binding

    def _definition(self, code: Code, used: Used) -> None:
        """Add what a definition uses when it is made; its body waits until it is called."""
        parts: list[ast.AST | None] = [] if isinstance(code, ast.Lambda) else code.decorator_list
        if isinstance(code, ast.ClassDef):
            parts = [*parts, *code.bases]
        else:
            parts = [*parts, *code.args.defaults, *code.args.kw_defaults]
        used.codes.append(code)
        for part in parts:
            if part is not None:
                self._uses(part, (), used)

    def _code(self, code: Code, scopes: tuple[Scope, ...], used: Used) -> None:
        """Add what a function or class uses, its body included."""
        children = list(ast.iter_child_nodes(code))
        if not isinstance(code, ast.ClassDef):
            scopes = (self._scope(code, scopes), *scopes)
        for child in children:
            self._uses(child, scopes, used)

    def _scope(self, code: Code, outside: tuple[Scope, ...]) -> Scope:
        """Give a function's own names, with what they may be other names of."""
        scope: Scope = dict.fromkeys(_local(code), frozenset())
        arguments = code.args
        places = [*arguments.posonlyargs, *arguments.args][::-1]
        defaults = [
            *zip(places, arguments.defaults[::-1], strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for place, default in defaults:
            scope[place.arg] = self._origins(default, outside)
        assigned = []
        for child in ast.iter_child_nodes(code):
            for node in _within(child):
                self._stars |= _starred(node)
                for name, origin in _imported(node).items():
                    scope[name] = scope.get(name, frozenset()) | {origin}
                assigned += [
                    (name, value)
                    for target, value in _assigned(node)
                    for name, _ in _targets(target)
                    if name in scope
                ]
        for _ in range(3):  # an alias of an alias of an alias
            for name, value in assigned:
                scope[name] |= self._origins(value, (scope, *outside))
        return scope

    def _uses(self, node: ast.AST, scopes: tuple[Scope, ...], used: Used) -> None:
        """Add what evaluating a node uses; functions in it may be called."""
        if isinstance(node, Code):
            if scopes:
                self._code(node, scopes, used)
            else:
                self._definition(node, used)
            return
        self._spend(1)
        if isinstance(node, ast.Name | ast.Attribute):
            used.origins |= self._origins(node, scopes)
        if isinstance(node, LOOP_NODES):
            used.origins.add(LOOPS)
        if (
            isinstance(node, ast.Name)
            and node.id not in used.names
            and not any(node.id in scope for scope in scopes)
        ):
            used.names.add(node.id)
            if node.id in self.bound:
                self._spend(len(self.bound[node.id].used))
                used.add(self.bound[node.id].used)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            own = {
                name: self._origins(generator.iter, scopes)
                for generator in node.generators
                for name, _ in _targets(generator.target)
            }
            scopes = (own, *scopes)
        for child in ast.iter_child_nodes(node):
            self._uses(child, scopes, used)

    def _origins(self, node: ast.AST | None, scopes: tuple[Scope, ...]) -> frozenset[str]:
        """Give what an expression may be another name of."""
        match node:
            case ast.Name(name):
                for scope in scopes:
                    if name in scope:
                        return scope[name]
                if name in self.bound:
                    return self.bound[name].origins
                if hasattr(builtins, name):
                    return frozenset({f"builtins.{name}"})
                return frozenset(f"{star}.{name}" for star in self._stars)
            case ast.Attribute(value, name):
                origins = self._origins(value, scopes)
                if not origins and name not in self._own:
                    origins = frozenset({UNKNOWN})
                self._spend(len(origins))
                return frozenset(f"{origin}.{name}" for origin in origins)
            case ast.IfExp(_, first, second):
                return self._origins(first, scopes) | self._origins(second, scopes)
            case ast.NamedExpr(_, value) | ast.Subscript(value) | ast.Starred(value):
                return self._origins(value, scopes)
            case ast.BoolOp(_, items) | ast.Tuple(items) | ast.List(items) | ast.Set(items):
                self._spend(len(items))
                return frozenset().union(*(self._origins(item, scopes) for item in items))
        return frozenset()


names_of = lru_cache(maxsize=32)(Names)


@lru_cache(maxsize=1024)
def statements(source: str) -> tuple[ast.stmt, ...]:
    """Read the statements of a cell; what is not Python has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    return tuple(inner for statement in body for inner in _unpacked(statement))


def _unpacked(statement: ast.stmt) -> tuple[ast.stmt, ...]:
    """Look into a cell magic that runs its cell, as IPython writes it."""
    match statement:
        case ast.Expr(
            ast.Call(
                ast.Attribute(attr="run_cell_magic"),
                [ast.Constant(magic), _, ast.Constant(str(cell))],
            )
        ) if magic in MAGICS:
            return statements(cell)
    return (statement,)


def _imported(statement: ast.AST) -> dict[str, str]:
    """Map the names that an import binds to their origins."""
    match statement:
        case ast.Import(names):
            pairs = ((alias.asname, alias.name) for alias in names)
            return dict((own, name) if own else (name.split(".")[0],) * 2 for own, name in pairs)
        case ast.ImportFrom(module, names):
            return {
                alias.asname or alias.name: f"{module or ''}.{alias.name}"
                for alias in names
                if alias.name != "*"
            }
    return {}


def _starred(statement: ast.AST) -> frozenset[str]:
    match statement:
        case ast.ImportFrom(str(module), [ast.alias("*")]):
            return frozenset({module})
    return frozenset()


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs with a node, not the functions and classes in it."""
    yield node
    if not isinstance(node, Code):
        for child in ast.iter_child_nodes(node):
            yield from _within(child)


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements in a part of a compound statement."""
    if isinstance(node, ast.stmt):
        yield node
    elif isinstance(node, ast.ExceptHandler | ast.match_case):
        yield from node.body


def _assigned_by(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.AST | None]]:
    """Give targets and values of a statement, of its walruses too, not of statements in it."""
    yield from _assigned(statement)
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem):
            for node in _within(child):
                yield from _assigned(node)


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST | None]]:
    """Give targets and values of one node."""
    match node:
        case ast.Assign(targets, value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target, value=value) | ast.AugAssign(target, value=value):
            yield target, value
        case ast.For(target, value) | ast.AsyncFor(target, value) | ast.NamedExpr(target, value):
            yield target, value
        case ast.withitem(value, target) if target:
            yield target, value
        case ast.Match(subject, cases):
            for pattern in (item for part in cases for item in ast.walk(part.pattern)):
                if isinstance(pattern, ast.MatchAs | ast.MatchStar) and pattern.name:
                    yield ast.Name(pattern.name, ast.Store()), subject


def _targets(target: ast.AST) -> Iterator[tuple[str, bool]]:
    """Give the names that a target binds, and whether it replaces what they stood for."""
    match target:
        case ast.Name(name):
            yield name, True
        case ast.Attribute(value) | ast.Subscript(value):
            yield from ((name, False) for name, _ in _targets(value))
        case ast.Tuple(items) | ast.List(items):
            for item in items:
                yield from _targets(item)
        case ast.Starred(value):
            yield from _targets(value)


def _local(code: Code) -> set[str]:
    """List the names that are a function's or class's own."""
    found: set[str] = set()
    outer: set[str] = set()
    if not isinstance(code, ast.ClassDef):
        arguments = code.args
        own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        found |= {item.arg for item in (*own, arguments.vararg, arguments.kwarg) if item}
    for child in ast.iter_child_nodes(code):
        for node in _within(child):
            match node:
                case ast.Name(name, ast.Store() | ast.Del()):
                    found.add(name)
                case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                    found.add(name)
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                    found.add(name)
                case ast.Global(names) | ast.Nonlocal(names):
                    outer |= set(names)
            found |= set(_imported(node))
    return found - outer


def _attributes(cell: Iterable[ast.stmt]) -> Iterator[str]:
    """List the attributes that the learner's own classes have."""
    for statement in cell:
        for node in ast.walk(statement):
            match node:
                case ast.ClassDef(body=body):
                    yield from (name for item in body for name in _defined(item))
                case ast.Attribute(ast.Name("self"), name, ast.Store()):
                    yield name


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return [name]
        case ast.Assign(targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(ast.Name(name)):
            return [name]
    return []
