import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

RULES = ("SGD", "momentum", "AdaGrad", "RMSProp", "Adam")

which_optimizer = Exercise(
    "which_optimizer",
    signature=(
        "which_optimizer(parameters: (T + 1, D) float64, gradients: (T, D) float64) -> name: str"
    ),
    outputs=("name",),
    points=3,
    form="identify",
    driver="for_each",
    forbids=LIBRARIES,
    section=PAGE + "identify",
)


def walk(rule, random, gradients):
    """Let a rule with drawn settings run from a drawn start over gradients (T, D)."""
    rate, decay, slower = (
        float(random.uniform(*of)) for of in ((0.01, 1), (0.6, 0.95), (0.9, 0.99))
    )
    path = [random.normal(size=gradients.shape[1])]
    m, v = np.zeros_like(path[0]), np.zeros_like(path[0])
    for t, g in enumerate(gradients, 1):
        if rule == "SGD":
            step = g
        elif rule == "momentum":
            step = m = decay * m + g
        elif rule == "AdaGrad":
            v = v + g**2
            step = g / np.sqrt(v)
        elif rule == "RMSProp":
            v = decay * v + (1 - decay) * g**2
            step = g / np.sqrt(v)
        else:
            m, v = decay * m + (1 - decay) * g, slower * v + (1 - slower) * g**2
            step = m / (1 - decay**t) / np.sqrt(v / (1 - slower**t))
        path.append(path[-1] - rate * step)
    return np.array(path)


def draw_walks(random, number, steps, entries) -> dict[str, PlainData]:
    """Draw walks of all rules; in each, gradients of many sizes, one very small, none in the last four."""
    samples = []
    rules = [*RULES, *random.choice(RULES, size=number - len(RULES))]
    for rule in random.permutation(rules):
        sizes = np.exp(random.uniform(-1.5, 1.5, size=(steps, entries)))
        gradients = sizes * random.choice([-1, 1], size=(steps, entries))
        gradients[random.integers(2, steps - 4)] *= 0.01
        gradients[-4:] = 0.0
        path = walk(rule, random, gradients)
        samples.append({"parameters": path, "gradients": gradients})
    return {"samples": samples}


@which_optimizer.case("nine walks")
def _(random) -> dict[str, PlainData]:
    return draw_walks(random, 9, 10, 3)


@which_optimizer.case("eight walks of two entries")
def _(random) -> dict[str, PlainData]:
    return draw_walks(random, 8, 12, 2)


@which_optimizer.case("twelve others", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_walks(random, 12, 16, 5)


def seen(parameters, gradients):
    """What tells the rules apart: steps, and whether they go on; rates of entries, and how the first differ."""
    steps = np.diff(parameters, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.abs(steps / gradients)[: len(gradients) - 4]
    goes_on = np.abs(steps[-1]).max() > 1e-9 * np.abs(steps).max()
    same_rate = np.ptp(rates[0]) < 1e-6 * rates[0].max()
    rises = (np.diff(rates, axis=0) > 1e-6 * rates[:-1]).any()
    return goes_on, same_rate, rises


def named(goes_on, same_rate, rises):
    if same_rate:
        return "momentum" if goes_on else "SGD"
    if goes_on:
        return "Adam"
    return "RMSProp" if rises else "AdaGrad"


@which_optimizer.reference
def _(parameters, gradients):
    return named(*seen(parameters, gradients))


@which_optimizer.mistake(
    "only_momentum_goes_on",
    "You call momentum whatever goes on without a gradient. Another rule remembers gradients too: look at the first "
    "step of entries with different gradients.",
)
def _(parameters, gradients):
    goes_on, same_rate, rises = seen(parameters, gradients)
    return "momentum" if goes_on else named(goes_on, same_rate, rises)


@which_optimizer.mistake(
    "only_adam_goes_on",
    "You call Adam whatever goes on without a gradient. A simpler rule does so too: look at the first step of entries "
    "with different gradients.",
)
def _(parameters, gradients):
    goes_on, same_rate, rises = seen(parameters, gradients)
    return "Adam" if goes_on else named(goes_on, same_rate, rises)


@which_optimizer.mistake(
    "every_scaled_rule_is_adam",
    "You call Adam every rule whose first step has the same length in all entries. That says only that the rule divides "
    "by the size of the gradient: what happens where the gradient is 0?",
)
def _(parameters, gradients):
    goes_on, same_rate, rises = seen(parameters, gradients)
    return named(goes_on or not same_rate, same_rate, rises)


@which_optimizer.mistake(
    "sum_and_average_exchanged",
    "You have exchanged AdaGrad and RMSProp: a sum of squares never gets smaller, an average can.",
)
def _(parameters, gradients):
    goes_on, same_rate, rises = seen(parameters, gradients)
    return named(goes_on, same_rate, not rises)


@which_optimizer.mistake(
    "lengths_for_rates",
    "You never say AdaGrad. (If you ask whether the steps ever get longer: they do so under both rules when a large "
    "gradient comes. Compare each step with its gradient.)",
)
def _(parameters, gradients):
    goes_on, same_rate, _ = seen(parameters, gradients)
    return named(goes_on, same_rate, True)


@which_optimizer.mistake(
    "whatever_stops_is_sgd",
    "You call SGD whatever stops where the gradient is 0. Other rules remember squares alone: look at the first step.",
)
def _(parameters, gradients):
    goes_on, same_rate, rises = seen(parameters, gradients)
    return named(goes_on, same_rate, rises) if goes_on else "SGD"


@which_optimizer.alternative
def with_the_lengths_of_the_first_step(parameters, gradients):
    steps = parameters[1:] - parameters[:-1]
    lengths = np.abs(steps[0])
    scaled = np.allclose(lengths, lengths[0], rtol=1e-6, atol=0)
    coasting = not np.allclose(steps[-1], 0, atol=1e-9 * np.abs(steps).max())
    if coasting:
        return "Adam" if scaled else "momentum"
    if not scaled:
        return "SGD"
    squares = (gradients[:-4] / steps[:-4]) ** 2
    return "RMSProp" if (squares[1:] < squares[:-1] * (1 - 1e-6)).any() else "AdaGrad"


@which_optimizer.alternative
def with_a_sum_that_fits(parameters, gradients):
    steps = np.diff(parameters, axis=0)
    first = steps[0] / gradients[0]
    if np.allclose(first, first[0], rtol=1e-6, atol=0):
        return "SGD" if np.allclose(steps, first[0] * gradients, rtol=1e-6) else "momentum"
    if np.abs(steps[-1]).max() > 1e-9 * np.abs(steps).max():
        return "Adam"
    moving = gradients[:, 0] != 0
    sums = np.cumsum(gradients[moving, 0] ** 2)
    scale = np.abs(steps[moving, 0] / gradients[moving, 0]) * np.sqrt(sums)
    return "AdaGrad" if np.allclose(scale, scale[0], rtol=1e-6) else "RMSProp"
