"""Small slips in an answer, made one at a time: what a learner might mistype or forget."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

EXCHANGED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
PAIRS = (
    ("mean", "sum"), ("max", "min"), ("maximum", "minimum"), ("argmax", "argmin"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("floor", "ceil"), ("any", "all"), ("var", "std"), ("log", "log1p"),
    ("exp", "expm1"), ("hstack", "vstack"), ("append", "insert"),
)  # fmt: skip
ALIKE = {name: other for pair in PAIRS for name, other in (pair, pair[::-1])}
SYMMETRIC = ("maximum", "minimum", "max", "min", "allclose", "array_equal", "isclose")

Change = Callable[[ast.AST], ast.AST | None]
"""Changes a node in place, or gives what stands there instead."""


@dataclass(frozen=True)
class Mutant:
    """An answer with one slip."""

    line: int
    """The line of the answer that has it."""
    slip: str
    """`what stands there → what stands there then`."""
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Give each answer that differs from this one by one slip."""
    tree = ast.parse(source)
    right = ast.unparse(tree)
    seen = {right}
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            wrong = copy.deepcopy(tree)
            target = list(ast.walk(wrong))[index]
            instead = change(target)
            if instead is not None:
                wrong = _Replace(target, instead).visit(wrong)
            try:
                text = ast.unparse(ast.fix_missing_locations(wrong))
                compile(text, "", "exec")
            except (SyntaxError, ValueError, TypeError, AttributeError):
                continue
            if text not in seen:
                seen.add(text)
                yield Mutant(getattr(node, "lineno", 0), _difference(right, text), text)


class _Replace(ast.NodeTransformer):
    def __init__(self, node: ast.AST, instead: ast.AST) -> None:
        self.node, self.instead = node, instead

    def visit(self, node: ast.AST) -> ast.AST:
        return self.instead if node is self.node else self.generic_visit(node)


def _difference(right: str, wrong: str) -> str:
    before, after = right.splitlines(), wrong.splitlines()
    first = next(i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    if len(before) != len(after):
        return f"{before[first].strip()} → (dropped)"
    return f"{before[first].strip()} → {after[first].strip()}"


def _changes(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            if type(op) in EXCHANGED:
                yield lambda n: setattr(n, "op", EXCHANGED[type(n.op)]())
            if isinstance(node, ast.BinOp):
                yield lambda n: n.left
                yield lambda n: n.right
                if not isinstance(op, ast.Add | ast.Mult):
                    yield lambda n: ast.BinOp(n.right, n.op, n.left)
            else:
                yield lambda n: ast.Assign([n.target], n.value)
                yield lambda n: ast.Pass()
        case ast.BoolOp():
            yield lambda n: setattr(n, "op", EXCHANGED[type(n.op)]())
            for place in range(len(node.values)):
                yield lambda n, i=place: n.values[i]
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                if type(op) in EXCHANGED:
                    yield lambda n, i=place: n.ops.__setitem__(i, EXCHANGED[type(n.ops[i])]())
            yield lambda n: ast.Constant(True)
            yield lambda n: ast.Constant(False)
        case ast.UnaryOp():
            yield lambda n: n.operand
        case ast.Constant(value=bool()):
            yield lambda n: ast.Constant(not n.value)
        case ast.Constant(value=int()):
            yield lambda n: ast.Constant(n.value + 1)
            yield lambda n: ast.Constant(n.value - 1)
        case ast.Constant(value=float()):
            yield lambda n: ast.Constant(2 * n.value or 1.0)
            yield lambda n: ast.Constant(0.0)
        case ast.Assign():
            yield lambda n: ast.Pass()
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Break() | ast.Continue():
            yield lambda n: ast.Pass()
        case ast.If() | ast.IfExp() | ast.While():
            yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.Attribute(attr="T"):
            yield lambda n: n.value
        case ast.Attribute(attr=name) if name in ALIKE:
            yield lambda n: setattr(n, "attr", ALIKE[n.attr])
        case ast.Name(id=name, ctx=ast.Load()) if name in ALIKE:
            yield lambda n: setattr(n, "id", ALIKE[n.id])
        case ast.Call(args=args, keywords=keywords):
            if len(args) > 1 and ast.unparse(node.func).rpartition(".")[2] not in SYMMETRIC:
                yield lambda n: setattr(n, "args", [n.args[1], n.args[0], *n.args[2:]])
            if args:
                yield lambda n: n.args[0]
            if isinstance(node.func, ast.Attribute):
                yield lambda n: n.func.value
            for place in range(len(keywords)):
                yield lambda n, i=place: n.keywords.pop(i) and None
        case ast.Slice():
            for bound in ("lower", "upper", "step"):
                if getattr(node, bound):
                    yield lambda n, b=bound: setattr(n, b, None)
        case ast.Return(value=ast.Tuple(elts=[_, _, *_])):
            yield lambda n: n.value.elts.__setitem__(slice(0, 2), n.value.elts[1::-1])
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()) | ast.List(elts=[_, _, *_]):
            yield lambda n: n.elts.__setitem__(slice(0, 2), n.elts[1::-1])
        case ast.Subscript(ctx=ast.Load()):
            yield lambda n: n.value
        case ast.comprehension(ifs=[_, *_]):
            yield lambda n: n.ifs.clear()
