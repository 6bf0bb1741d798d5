import torch

from autograder.exercise import Exercise
from autograder.exercises.vision_tasks.shared import PAGE, draw
from dlarch.checks_file import Part

contrastive_loss = Exercise(
    "contrastive_loss",
    signature=(
        "contrastive_loss(z1: (N, Z) tensor, z2: (N, Z) tensor, same: (N,) bool tensor, margin: float) -> scalar tensor"
    ),
    outputs=("value", "gradient_z1", "gradient_z2"),
    parts={
        "value": Part(1, outputs=("value",)),
        "gradient": Part(1, outputs=("gradient_z1", "gradient_z2")),
    },
    driver="pull_back",
    form="transcribe",
    section=f"{PAGE}siamese",
)


def _case(random, N, Z, margin, equal=False):
    """Pairs at distances on both sides of the margin."""
    z1 = draw(random, N, Z)
    direction = draw(random, N, Z)
    direction = direction / direction.norm(dim=1, keepdim=True)
    distance = torch.from_numpy(margin * random.permutation(_evenly(0.3, 1.7, N)))
    same = torch.from_numpy(random.permutation(N) < (N + 1) // 2)
    z2 = z1 + distance[:, None] * direction
    if equal:
        z2[same] = z1[same]
    return {
        "z1": z1,
        "z2": z2,
        "same": same,
        "margin": margin,
        "wrt": ["z1", "z2"],
        "cotangent": draw(random),
    }


def _evenly(low, high, N):
    """N numbers from low to high; one alone is the lower."""
    return torch.linspace(low, high, N, dtype=torch.float64).numpy()


@contrastive_loss.case("eight pairs")
def _(random):
    return _case(random, 8, 3, 1.5)


@contrastive_loss.case("a margin below 1")
def _(random):
    return _case(random, 7, 5, 0.6)


@contrastive_loss.case("as many pairs as entries")
def _(random):
    return _case(random, 4, 4, 2.0)


@contrastive_loss.case("pairs of one class with equal codes")
def _(random):
    return _case(random, 5, 2, 1.2, equal=True)


@contrastive_loss.case("more pairs", secret=True)
def _(random):
    return _case(random, 19, 6, float(random.uniform(0.7, 1.9)))


@contrastive_loss.reference
def _(z1, z2, same, margin):
    squares = (z1 - z2).square().sum(dim=1)
    distance = squares[~same].sqrt()
    total = squares[same].sum() + (margin - distance).clamp(min=0).square().sum()
    return total / (2 * len(z1))


@contrastive_loss.alternative
def with_where(z1, z2, same, margin):
    squares = (z1 - z2).pow(2).sum(1)
    safe = torch.where(same, torch.ones_like(squares), squares)
    apart = torch.relu(margin - safe.sqrt()) ** 2
    return 0.5 * torch.where(same, squares, apart).mean()


@contrastive_loss.alternative
def with_norms(z1, z2, same, margin):
    distance = torch.linalg.vector_norm(z1 - z2, dim=1)
    y = same.to(distance.dtype)
    return (y * distance**2 / 2 + (1 - y) * (margin - distance).clamp(min=0) ** 2 / 2).mean()


@contrastive_loss.alternative
def pair_by_pair(z1, z2, same, margin):
    terms = []
    for a, b, alike in zip(z1, z2, same, strict=True):
        squares = ((a - b) ** 2).sum()
        terms.append(squares if alike else torch.relu(margin - squares.sqrt()) ** 2)
    return torch.stack(terms).sum() / (2 * len(terms))


def _loss(z1, z2, same, margin, apart=None, reduce=torch.mean, pull=1.0):
    squares = (z1 - z2).square().sum(dim=1)
    distance = torch.where(squares > 0, squares, 1.0).sqrt() * (squares > 0)
    apart = apart or (lambda d: (margin - d).clamp(min=0).square())
    return 0.5 * reduce(torch.where(same, pull * squares, apart(distance)))


@contrastive_loss.mistake(
    "label_inverted",
    "You push pairs of one class apart and pull the others together: same means the same class.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, ~same, margin)


@contrastive_loss.mistake(
    "margin_outside",
    "Your margin stands outside the maximum: what is far apart is pushed all the same.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin, apart=lambda d: (margin + (-d).clamp(min=0)).square())


@contrastive_loss.mistake(
    "no_maximum",
    "Pairs that are farther apart than the margin are pulled back: the maximum with 0 is missing.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin, apart=lambda d: (margin - d).square())


@contrastive_loss.mistake(
    "square_of_the_distance_against_the_margin",
    "You compare the squared distance with the margin. The margin is a distance here.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin, apart=lambda d: (margin - d.square()).clamp(min=0).square())


@contrastive_loss.mistake(
    "maximum_not_squared",
    "What is missing to the margin counts squared, as the distance of a pair of one class does.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin, apart=lambda d: (margin - d).clamp(min=0))


@contrastive_loss.mistake(
    "mean_over_the_entries",
    "Your distance is a mean over the entries of a code: it would change with their number.",
)
def _(z1, z2, same, margin):
    scale = z1.shape[1] ** 0.5
    return _loss(z1 / scale, z2 / scale, same, margin)


@contrastive_loss.mistake(
    "half_left_out",
    "The factor ½ is missing.",
)
def _(z1, z2, same, margin):
    return 2 * _loss(z1, z2, same, margin)


@contrastive_loss.mistake(
    "summed_over_the_batch",
    "You add the pairs up: take their mean.",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin, reduce=torch.sum)


@contrastive_loss.mistake(
    "root_at_zero",
    "The gradient of two equal codes is not a number: the slope of the root is infinite at 0, and 0 · ∞ is none. Of a pair of "
    "one class you need the square alone.",
)
def _(z1, z2, same, margin):
    distance = (z1 - z2).square().sum(dim=1).sqrt()
    return 0.5 * torch.where(same, distance**2, (margin - distance).clamp(min=0) ** 2).mean()


@contrastive_loss.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data or NumPy on the way).",
)
def _(z1, z2, same, margin):
    return _loss(z1, z2, same, margin).detach()
