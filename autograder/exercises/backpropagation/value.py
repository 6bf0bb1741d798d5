import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import BY_HAND, PAGE
from dlarch.checks_file import Part
from dlarch.plain import PlainData

WITHOUT_BACKWARD = ("every operation", "every operation with a number")
"""The cases of `Value` that can be right before `backward` is written."""

value = Exercise(
    "Value",
    signature=(
        "Value(data: float), with data, grad, +, -, *, /, ** (numbers on either side; the exponent is a number), "
        "tanh(), relu(), exp(), backward()"
    ),
    outputs=("values", "gradients"),
    parts={
        "values": Part(1, outputs=("values",), cases=WITHOUT_BACKWARD),
        "gradients": Part(3, outputs=("gradients",)),
    },
    driver="backpropagation.value_graph",
    forbids=BY_HAND,
    section=PAGE + "automatic",
)


def _graph(leaves, operations, backward=()):
    return {
        "leaves": [float(number) for number in leaves],
        "operations": [list(operation) for operation in operations],
        "backward": list(backward),
    }


def _away_from_zero(random, size):
    return random.uniform(0.4, 1.6, size=size) * random.choice([-1.0, 1.0], size=size)


@value.case("every operation")
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 3)
    leaves[0] = -abs(leaves[0])
    return _graph(
        leaves,
        [
            ("+", "#0", "#1"), ("*", "#1", "#2"), ("-", "#3", "#4"), ("/", "#0", "#2"), ("neg", "#5"),
            ("**", "#1", 3), ("tanh", "#6"), ("relu", "#0"), ("relu", "#8"), ("exp", "#7"),
        ],
    )  # fmt: skip


@value.case("every operation with a number")
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 2)
    return _graph(
        leaves,
        [
            ("+", "#0", 2), ("+", 0.5, "#1"), ("*", "#0", 3), ("*", -2.5, "#1"),
            ("-", "#0", 1.5), ("-", 1, "#1"), ("/", "#0", 4), ("/", 3.0, "#1"), ("**", "#0", -1), ("**", "#1", 2),
        ],
    )  # fmt: skip


@value.case("a neuron: tanh(a·b + c·d + e)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 5),
        [
            ("*", "#0", "#1"), ("*", "#2", "#3"), ("+", "#5", "#6"), ("+", "#7", "#4"), ("tanh", "#8"),
        ],
        ["#9"],
    )  # fmt: skip


@value.case("with p = (2a)³ (1 − b) / b: relu(−p) − (exp(a) + relu(a)) − p")
def _(random) -> dict[str, PlainData]:
    leaves = [random.uniform(0.4, 1.6), random.uniform(0.4, 0.9)]  # b < 1: relu(−p) is off
    return _graph(
        leaves,
        [
            ("*", 2, "#0"), ("**", "#2", 3), ("-", 1, "#1"), ("*", "#3", "#4"), ("/", "#5", "#1"), ("neg", "#6"),
            ("exp", "#0"), ("relu", "#0"), ("relu", "#7"), ("+", "#8", "#9"), ("-", "#10", "#11"), ("+", "#12", "#7"),
        ],
        ["#13"],
    )  # fmt: skip


@value.case("with a between −1 and 0: relu(a)·b + a")
def _(random) -> dict[str, PlainData]:
    leaves = [random.uniform(-0.8, -0.2), random.uniform(0.4, 1.6)]
    return _graph(leaves, [("relu", "#0"), ("*", "#2", "#1"), ("+", "#3", "#0")], ["#4"])


@value.case("with p = a·b: tanh(p)·exp(p) + p")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [
            ("*", "#0", "#1"), ("tanh", "#2"), ("exp", "#2"), ("*", "#3", "#4"), ("+", "#5", "#2"),
        ],
        ["#6"],
    )  # fmt: skip


@value.case("with p = a·b, q = tanh(p): (p + (tanh(q·b) + p)·p)·q")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [
            ("*", "#0", "#1"), ("tanh", "#2"), ("*", "#3", "#1"), ("tanh", "#4"), ("+", "#5", "#2"), ("*", "#6", "#2"),
            ("+", "#2", "#7"), ("*", "#8", "#3"),
        ],
        ["#9"],
    )  # fmt: skip


@value.case("with p = a·a: (p + p)·a")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 1),
        [("*", "#0", "#0"), ("+", "#1", "#1"), ("*", "#2", "#0"), ("/", "#3", "#1")],
        ["#3"],
    )


@value.case("tanh(a·b)·a, backward twice, then from tanh(a·b)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [("*", "#0", "#1"), ("tanh", "#2"), ("*", "#3", "#0")],
        ["#4", "#4", "#3"],
    )


@value.case("tanh(exp(a·b)·c), backward from exp(a·b)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 3),
        [("*", "#0", "#1"), ("exp", "#3"), ("*", "#4", "#2"), ("tanh", "#5")],
        ["#4"],
    )


@value.case("a chain of 2000 operations", secret=True)
def _(random) -> dict[str, PlainData]:
    operations, node = [], 1
    for step in range(1000):
        operations += [
            ("*", f"#{node}", 1.0005),
            ("+", f"#{node + 1}", "#0" if step % 97 == 0 else 0.001),
        ]
        node += 2
    return _graph(0.1 * _away_from_zero(random, 2), operations, [f"#{node}"])


@value.case("a random graph", secret=True)
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 4)
    operations = []
    for node in range(4, 44):
        first, second = (f"#{index}" for index in random.integers(max(0, node - 9), node, size=2))
        kind = random.choice(["+", "*", "-", "tanh"])
        operations.append(("tanh", first) if kind == "tanh" else (str(kind), first, second))
        if kind == "*":
            operations[-1] = ("*", first, 0.7) if node % 3 else operations[-1]
    return _graph(0.3 * leaves, operations, ["#43", "#30"])


class _Number:
    """A value on a tape: nodes are numbered as they are made, and each keeps its inputs and slopes."""

    made = 0

    def __init__(self, data):
        self.data, self.grad, self.inputs = float(data), 0.0, ()
        _Number.made += 1
        self.number = _Number.made

    def result(self, data, *inputs):
        node = type(self)(data)
        node.inputs = inputs
        return node

    def lift(self, other):
        return other if isinstance(other, _Number) else type(self)(other)

    def __add__(self, other):
        other = self.lift(other)
        return self.result(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return self.result(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, exponent * self.data ** (exponent - 1)))

    def tanh(self):
        t = math.tanh(self.data)
        return self.result(t, (self, 1 - t * t))

    def relu(self):
        return self.result(max(self.data, 0.0), (self, float(self.data > 0)))

    def exp(self):
        e = math.exp(self.data)
        return self.result(e, (self, e))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -self.lift(other)

    def __truediv__(self, other):
        return self * self.lift(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self.lift(other) - self

    def __rtruediv__(self, other):
        return self.lift(other) / self

    def ordered(self):
        """Give this node and all it was computed from, latest first."""
        found, waiting = {self.number: self}, [self]
        while waiting:
            for node, _ in waiting.pop().inputs:
                if node.number not in found:
                    found[node.number] = node
                    waiting.append(node)
        return [found[number] for number in sorted(found, reverse=True)]

    def pass_on(self):
        for node, slope in self.inputs:
            node.grad += slope * self.grad

    def backward(self):
        order = self.ordered()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in order:
            node.pass_on()


@value.reference
class Reference(_Number):
    def __init__(self, data):
        super().__init__(data)


@value.mistake(
    "gradient_overwritten",
    "A node that is used more than once keeps only the gradient of one use: you assign to grad where you should add. "
    "Contributions that come back along different paths add up.",
    PAGE + "automatic",
)
class GradientOverwritten(_Number):
    def pass_on(self):
        for node, slope in self.inputs:
            node.grad = slope * self.grad


@value.mistake(
    "recursion_without_order",
    "Your backward goes on to a node's inputs at once, each time an error arrives. A node that is reached along two "
    "paths passes its first contribution on twice: wait until all that use it are done (topological order).",
    PAGE + "automatic",
)
class RecursionWithoutOrder(_Number):
    def backward(self):
        for node in self.ordered():
            node.grad = 0.0
        self.grad = 1.0
        self.descend()

    def descend(self):
        self.pass_on()
        for node, _ in self.inputs:
            node.descend()


@value.mistake(
    "breadth_first",
    "You visit the nodes breadth-first from the end. Where two paths to a node have different lengths, it passes its "
    "gradient on before all of it has arrived: visit a node after everything that uses it.",
    PAGE + "automatic",
)
class BreadthFirst(_Number):
    def ordered(self):
        order, waiting = [self], [self]
        while waiting:
            for node, _ in waiting.pop(0).inputs:
                if all(node is not known for known in order):
                    order.append(node)
                    waiting.append(node)
        return order


@value.mistake(
    "depth_first",
    "You visit each node when you first reach it, going deep. It then passes its gradient on although other users may "
    "still have something to add: visit a node after everything that uses it (topological order).",
    PAGE + "automatic",
)
class DepthFirst(_Number):
    def ordered(self):
        order, seen, waiting = [], set(), [self]
        while waiting:
            node = waiting.pop()
            if node.number not in seen:
                seen.add(node.number)
                order.append(node)
                waiting.extend(source for source, _ in reversed(node.inputs))
        return order


@value.mistake(
    "gradients_not_reset",
    "The first backward is right; a second one adds to what the first left behind. In this task backward() first sets "
    "the grad of every node it reaches to 0.",
    PAGE + "automatic",
)
class GradientsNotReset(_Number):
    def backward(self):
        self.grad = 1.0
        for node in self.ordered():
            node.pass_on()


@value.mistake(
    "leaves_reset_alone",
    "A second backward finds what the first one left in the nodes between: you set only the leaves' grad to 0. Set "
    "the grad of every node that it reaches to 0 first.",
    PAGE + "automatic",
)
class LeavesResetAlone(_Number):
    def backward(self):
        order = self.ordered()
        for node in order:
            node.grad = node.grad if node.inputs else 0.0
        self.grad = 1.0
        for node in order:
            node.pass_on()


@value.mistake(
    "backward_unwritten",
    "backward() is not written yet: in the class's cell, replace its `raise NotImplementedError` with your answer, run "
    "that cell, then this one.",
    PAGE + "automatic",
)
class BackwardUnwritten(_Number):
    def backward(self):
        raise NotImplementedError


@value.mistake(
    "start_missing",
    "All gradients are 0 in the end: where backward() starts, ∂node/∂node must stand before anything is passed on.",
    PAGE + "automatic",
)
class StartMissing(_Number):
    def backward(self):
        for node in self.ordered():
            node.grad = 0.0


@value.mistake(
    "factors_swapped",
    "In the product each factor gets its own value as slope. Hold one factor still and ask how the product moves with "
    "the other.",
    PAGE + "automatic",
)
class FactorsSwapped(_Number):
    def __mul__(self, other):
        other = self.lift(other)
        return self.result(self.data * other.data, (self, self.data), (other, other.data))


@value.mistake(
    "power_not_lowered",
    "The slope of xⁿ has the exponent n − 1; yours still has n.",
    PAGE + "automatic",
)
class PowerNotLowered(_Number):
    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, exponent * self.data**exponent))


@value.mistake(
    "tanh_slope_of_input",
    "The slope of tanh is 1 − tanh²(x): the square is of the output, and you used the input.",
    PAGE + "activations",
)
class TanhSlopeOfInput(_Number):
    def tanh(self):
        return self.result(math.tanh(self.data), (self, 1 - self.data**2))


@value.mistake(
    "relu_passes_everything",
    "Your relu passes the error on even where the unit was off (input below 0). A flat piece has slope 0.",
    PAGE + "activations",
)
class ReluPassesEverything(_Number):
    def relu(self):
        return self.result(max(self.data, 0.0), (self, 1.0))


@value.mistake(
    "numbers_not_wrapped",
    "An operation with a plain number fails: 2 has no .data. Turn the other operand into a Value when it is not one.",
    PAGE + "automatic",
)
class NumbersNotWrapped(_Number):
    def lift(self, other):
        other.data  # noqa: B018 (raises AttributeError, as the learner's does)
        return other


@value.mistake(
    "subtraction_reversed",
    "number − Value comes out with the wrong sign: Python calls __rsub__ on the right operand, so there self is what is "
    "subtracted.",
    PAGE + "automatic",
)
class SubtractionReversed(_Number):
    def __rsub__(self, other):
        return self - other


@value.alternative
class WithClosures:
    """Each node keeps a function that passes its gradient on; topological order by an explicit stack."""

    def __init__(self, data, inputs=()):
        self.data = data
        self.grad = 0.0
        self._inputs = inputs
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, WithClosures) else WithClosures(other)
        out = WithClosures(self.data + other.data, (self, other))

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, WithClosures) else WithClosures(other)
        out = WithClosures(self.data * other.data, (self, other))

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out

    def _unary(self, data, slope):
        out = WithClosures(data, (self,))

        def backward():
            self.grad += slope * out.grad

        out._backward = backward
        return out

    def __pow__(self, n):
        return self._unary(self.data**n, n * self.data ** (n - 1))

    def tanh(self):
        e = math.exp(2 * self.data)
        return self._unary((e - 1) / (e + 1), 4 * e / (e + 1) ** 2)

    def relu(self):
        return self._unary(self.data if self.data > 0 else 0, 1 if self.data > 0 else 0)

    def exp(self):
        return self._unary(math.exp(self.data), math.exp(self.data))

    def __neg__(self):
        return self._unary(-self.data, -1)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((item, False) for item in node._inputs)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


@value.alternative
class WithCountedUses:
    """Counts how often each node is used, and lets it pass on when the last of its uses has come back (Kahn)."""

    def __init__(self, data, slopes=()):
        self.data, self.grad, self.slopes = np.float64(data), np.float64(0), slopes

    def _pair(self, other):
        return other if isinstance(other, WithCountedUses) else WithCountedUses(other)

    def __add__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data + other.data, ((self, 1), (other, 1)))

    def __sub__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data - other.data, ((self, 1), (other, -1)))

    def __mul__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data * other.data, ((self, other.data), (other, self.data)))

    def __truediv__(self, other):
        other = self._pair(other)
        quotient = self.data / other.data
        return WithCountedUses(quotient, ((self, 1 / other.data), (other, -quotient / other.data)))

    def __radd__(self, other):
        return self._pair(other) + self

    def __rsub__(self, other):
        return self._pair(other) - self

    def __rmul__(self, other):
        return self._pair(other) * self

    def __rtruediv__(self, other):
        return self._pair(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, exponent):
        slope = exponent * self.data ** float(exponent - 1)
        return WithCountedUses(self.data ** float(exponent), ((self, slope),))

    def tanh(self):
        return WithCountedUses(np.tanh(self.data), ((self, 1 / np.cosh(self.data) ** 2),))

    def relu(self):
        return WithCountedUses(np.maximum(self.data, 0), ((self, np.heaviside(self.data, 0)),))

    def exp(self):
        return WithCountedUses(np.exp(self.data), ((self, np.exp(self.data)),))

    def backward(self):
        uses, waiting = {id(self): 0}, [self]
        while waiting:
            node = waiting.pop()
            node.grad = np.float64(0)
            for parent, _ in node.slopes:
                if id(parent) not in uses:
                    uses[id(parent)] = 0
                    waiting.append(parent)
                uses[id(parent)] += 1
        self.grad, ready = np.float64(1), [self]
        while ready:
            node = ready.pop()
            for parent, slope in node.slopes:
                parent.grad = parent.grad + slope * node.grad
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0:
                    ready.append(parent)
