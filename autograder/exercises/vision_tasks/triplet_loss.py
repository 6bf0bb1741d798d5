import torch

from autograder.exercise import Exercise
from autograder.exercises.vision_tasks.shared import PAGE, draw

triplet_loss = Exercise(
    "triplet_loss",
    signature=(
        "triplet_loss(anchor: (N, Z) tensor, positive: (N, Z) tensor, negative: (N, Z) tensor, margin: float) "
        "-> scalar tensor"
    ),
    outputs=("value", "gradient_anchor", "gradient_positive", "gradient_negative"),
    points=1,
    driver="pull_back",
    form="transcribe",
    forbids=("triplet_margin_loss", "TripletMarginLoss"),
    section=f"{PAGE}triplets",
)


def _case(random, N, Z, margin, far=False, equal=False):
    case = {name: draw(random, N, Z) for name in ("anchor", "positive", "negative")}
    if far:
        case["positive"] = case["anchor"] + 0.1 * case["positive"]
        case["negative"] = case["negative"] + 5
    if equal:
        case["positive"][0] = case["anchor"][0]
    wrt = list(case)
    return {**case, "margin": margin, "wrt": wrt, "cotangent": draw(random)}


@triplet_loss.case("some triplets are good already")
def _(random):
    return _case(random, 9, 3, 0.8)


@triplet_loss.case("as many triplets as entries")
def _(random):
    return _case(random, 5, 5, 2.0)


@triplet_loss.case("all are good already")
def _(random):
    return _case(random, 4, 3, 0.5, far=True)


@triplet_loss.case("an anchor that equals its positive")
def _(random):
    return _case(random, 6, 2, 3.0, equal=True)


@triplet_loss.case("more", secret=True)
def _(random):
    return _case(random, 17, 7, float(random.uniform(0.6, 2.5)))


def _squares(a, b):
    return (a - b).square().sum(dim=1)


def _hinge(anchor, positive, negative, margin):
    return (_squares(anchor, positive) - _squares(anchor, negative) + margin).clamp(min=0)


@triplet_loss.reference
def _(anchor, positive, negative, margin):
    return _hinge(anchor, positive, negative, margin).mean()


@triplet_loss.alternative
def with_relu(anchor, positive, negative, margin):
    near = ((anchor - positive) ** 2).sum(-1)
    far = ((anchor - negative) ** 2).sum(-1)
    return torch.relu(near + margin - far).mean()


@triplet_loss.alternative
def with_products(anchor, positive, negative, margin):
    difference = (2 * anchor - positive - negative) * (negative - positive)
    return torch.clamp_min(difference.sum(1) + margin, 0).sum() / len(anchor)


@triplet_loss.alternative
def with_einsum(anchor, positive, negative, margin):
    p, n = anchor - positive, anchor - negative
    gap = torch.einsum("nz,nz->n", p, p) - torch.einsum("nz,nz->n", n, n)
    return torch.where(gap + margin > 0, gap + margin, 0 * gap).mean()


@triplet_loss.mistake(
    "positive_and_negative_exchanged",
    "You push the positive away and pull the negative near.",
)
def _(anchor, positive, negative, margin):
    return _hinge(anchor, negative, positive, margin).mean()


@triplet_loss.mistake(
    "distances_not_squared",
    "Your distances are not squared. Here they are, so that no root has to be differentiated at 0.",
)
def _(anchor, positive, negative, margin):
    near, far = (_squares(anchor, other).sqrt() for other in (positive, negative))
    return (near - far + margin).clamp(min=0).mean()


@triplet_loss.mistake(
    "no_maximum",
    "Triplets that are good already bring a negative loss, and could make up for bad ones: each counts at least 0.",
)
def _(anchor, positive, negative, margin):
    return (_squares(anchor, positive) - _squares(anchor, negative) + margin).mean()


@triplet_loss.mistake(
    "margin_outside",
    "Your margin is added outside the maximum: a triplet then never has a loss of 0.",
)
def _(anchor, positive, negative, margin):
    return (_hinge(anchor, positive, negative, 0.0) + margin).mean()


@triplet_loss.mistake(
    "margin_subtracted",
    "Your margin has the wrong sign: it is by how much the negative should be farther away.",
)
def _(anchor, positive, negative, margin):
    return _hinge(anchor, positive, negative, -margin).mean()


@triplet_loss.mistake(
    "maximum_of_the_mean",
    "You take the maximum after the mean: good triplets then make up for bad ones.",
)
def _(anchor, positive, negative, margin):
    return (_squares(anchor, positive) - _squares(anchor, negative) + margin).mean().clamp(min=0)


@triplet_loss.mistake(
    "mean_over_active_triplets",
    "You take the mean over those triplets alone that are not good yet: it is over all N, and where all are good there would "
    "be none.",
)
def _(anchor, positive, negative, margin):
    hinge = _hinge(anchor, positive, negative, margin)
    return hinge.sum() / (hinge > 0).sum()


@triplet_loss.mistake(
    "summed_over_the_batch",
    "You add the triplets up: take their mean.",
)
def _(anchor, positive, negative, margin):
    return _hinge(anchor, positive, negative, margin).sum()


@triplet_loss.mistake(
    "mean_over_the_entries",
    "Your distance is a mean over the entries of a code: add them up.",
)
def _(anchor, positive, negative, margin):
    scale = anchor.shape[1] ** 0.5
    return _hinge(anchor / scale, positive / scale, negative / scale, margin).mean()


@triplet_loss.mistake(
    "from_the_positive",
    "The negative is compared with the positive: both distances start at the anchor.",
)
def _(anchor, positive, negative, margin):
    gap = _squares(anchor, positive) - _squares(positive, negative) + margin
    return gap.clamp(min=0).mean()


@triplet_loss.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data or NumPy on the way).",
)
def _(anchor, positive, negative, margin):
    return _hinge(anchor, positive, negative, margin).mean().detach()
