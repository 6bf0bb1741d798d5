import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import BY_HAND, PAGE
from dlarch.checks_file import Part
from dlarch.plain import PlainData

WITHOUT_BACKWARD = (
    "every operation",
    "every operation with a number",
    "every operation, with 0 among the numbers",
)
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


def _graph(leaves, operations, backward=(), **settings):
    return {
        "leaves": [float(number) for number in leaves],
        "operations": [list(operation) for operation in operations],
        "backward": list(backward),
        **settings,
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


@value.case("every operation, with 0 among the numbers")
def _(random) -> dict[str, PlainData]:
    leaves = [0.0, *_away_from_zero(random, 1)]
    return _graph(
        leaves,
        [
            ("+", "#0", "#1"), ("*", "#0", "#1"), ("-", "#0", "#1"), ("/", "#0", "#1"), ("neg", "#1"),
            ("**", "#0", 2), ("**", "#1", 1), ("tanh", "#0"), ("relu", "#0"), ("exp", "#0"), ("*", 0, "#1"), ("+", "#1", 0),
        ],
    )  # fmt: skip


@value.case("a + b")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 2), [("+", "#0", "#1")], ["#2"])


@value.case("a · b")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 2), [("*", "#0", "#1")], ["#2"])


@value.case("a · b, with a = 0")
def _(random) -> dict[str, PlainData]:
    return _graph([0.0, *_away_from_zero(random, 1)], [("*", "#0", "#1")], ["#2"])


@value.case("a³")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 1), [("**", "#0", 3)], ["#1"])


@value.case("1 / a")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 1), [("**", "#0", -1)], ["#1"])


@value.case("a², with a = 0")
def _(random) -> dict[str, PlainData]:
    return _graph([0.0], [("**", "#0", 2)], ["#1"])


@value.case("tanh(a)")
def _(random) -> dict[str, PlainData]:
    return _graph(-abs(_away_from_zero(random, 1)), [("tanh", "#0")], ["#1"])


@value.case("exp(a)")
def _(random) -> dict[str, PlainData]:
    return _graph(-abs(_away_from_zero(random, 1)), [("exp", "#0")], ["#1"])


@value.case("relu(a), with a above 0")
def _(random) -> dict[str, PlainData]:
    return _graph(abs(_away_from_zero(random, 1)), [("relu", "#0")], ["#1"])


@value.case("relu(a), with a below 0")
def _(random) -> dict[str, PlainData]:
    return _graph(-abs(_away_from_zero(random, 1)), [("relu", "#0")], ["#1"])


@value.case("a, which was computed from nothing")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 2), [("*", "#0", "#1")], ["#0", "#2"])


@value.case("a + a")
def _(random) -> dict[str, PlainData]:
    return _graph(_away_from_zero(random, 1), [("+", "#0", "#0")], ["#1"])


def _ladder(random, steps):
    """Each z is used twice for the next: two paths in each step."""
    low, high = random.uniform(0.4, 0.5), random.uniform(0.52, 0.6)
    step = [("*", "#-1", low), ("*", "#-2", high), ("+", "#-1", "#-2")]
    return _graph(
        _away_from_zero(random, 1), step, ["#-1"], repeat=steps, reported=["#0", "#1", "#-1"]
    )


@value.case("24 times z = z·r + z·s")
def _(random) -> dict[str, PlainData]:
    return _ladder(random, 24)


def _chain(random, steps):
    factor = random.uniform(1.0001, 1.0005)
    return _graph(
        0.1 * _away_from_zero(random, 1), [("*", "#-1", factor), ("+", "#-1", "#0")], ["#-1"],
        repeat=steps, reported=["#0", "#1", "#-2", "#-1"],
    )  # fmt: skip


@value.case("a chain of 2000 operations")
def _(random) -> dict[str, PlainData]:
    return _chain(random, 1000)


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


@value.case("30 times z = z·r + z·s", secret=True)
def _(random) -> dict[str, PlainData]:
    return _ladder(random, 30)


@value.case("a chain of 2200 operations", secret=True)
def _(random) -> dict[str, PlainData]:
    return _chain(random, 1100)


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


def _last_visited_first(root, turned):
    """A topological order as a depth-first walk finds it, which takes inputs in one order or the other."""
    order, seen, waiting = [], set(), [(root, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif node.number not in seen:
            seen.add(node.number)
            waiting.append((node, True))
            inputs = [(source, False) for source, _ in node.inputs]
            waiting.extend(inputs if turned else inputs[::-1])
    return order[::-1]


for _turned in (False, True):

    @value.mistake("gradient_overwritten")
    class GradientOverwrittenInAnotherOrder(GradientOverwritten):
        turned = _turned

        def ordered(self):
            return _last_visited_first(self, self.turned)


@value.mistake("gradient_overwritten")
class GradientOverwrittenFromTheRight(GradientOverwritten):
    def pass_on(self):
        for node, slope in reversed(self.inputs):
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


@value.mistake("recursion_without_order")
class RecursionInputByInput(RecursionWithoutOrder):
    def descend(self):
        for node, slope in self.inputs:
            node.grad += slope * self.grad
            node.descend()


for _next in (0, -1):

    @value.mistake("recursion_without_order")
    class ListWithoutOrder(_Number):
        next = _next

        def backward(self):
            for node in self.ordered():
                node.grad = 0.0
            self.grad, waiting = 1.0, [self]
            while waiting:
                node = waiting.pop(self.next)
                node.pass_on()
                waiting.extend(source for source, _ in node.inputs)


@value.mistake(
    "every_path",
    "Your backward goes along every path from the end to the start. The sums come out right, but where values are used "
    "twice again and again, the paths double at every step: 30 steps have a thousand million. Visit each value once, "
    "after everything that uses it.",
    PAGE + "automatic",
)
class EveryPath(_Number):
    def backward(self):
        for node in self.ordered():
            node.grad = 0.0
        self.descend(1.0)

    def descend(self, gradient):
        self.grad += gradient
        for node, slope in self.inputs:
            node.descend(slope * gradient)


for _next in (0, -1):

    @value.mistake("every_path")
    class EveryPathWithList(_Number):
        next = _next

        def backward(self):
            for node in self.ordered():
                node.grad = 0.0
            waiting = [(self, 1.0)]
            while waiting:
                node, gradient = waiting.pop(self.next)
                node.grad += gradient
                waiting.extend((source, slope * gradient) for source, slope in node.inputs)


@value.mistake(
    "recursion_too_deep",
    "Right for short formulas. In a chain of thousands of operations your functions call each other as deep as the chain "
    "is long, and Python stops that (RecursionError). Keep the values that still wait in a list of your own.",
    PAGE + "automatic",
)
class RecursiveOrder(_Number):
    def ordered(self):
        order, seen = [], set()

        def visit(node):
            if node.number not in seen:
                seen.add(node.number)
                for source, _ in node.inputs:
                    visit(source)
                order.append(node)

        visit(self)
        return order[::-1]


@value.mistake(
    "order_not_reversed",
    "You go through the values from the first to the last. Errors come from the end: a value can pass on only what has "
    "arrived.",
    PAGE + "automatic",
)
class OrderNotReversed(_Number):
    def ordered(self):
        return super().ordered()[::-1]


for _turned in (False, True):

    @value.mistake("order_not_reversed")
    class AnotherOrderNotReversed(_Number):
        turned = _turned

        def ordered(self):
            return _last_visited_first(self, self.turned)[::-1]


@value.mistake(
    "breadth_first",
    "You visit the nodes breadth-first from the end. Where two paths to a node have different lengths, it passes its "
    "gradient on before all of it has arrived: visit a node after everything that uses it.",
    PAGE + "automatic",
)
class BreadthFirst(_Number):
    step = 1

    def ordered(self):
        order, seen, waiting = [self], {self.number}, [self]
        while waiting:
            for node, _ in waiting.pop(0).inputs[:: self.step]:
                if node.number not in seen:
                    seen.add(node.number)
                    order.append(node)
                    waiting.append(node)
        return order


@value.mistake("breadth_first")
class BreadthFirstFromTheRight(BreadthFirst):
    step = -1


@value.mistake(
    "depth_first",
    "You visit each node when you first reach it, going deep. It then passes its gradient on although other users may "
    "still have something to add: visit a node after everything that uses it (topological order).",
    PAGE + "automatic",
)
class DepthFirst(_Number):
    step = -1

    def ordered(self):
        order, seen, waiting = [], set(), [self]
        while waiting:
            node = waiting.pop()
            if node.number not in seen:
                seen.add(node.number)
                order.append(node)
                waiting.extend(source for source, _ in node.inputs[:: self.step])
        return order


@value.mistake("depth_first")
class DepthFirstFromTheRight(DepthFirst):
    step = 1


@value.mistake("depth_first")
class DepthFirstMarkedWhenSeen(_Number):
    def ordered(self):
        order, seen, waiting = [], {self.number}, [self]
        while waiting:
            node = waiting.pop()
            order.append(node)
            for source, _ in node.inputs:
                if source.number not in seen:
                    seen.add(source.number)
                    waiting.append(source)
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
    "You kept the exponent in the slope of a power. Differentiate x² by hand and compare.",
    PAGE + "automatic",
)
class PowerNotLowered(_Number):
    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, exponent * self.data**exponent))


@value.mistake(
    "tanh_slope_of_input",
    "You wrote the slope of tanh with the input, where its output belongs.",
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


@value.mistake(
    "direct_inputs_reset_alone",
    "A second backward finds what the first one left deeper down: you set only the grad of the direct inputs to 0. Set "
    "that of every value the call reaches.",
    PAGE + "automatic",
)
class DirectInputsResetAlone(_Number):
    def backward(self):
        for node, _ in self.inputs:
            node.grad = 0.0
        self.grad = 1.0
        for node in self.ordered():
            node.pass_on()


@value.mistake(
    "start_added",
    "Where backward() starts you add 1 to what is there. A second call finds the 1 of the first, and gives everything "
    "twice.",
    PAGE + "automatic",
)
class StartAdded(_Number):
    def backward(self):
        order = self.ordered()
        for node in order[1:]:
            node.grad = 0.0
        self.grad += 1.0
        for node in order:
            node.pass_on()


@value.mistake(
    "equal_inputs_once",
    "Where both operands are the same value, it gets the gradient of one of them alone: in a set, or as keys of a dict, "
    "two equal inputs are one.",
    PAGE + "automatic",
)
class EqualInputsOnce(_Number):
    def result(self, data, *inputs):
        return super().result(
            data, *{node.number: (node, slope) for node, slope in inputs}.values()
        )


@value.mistake(
    "factor_of_the_power_missing",
    "The slope of your power lacks a factor. Differentiate x² by hand and compare.",
    PAGE + "automatic",
)
class FactorOfThePowerMissing(_Number):
    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, self.data ** (exponent - 1)))


@value.mistake(
    "product_slope_one",
    "Your product passes the error on unchanged, as a sum does.",
    PAGE + "automatic",
)
class ProductSlopeOne(_Number):
    def __mul__(self, other):
        other = self.lift(other)
        return self.result(self.data * other.data, (self, 1.0), (other, 1.0))


@value.mistake(
    "exp_slope_of_input",
    "The slope of exp is not its input.",
    PAGE + "automatic",
)
class ExpSlopeOfInput(_Number):
    def exp(self):
        return self.result(math.exp(self.data), (self, self.data))


@value.mistake(
    "tanh_slope_not_squared",
    "A square is missing in your slope of tanh. Check it at a large negative input: the slope lies between 0 and 1.",
    PAGE + "activations",
)
class TanhSlopeNotSquared(_Number):
    def tanh(self):
        t = math.tanh(self.data)
        return self.result(t, (self, 1 - t))


@value.mistake(
    "relu_slope_of_input",
    "Your relu multiplies the error by its input. The slope does not depend on how large that is.",
    PAGE + "activations",
)
class ReluSlopeOfInput(_Number):
    def relu(self):
        return self.result(max(self.data, 0.0), (self, max(self.data, 0.0)))


@value.mistake(
    "slope_not_passed_on",
    "Your values hand their own slopes down, and not the error that arrived: the chain rule multiplies them.",
    PAGE + "automatic",
)
class SlopeNotPassedOn(_Number):
    def pass_on(self):
        for node, slope in self.inputs:
            node.grad += slope


@value.mistake("numbers_not_wrapped")
class NumbersNotWrappedInSums(_Number):
    def __add__(self, other):
        return self.result(self.data + other.data, (self, 1.0), (other, 1.0))


@value.mistake("numbers_not_wrapped")
class NumbersNotWrappedInProducts(_Number):
    def __mul__(self, other):
        return self.result(self.data * other.data, (self, other.data), (other, self.data))


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
