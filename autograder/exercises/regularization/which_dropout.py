import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

KINDS = ("right", "unscaled", "original", "divided by p", "still dropping", "one mask for all")

which_dropout = Exercise(
    "which_dropout",
    signature=(
        "which_dropout(h: (N, D) float64, trained: (N, D) float64, later: (N, D) float64, p: float)"
        " -> kind: str"
    ),
    outputs=("kind",),
    points=2,
    form="identify",
    driver="for_each",
    forbids=LIBRARIES,
    section=PAGE + "dropout-which",
)


def drop(kind, h, p, random):
    """Give what a layer of one kind returns in training, and after it."""
    keep = random.random(size=h.shape) >= p
    keep[0, :2], keep[1, :2] = (True, False), (False, True)
    if kind == "one mask for all":
        keep = np.broadcast_to(keep[0], h.shape)
    scale = {"unscaled": 1.0, "original": 1.0, "divided by p": 1 / p}.get(kind, 1 / (1 - p))
    later = h * (1 - p) if kind == "original" else h
    if kind == "still dropping":
        later = h * (random.random(size=h.shape) >= p) * scale
    return h * keep * scale, later


def draw_layers(random, number, N, D) -> dict[str, PlainData]:
    """Draw layers of all kinds, in an order that is drawn; no activation is 0, no p is near one half."""
    samples = []
    kinds = [*KINDS, *random.choice(KINDS, size=number - len(KINDS))]
    for kind in random.permutation(kinds):
        h = random.uniform(0.2, 2, size=(N, D)) * random.choice([-1, 1], size=(N, D))
        p = float(random.choice([random.uniform(0.15, 0.4), random.uniform(0.6, 0.8)]))
        trained, later = drop(kind, h, p, random)
        samples.append({"h": h, "trained": trained, "later": later, "p": p})
    return {"samples": samples}


@which_dropout.case("nine layers")
def _(random) -> dict[str, PlainData]:
    return draw_layers(random, 9, 6, 10)


@which_dropout.case("eight wider layers")
def _(random) -> dict[str, PlainData]:
    return draw_layers(random, 8, 3, 30)


@which_dropout.case("fourteen others", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_layers(random, 14, 12, 20)


def seen(h, trained, later, p):
    """Say what tells the kinds apart: the factor of what is kept, that of afterwards, and the masks."""
    kept = trained != 0
    factor = float(np.median(trained[kept] / h[kept]))
    after = float(np.median(later / h))
    return factor, after, bool((later == 0).any()), bool((kept == kept[0]).all())


def named(factor, after, dropping, same, p):
    if dropping:
        return "still dropping"
    if same:
        return "one mask for all"
    if abs(factor - 1) < 1e-6:
        return "original" if abs(after - (1 - p)) < 1e-6 else "unscaled"
    return "divided by p" if abs(factor * p - 1) < 1e-6 else "right"


@which_dropout.reference
def _(h, trained, later, p):
    return named(*seen(h, trained, later, p), p)


@which_dropout.mistake(
    "only_training_looked_at",
    "You judge what is not scaled in training without looking at what is done afterwards: one of the two kinds makes up for it "
    "there.",
)
def _(h, trained, later, p):
    factor, _, dropping, same = seen(h, trained, later, p)
    return named(factor, 1.0, dropping, same, p)


@which_dropout.mistake(
    "original_taken_for_right",
    "You call right what is not scaled in training and scaled afterwards. The means agree, but it is the original form, and a "
    "kind of its own here.",
)
def _(h, trained, later, p):
    kind = named(*seen(h, trained, later, p), p)
    return "right" if kind == "original" else kind


@which_dropout.mistake(
    "p_taken_for_the_share_kept",
    "You have exchanged the layers that divide by p and by 1 − p: here p is the probability to drop a unit.",
)
def _(h, trained, later, p):
    kind = named(*seen(h, trained, later, p), p)
    return {"right": "divided by p", "divided by p": "right"}.get(kind, kind)


@which_dropout.mistake(
    "masks_not_compared",
    "You do not compare the masks of the examples: each one should drop units of its own.",
)
def _(h, trained, later, p):
    factor, after, dropping, _ = seen(h, trained, later, p)
    return named(factor, after, dropping, False, p)


@which_dropout.mistake(
    "afterwards_not_looked_at",
    "You do not look at what the layer gives afterwards: then nothing should be dropped any more.",
)
def _(h, trained, later, p):
    factor, after, _, same = seen(h, trained, later, p)
    return named(factor, after, False, same, p)


@which_dropout.alternative
def with_sums(h, trained, later, p):
    kept = trained != 0
    if np.count_nonzero(later) < later.size:
        return "still dropping"
    if len(np.unique(kept, axis=0)) == 1:
        return "one mask for all"
    scale = np.abs(trained).sum() / np.abs(h[kept]).sum()
    if np.isclose(scale, 1):
        return "unscaled" if np.allclose(later, h) else "original"
    return "right" if np.isclose(scale, 1 / (1 - p)) else "divided by p"


@which_dropout.alternative
def by_making_each(h, trained, later, p):
    kept = (trained != 0).astype(float)
    if (later == 0).any():
        return "still dropping"
    if np.ptp(kept, axis=0).max() == 0:
        return "one mask for all"
    made = {
        "right": (h * kept / (1 - p), h),
        "unscaled": (h * kept, h),
        "original": (h * kept, h * (1 - p)),
        "divided by p": (h * kept / p, h),
    }
    distances = {
        kind: np.abs(first - trained).sum() + np.abs(second - later).sum()
        for kind, (first, second) in made.items()
    }
    return min(distances, key=distances.get)
