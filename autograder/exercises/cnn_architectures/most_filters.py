from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from dlarch.compare import Tolerance

most_filters = Exercise(
    "most_filters",
    signature="most_filters(channels: int, kernel: int, classes: int, budget: int) -> filters: int",
    outputs=("filters",),
    points=2,
    form="design",
    tolerance=Tolerance(whole=True),
    uses=("conv_parameters",),
    section=f"{PAGE}budget",
)


def _parameters(F, channels, kernel, classes, *, biases=1, head=True, second=2, head_bias=1):
    first = (kernel**2 * channels + biases) * F
    then = (kernel**2 * F + biases) * second * F
    return first + then + ((second * F + head_bias) * classes if head else 0)


def _case(random, kernel, channels, over):
    """A budget `over` parameters above that of some number of filters."""
    classes, F = int(random.integers(2, 40)), int(random.integers(6, 70))
    need = _parameters(F, channels, kernel, classes)
    gap = _parameters(F + 1, channels, kernel, classes) - need
    return {
        "channels": channels,
        "kernel": kernel,
        "classes": classes,
        "budget": need + {"none": 0, "half": gap // 2, "nearly": gap - 1}[over],
    }


@most_filters.case("a budget between two numbers")
def _(random):
    return _case(random, 3, 1, "half")


@most_filters.case("a budget that is met exactly")
def _(random):
    return _case(random, 5, 3, "none")


@most_filters.case("one parameter short of one filter more")
def _(random):
    return _case(random, 3, 4, "nearly")


@most_filters.case("1 × 1 kernels")
def _(random):
    return _case(random, 1, 2, "half")


@most_filters.case("a budget for one filter alone")
def _(random):
    return {"channels": 2, "kernel": 4, "classes": 7, "budget": _parameters(1, 2, 4, 7) + 3}


@most_filters.case("a budget for two filters, met exactly")
def _(random):
    channels = int(random.integers(1, 9))
    budget = _parameters(2, channels, 3, 10)
    return {"channels": channels, "kernel": 3, "classes": 10, "budget": budget}


@most_filters.case("large", secret=True)
def _(random):
    return _case(random, 7, 3, str(random.choice(["none", "half", "nearly"])))


def _largest(budget, count, strictly=False):
    F = 1
    while count(F + 1) < budget + (not strictly):
        F += 1
    return F


@most_filters.reference
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes))


@most_filters.alternative
def counted_down(channels, kernel, classes, budget):
    F = budget
    while (
        F * (kernel * kernel * channels + 1)
        + 2 * F * (kernel * kernel * F + 1)
        + classes * (2 * F + 1)
        > budget
    ):
        F = min(F - 1, int((budget / (2 * kernel**2)) ** 0.5)) if F > 9999 else F - 1
    return F


@most_filters.alternative
def by_the_quadratic_formula(channels, kernel, classes, budget):
    a = 2 * kernel**2
    b = kernel**2 * channels + 3 + 2 * classes
    root = (-b + (b * b + 4 * a * (budget - classes)) ** 0.5) / (2 * a)
    F = round(root)
    return F if a * F * F + b * F + classes <= budget else F - 1


@most_filters.alternative
def by_halving(channels, kernel, classes, budget):
    low, high = 1, budget
    while low < high:
        middle = (low + high + 1) // 2
        fits = _parameters(middle, channels, kernel, classes) <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


@most_filters.mistake(
    "one_too_many",
    "Your network is over the budget: this is the first number of filters that no longer fits.",
)
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes)) + 1


@most_filters.mistake(
    "exact_fit_refused",
    "You stop before the budget is used up: a network that needs exactly as many parameters still fits.",
)
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes), strictly=True)


@most_filters.mistake(
    "biases_forgotten",
    "Your count leaves out the biases of the convolutions.",
)
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes, biases=0))


@most_filters.mistake(
    "biases_forgotten",
)
def _(channels, kernel, classes, budget):
    return _largest(
        budget, lambda F: _parameters(F, channels, kernel, classes, biases=0, head_bias=0)
    )


@most_filters.mistake(
    "dense_layer_forgotten",
    "Your count leaves out the dense layer.",
)
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes, head=False))


@most_filters.mistake(
    "second_not_doubled",
    "Your second convolution has as many filters as the first: it should have twice as many.",
)
def _(channels, kernel, classes, budget):
    return _largest(budget, lambda F: _parameters(F, channels, kernel, classes, second=1))


@most_filters.mistake(
    "second_reads_the_image",
    "Your second convolution is as deep as the image: it reads what the first one gives.",
)
def _(channels, kernel, classes, budget):
    def count(F):
        image = kernel**2 * channels + 1
        return image * F + image * 2 * F + (2 * F + 1) * classes

    return _largest(budget, count)
