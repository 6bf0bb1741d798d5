import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random

mode_coverage = Exercise(
    "mode_coverage",
    signature=(
        "mode_coverage(samples: (N, D), centres: (K, D), radius: float, minimum: int) "
        "-> counts: (K,) int, covered: int, quality: float"
    ),
    outputs=("counts", "covered", "quality"),
    points=2,
    section=f"{PAGE}#gan-mode-collapse",
)


def _modes(
    random: Random,
    centres: np.ndarray,
    counts: list[int],
    spread: float,
    radius: float,
    minimum: int,
    stray: int = 0,
) -> Arguments:
    """Samples around centres, and stray ones, none close to a decision's edge."""
    wanted = np.repeat(centres, counts, axis=0)
    samples = wanted + spread * random.normal(size=wanted.shape)
    samples = np.concatenate([samples, random.uniform(-6, 6, size=(stray, centres.shape[1]))])
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    edge = np.abs(distance - radius).min(axis=1)
    nearest = np.sort(distance, axis=1)
    tie = nearest[:, 1] - nearest[:, 0] if len(centres) > 1 else np.ones(len(samples))
    samples = samples[(edge > 1e-3) & (tie > 1e-3)]
    return {
        "samples": random.permutation(samples),
        "centres": centres,
        "radius": radius,
        "minimum": minimum,
    }


def _ring(K: int, radius: float) -> np.ndarray:
    angle = 2 * np.pi * np.arange(K) / K
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@mode_coverage.case("ring of 5, two of them missed")
def _(random: Random) -> Arguments:
    return _modes(random, _ring(5, 2.0), [9, 0, 6, 2, 0], 0.2, 0.6, minimum=4, stray=7)


@mode_coverage.case("three dimensions, radius above 1, overlapping modes")
def _(random: Random) -> Arguments:
    centres = np.array([[0.0, 0.0, 0.0], [1.5, 0.0, 0.5], [0.0, 4.0, 0.0], [-3.0, 0.0, 3.0]])
    return _modes(random, centres, [8, 7, 3, 5], 0.8, 1.4, minimum=3, stray=6)


@mode_coverage.case("every sample at the mean, on no mode")
def _(random: Random) -> Arguments:
    return _modes(random, _ring(8, 2.0), [0] * 8, 0.1, 0.5, minimum=1) | {
        "samples": 0.1 * random.normal(size=(11, 2))
    }


@mode_coverage.case("one sample, one mode")
def _(random: Random) -> Arguments:
    centre = random.normal(size=(1, 4))
    return {"samples": centre + 0.1, "centres": centre, "radius": 0.5, "minimum": 1}


@mode_coverage.case("samples exactly at the radius, exactly at a centre, and equal ones")
def _(random: Random) -> Arguments:
    centres = np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 60.0]])
    offsets = np.array([[3, 4], [-4, 3], [0, -5], [0, 0], [4, 4], [3, 4], [1, 2]])
    places = np.array([0, 0, 1, 1, 0, 2, 2])
    samples = random.permutation(centres[places] + offsets)
    return {"samples": samples, "centres": centres, "radius": 5.0, "minimum": 2}


@mode_coverage.case("on a line, the last mode and the first missed")
def _(random: Random) -> Arguments:
    return _modes(
        random, np.array([[-4.0], [0.0], [2.0], [5.0]]), [0, 6, 3, 0], 0.2, 0.9, minimum=3
    )


@mode_coverage.case("as many samples as modes and axes")
def _(random: Random) -> Arguments:
    return _modes(random, 3 * np.eye(4), [2, 1, 0, 1], 0.1, 0.7, minimum=1)


@mode_coverage.case("ring of 8, a thousand samples", secret=True)
def _(random: Random) -> Arguments:
    counts = [int(count) for count in random.integers(0, 250, size=8)]
    return _modes(random, _ring(8, 2.0), counts, 0.15, 0.4, minimum=100, stray=60)


@mode_coverage.case("nine modes in five dimensions, overlapping", secret=True)
def _(random: Random) -> Arguments:
    return _modes(random, random.normal(size=(9, 5)), [13] * 9, 0.7, 1.6, minimum=9, stray=20)


@mode_coverage.reference
def _(
    samples: np.ndarray, centres: np.ndarray, radius: float, minimum: int
) -> tuple[np.ndarray, int, float]:
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "any_sample_counts",
    "Every sample goes to its nearest centre, however far away: `radius` is not used. "
    "Samples between the modes then hide that no mode is met.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    counts = np.bincount(distance.argmin(axis=1), minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), 1.0


@mode_coverage.mistake(
    "counted_twice",
    "A sample within reach of two centres is counted for both. "
    "Give each sample to its nearest centre alone.",
)
def _(samples, centres, radius, minimum):
    within = np.linalg.norm(samples[:, None] - centres, axis=2) <= radius
    counts = within.sum(axis=0)
    return counts, int(np.sum(counts >= minimum)), float(within.any(axis=1).mean())


@mode_coverage.mistake(
    "counted_twice_in_quality_too",
    "A sample within reach of two centres is counted for both, also in the quality. "
    "Give each sample to its nearest centre alone.",
)
def _(samples, centres, radius, minimum):
    within = np.linalg.norm(samples[:, None] - centres, axis=2) <= radius
    counts = within.sum(axis=0)
    return counts, int(np.sum(counts >= minimum)), float(counts.sum() / len(samples))


@mode_coverage.mistake(
    "minimum_ignored",
    "One sample is enough for you to call a mode covered. A stray sample near a mode is no coverage: "
    "`minimum` says how many it takes.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts > 0)), float(good.mean())


@mode_coverage.mistake(
    "more_than_minimum",
    "You ask for more than `minimum` samples; the task says at least that many.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts > minimum)), float(good.mean())


@mode_coverage.mistake(
    "squared_distance",
    "You compare the squared distance with the radius: below 1 that lets samples in that are too far, "
    "above 1 it shuts out samples that are near. Compare like with like.",
)
def _(samples, centres, radius, minimum):
    distance = np.sum((samples[:, None] - centres) ** 2, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "box_not_ball",
    "You compare each coordinate with the radius: that is a box around the centre. "
    "The task asks for the Euclidean distance.",
)
def _(samples, centres, radius, minimum):
    difference = np.abs(samples[:, None] - centres)
    nearest = np.linalg.norm(difference, axis=2).argmin(axis=1)
    good = difference[np.arange(len(samples)), nearest].max(axis=1) <= radius
    counts = np.bincount(nearest[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "quality_is_coverage",
    "Counts and coverage are right. The quality is a share of the samples, not of the modes: "
    "how many of the N samples lie on some mode?",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    covered = int(np.sum(counts >= minimum))
    return counts, covered, covered / len(centres)


@mode_coverage.mistake(
    "empty_last_modes",
    "Modes at the end that no sample meets are missing from `counts`. "
    "It has one entry for each of the K centres, zeros included.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good])
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "edge_left_out",
    "A sample that lies exactly at the radius is not counted. It is not farther away than `radius`, so it counts.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) < radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake("minimum_ignored")
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    nearest = distance.argmin(axis=1)[good]
    counts = np.bincount(nearest, minlength=len(centres))
    return counts, len(np.unique(nearest)), float(good.mean())


@mode_coverage.mistake(
    "city_block",
    "You add up the differences of the coordinates. The task asks for the Euclidean distance.",
)
def _(samples, centres, radius, minimum):
    distance = np.abs(samples[:, None] - centres).sum(axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake("box_not_ball")
def _(samples, centres, radius, minimum):
    distance = np.abs(samples[:, None] - centres).max(axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "quality_of_covered_modes_alone",
    "Counts and coverage are right. In the quality you left out the samples of modes with fewer than `minimum`: they count "
    "for their centre too.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    covered = counts >= minimum
    return counts, int(np.sum(covered)), float(counts[covered].sum() / len(samples))


@mode_coverage.mistake(
    "number_in_place_of_share",
    "Counts and coverage are right. The quality is a share, from 0 to 1; yours is a number of samples.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(counts.sum())


@mode_coverage.mistake(
    "share_of_modes_in_place_of_number",
    "`covered` is how many modes are covered; you give their share.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, float(np.mean(counts >= minimum)), float(good.mean())


@mode_coverage.alternative
def sample_after_sample(samples, centres, radius, minimum):
    counts = [0] * len(centres)
    for sample in samples:
        distance = [float(np.sqrt(np.sum((sample - centre) ** 2))) for centre in centres]
        if min(distance) <= radius:
            counts[distance.index(min(distance))] += 1
    covered = len([count for count in counts if count >= minimum])
    return np.array(counts), covered, sum(counts) / len(samples)


@mode_coverage.alternative
def with_one_hot(samples, centres, radius, minimum):
    squared = (samples**2).sum(1)[:, None] - 2 * samples @ centres.T + (centres**2).sum(1)
    nearest = np.eye(len(centres))[squared.argmin(axis=1)]
    counts = (nearest * (squared <= radius**2)).sum(axis=0)
    return {
        "counts": counts,
        "covered": np.count_nonzero(counts >= minimum),
        "quality": counts.sum() / len(samples),
    }
