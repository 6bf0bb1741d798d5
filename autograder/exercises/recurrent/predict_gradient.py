import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from dlarch.plain import PlainData

predict_gradient = Exercise(
    "predict_gradient",
    signature="predict_gradient(U: (M, M) float64) -> fate: str",
    outputs=("fate",),
    points=2,
    form="predict",
    driver="for_each",
    forbids=BY_HAND,
    section=PAGE + "spectral",
)


def _matrix(random, M, radius, kind, others, bent):
    """Draw a matrix of a spectral radius that a positive, a negative or a pair of complex eigenvalues reaches.

    The other eigenvalues have lengths between `others` times the radius. Bent matrices stretch some vectors by
    much more than their eigenvalues say.
    """
    signs = random.choice([-1, 1], size=M)
    blocks = np.diag(radius * random.uniform(*others, size=M) * signs)
    if kind == "pair":
        angle = random.uniform(0.6, 2.5)
        turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        blocks[:2, :2] = radius * np.array(turn)
    else:
        blocks[0, 0] = radius if kind == "positive" else -radius
    change = np.linalg.qr(random.normal(size=(M, M)))[0]
    if bent:
        change = change @ (np.eye(M) + np.triu(random.uniform(1, 2, size=(M, M)), 1))
    return change @ blocks @ np.linalg.inv(change)


def _matrices(random, number) -> dict[str, PlainData]:
    """Draw matrices of all fates and kinds.

    With three that tell wrong rules from each other: all eigenvalues above 1; the volume grows though one is
    below 1; all sums of entries below 1.
    """
    radii = {"vanishes": (0.6, 0.9), "keeps": (1.0, 1.0), "explodes": (1.15, 1.6)}
    wanted = [
        (radii[fate], kind, (0.1, 0.5) if bent else (0.6, 0.95), bent)
        for fate in radii
        for kind in ("positive", "negative", "pair")
        for bent in (True, False)
    ]
    all_grow = ((1.4, 1.6), "positive", (0.8, 0.95), False)
    entries_small = ((0.3, 0.4), "negative", (0.6, 0.95), False)
    volume_grows = ((1.4, 1.6), "pair", (0.52, 0.6), False)
    wanted += [wanted[i] for i in random.integers(len(wanted), size=number - len(wanted) - 3)]
    wanted += [all_grow, entries_small, volume_grows]
    samples = []
    for index in random.permutation(len(wanted)):
        between, kind, others, bent = wanted[index]
        M = 3 if wanted[index] == volume_grows else int(random.integers(3, 6))
        radius = float(random.uniform(*between))
        samples.append({"U": _matrix(random, M, radius, kind, others, bent)})
    return {"samples": samples}


@predict_gradient.case("twenty-four networks")
def _(random) -> dict[str, PlainData]:
    return _matrices(random, 24)


@predict_gradient.case("thirty networks")
def _(random) -> dict[str, PlainData]:
    return _matrices(random, 30)


@predict_gradient.case("forty others", secret=True)
def _(random) -> dict[str, PlainData]:
    return _matrices(random, 40)


def fate_of(size):
    if size < 1 - 1e-6:
        return "vanishes"
    return "keeps" if size < 1 + 1e-6 else "explodes"


@predict_gradient.reference
def _(U):
    return fate_of(np.abs(np.linalg.eigvals(U)).max())


@predict_gradient.alternative
def with_a_high_power(U):
    size = np.linalg.norm(np.linalg.matrix_power(U, 400))
    if size < 1e-6:
        return "vanishes"
    return "explodes" if size > 1e6 else "keeps"


@predict_gradient.alternative
def by_squaring(U):
    power = U.copy()
    for _ in range(9):
        power = power @ power
    length = np.log(np.abs(power).sum())
    return "keeps" if abs(length) < 12 else ("explodes" if length > 0 else "vanishes")


@predict_gradient.alternative
def with_the_squares_of_eigenvalues(U):
    values = np.linalg.eigvals(U.T)
    return fate_of(np.sqrt((values.real**2 + values.imag**2).max()))


@predict_gradient.mistake(
    "spectral_norm",
    "You judge by how much one step can stretch a vector. After that step the vector may lie where the next step shrinks "
    "it: for many steps something else decides.",
)
def _(U):
    return fate_of(np.linalg.norm(U, 2))


@predict_gradient.mistake(
    "size_of_the_entries",
    "You judge by the size of the entries, or of all entries together. Large entries of a matrix can undo each other "
    "from step to step.",
)
def _(U):
    return fate_of(np.linalg.norm(U))


@predict_gradient.mistake("size_of_the_entries")
def _(U):
    return fate_of(np.abs(U).max())


@predict_gradient.mistake("size_of_the_entries")
def _(U):
    return fate_of(np.abs(U).sum(axis=0).max())


@predict_gradient.mistake("size_of_the_entries")
def _(U):
    return fate_of(np.abs(U).sum(axis=1).max())


@predict_gradient.mistake(
    "sign_counts",
    "You take the largest number on the real line. A negative or a complex eigenvalue turns a vector at every step, and "
    "shrinks or stretches it all the same.",
)
def _(U):
    return fate_of(np.linalg.eigvals(U).real.max())


@predict_gradient.mistake(
    "real_parts",
    "You take the absolute values of the real parts. A complex eigenvalue has a length that its real part alone does not "
    "tell.",
)
def _(U):
    return fate_of(np.abs(np.linalg.eigvals(U).real).max())


@predict_gradient.mistake(
    "determinant",
    "You judge by the determinant, which says what becomes of a volume. One direction can grow while the volume "
    "shrinks.",
)
def _(U):
    return fate_of(abs(np.linalg.det(U)))


@predict_gradient.mistake(
    "smallest_eigenvalue",
    "You take the smallest of the eigenvalues' lengths. What a direction loses does not help if another one grows: which "
    "of them is left after many steps?",
)
def _(U):
    return fate_of(np.abs(np.linalg.eigvals(U)).min())


@predict_gradient.mistake(
    "never_exactly_one",
    "Between vanishing and exploding there is a third case, and with rounded numbers it is not met exactly.",
)
def _(U):
    return "explodes" if np.abs(np.linalg.eigvals(U)).max() > 1 + 1e-6 else "vanishes"


@predict_gradient.mistake("never_exactly_one")
def _(U):
    return "vanishes" if np.abs(np.linalg.eigvals(U)).max() < 1 - 1e-6 else "explodes"
