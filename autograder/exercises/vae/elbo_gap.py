import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE

# elbo_gap

elbo_gap = Exercise(
    "elbo_gap",
    signature=(
        "elbo_gap(prior: (K,) float64, likelihood: (N, K) float64, q: (N, K) float64)"
        " -> log_evidence (N,), bound (N,), gap (N,)"
    ),
    outputs=("log_evidence", "bound", "gap"),
    points=3,
    section=f"{PAGE}gap",
)


def _toy(random, N, K):
    return {
        "prior": random.dirichlet(np.full(K, 3.0)),
        "likelihood": random.uniform(0.02, 0.9, size=(N, K)),
        "q": random.dirichlet(np.full(K, 2.0), size=N),
    }


@elbo_gap.case("N = 5, K = 3")
def _(random):
    return _toy(random, 5, 3)


@elbo_gap.case("one observation, two causes")
def _(random):
    return _toy(random, 1, 2)


@elbo_gap.case("q that excludes causes")
def _(random):
    arguments = _toy(random, 4, 5)
    q = arguments["q"]
    q[:, 1] = 0.0
    q[2] = 0.0
    q[2, 3] = 1.0
    arguments["q"] = q / q.sum(axis=1, keepdims=True)
    return arguments


@elbo_gap.case("q is the posterior")
def _(random):
    arguments = _toy(random, 3, 4)
    joint = arguments["prior"] * arguments["likelihood"]
    arguments["q"] = joint / joint.sum(axis=1, keepdims=True)
    return arguments


@elbo_gap.case("one cause")
def _(random):
    return _toy(random, 3, 1)


@elbo_gap.case("as many observations as causes, all causes alike before")
def _(random):
    return {**_toy(random, 4, 4), "prior": np.full(4, 0.25)}


@elbo_gap.case("observations that no cause makes likely")
def _(random):
    arguments = _toy(random, 3, 4)
    return {**arguments, "likelihood": arguments["likelihood"] * [[1e-9], [1e-20], [1e-40]]}


@elbo_gap.case("N = 40, K = 13, with zeros", secret=True)
def _(random):
    arguments = _toy(random, 40, 13)
    q = arguments["q"] * (random.random((40, 13)) < 0.7)
    q[:, 0] += 0.01
    arguments["q"] = q / q.sum(axis=1, keepdims=True)
    return arguments


def _expected_log(q, ratio):
    """Give Σ q log ratio over the causes, where 0 log 0 = 0."""
    return np.sum(q * np.log(np.where(q > 0, ratio, 1.0)), axis=1)


def _terms(prior, likelihood, q):
    joint = prior * likelihood
    evidence = joint.sum(axis=1)
    ratio = joint / np.where(q > 0, q, 1.0)
    bound = _expected_log(q, ratio)
    gap = -_expected_log(q, ratio / evidence[:, None])
    return np.log(evidence), bound, gap


@elbo_gap.reference
def _(prior, likelihood, q):
    return _terms(prior, likelihood, q)


@elbo_gap.mistake(
    "zero_times_logarithm",
    "Where q is 0 you have 0 · log 0, which is NaN on a computer. Its limit is 0: "
    "a cause that q excludes adds nothing to the sums under q.",
)
def _(prior, likelihood, q):
    with np.errstate(all="ignore"):
        joint = prior * likelihood
        evidence = joint.sum(axis=1, keepdims=True)
        bound = (q * np.log(joint / q)).sum(axis=1)
        gap = (q * np.log(q * evidence / joint)).sum(axis=1)
    return np.log(evidence[:, 0]), bound, gap


@elbo_gap.mistake(
    "reversed_divergence",
    "Your gap is KL(p(z|x)‖q), the expectation under the posterior. "
    "What closes the bound is KL(q‖p(z|x)), the expectation under q.",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    posterior = prior * likelihood / np.exp(log_evidence)[:, None]
    with np.errstate(divide="ignore"):
        return log_evidence, bound, (posterior * np.log(posterior / q)).sum(axis=1)


@elbo_gap.mistake(
    "divergence_to_the_prior",
    "Your gap is KL(q‖p(z)), to the prior: that is a part of the bound. "
    "The gap is the divergence to the posterior p(z|x).",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, -_expected_log(q, prior / np.where(q > 0, q, 1.0))


@elbo_gap.mistake(
    "prior_missing_in_bound",
    "The prior is missing in the bound: it holds the joint p(x, z) = p(z) p(x|z), not the likelihood alone.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, likelihood / np.where(q > 0, q, 1.0)), gap


@elbo_gap.mistake(
    "divergence_missing_in_bound",
    "Your bound is E_q[log p(x|z)], the reconstruction term alone: the divergence of q from the prior is missing.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, likelihood), gap


@elbo_gap.mistake(
    "entropy_missing",
    "Your bound is E_q[log p(x, z)]. The entropy of q is missing: a q that spreads itself is worth more than that.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, prior * likelihood), gap


@elbo_gap.mistake(
    "evidence_under_q",
    "You averaged the likelihood under q. The evidence is what the model itself says of x: "
    "its latent variable follows the prior.",
)
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log((q * likelihood).sum(axis=1)), bound, gap


@elbo_gap.mistake(
    "logarithm_inside",
    "For the evidence you averaged the logarithms. First sum the probabilities over the causes, "
    "then take the logarithm: the two differ by Jensen's inequality.",
)
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log(likelihood) @ prior, bound, gap


@elbo_gap.mistake(
    "posterior_not_normalised",
    "In the gap you used the joint p(x, z) for the posterior, which sums to 1 over the causes.",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, -bound


def _with_difference(log_evidence, bound):
    """The commonest way to the gap: what is left between the two."""
    return log_evidence, bound, log_evidence - bound


@elbo_gap.mistake("zero_times_logarithm")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    with np.errstate(all="ignore"):
        return _with_difference(log_evidence, (q * np.log(prior * likelihood / q)).sum(axis=1))


@elbo_gap.mistake("zero_times_logarithm")
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    posterior = prior * likelihood / np.exp(log_evidence)[:, None]
    with np.errstate(all="ignore"):
        return log_evidence, bound, (q * np.log(q / posterior)).sum(axis=1)


@elbo_gap.mistake("prior_missing_in_bound")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, _expected_log(q, likelihood / np.where(q > 0, q, 1.0)))


@elbo_gap.mistake("divergence_missing_in_bound")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, _expected_log(q, likelihood))


@elbo_gap.mistake("entropy_missing")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, _expected_log(q, prior * likelihood))


@elbo_gap.mistake(
    "entropy_sign",
    "In your bound q log q has the wrong sign: a q that spreads itself is made to pay for it.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, prior * likelihood * q), gap


@elbo_gap.mistake("entropy_sign")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, _expected_log(q, prior * likelihood * q))


@elbo_gap.mistake(
    "divergence_added",
    "In your bound the divergence of q from the prior is added. It is a price: it is subtracted.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, likelihood * q / prior), gap


@elbo_gap.mistake("divergence_added")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, _expected_log(q, likelihood * q / prior))


@elbo_gap.mistake(
    "bound_sign",
    "Your bound has the wrong sign: it is what a loss would be, the negative ELBO.",
)
def _(prior, likelihood, q):
    log_evidence, bound, gap = _terms(prior, likelihood, q)
    return log_evidence, -bound, gap


@elbo_gap.mistake("bound_sign")
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(log_evidence, -bound)


@elbo_gap.mistake(
    "bound_under_the_prior",
    "You took the expectation of the bound under the prior. It is one under q.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    ratio = np.log(prior * likelihood / np.where(q > 0, q, 1.0))
    return log_evidence, np.sum(prior * ratio, axis=1), gap


@elbo_gap.mistake("bound_under_the_prior")
def _(prior, likelihood, q):
    log_evidence, _, _ = _terms(prior, likelihood, q)
    ratio = np.log(prior * likelihood / np.where(q > 0, q, 1.0))
    return _with_difference(log_evidence, np.sum(prior * ratio, axis=1))


@elbo_gap.mistake("evidence_under_q")
def _(prior, likelihood, q):
    _, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.log((q * likelihood).sum(axis=1)), bound)


@elbo_gap.mistake("logarithm_inside")
def _(prior, likelihood, q):
    _, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.log(likelihood) @ prior, bound)


@elbo_gap.mistake("logarithm_inside")
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log(prior * likelihood).sum(axis=1), bound, gap


@elbo_gap.mistake("logarithm_inside")
def _(prior, likelihood, q):
    _, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.log(prior * likelihood).sum(axis=1), bound)


@elbo_gap.mistake(
    "evidence_without_logarithm",
    "Your first result is the evidence p(x). The task asks for its logarithm, in nats.",
)
def _(prior, likelihood, q):
    log_evidence, bound, gap = _terms(prior, likelihood, q)
    return np.exp(log_evidence), bound, gap


@elbo_gap.mistake("evidence_without_logarithm")
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.exp(log_evidence), bound)


@elbo_gap.mistake(
    "prior_missing_in_evidence",
    "The prior is missing in the evidence: causes that are rare count as much as others.",
)
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log(likelihood.sum(axis=1)), bound, gap


@elbo_gap.mistake("prior_missing_in_evidence")
def _(prior, likelihood, q):
    _, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.log(likelihood.sum(axis=1)), bound)


@elbo_gap.mistake("prior_missing_in_evidence")
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log(likelihood.mean(axis=1)), bound, gap


@elbo_gap.mistake("prior_missing_in_evidence")
def _(prior, likelihood, q):
    _, bound, _ = _terms(prior, likelihood, q)
    return _with_difference(np.log(likelihood.mean(axis=1)), bound)


@elbo_gap.mistake(
    "gap_sign",
    "Your gap has the wrong sign: a divergence is never negative, and the bound lies below the evidence.",
)
def _(prior, likelihood, q):
    log_evidence, bound, gap = _terms(prior, likelihood, q)
    return log_evidence, bound, -gap


@elbo_gap.mistake("reversed_divergence")
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    posterior = prior * likelihood / np.exp(log_evidence)[:, None]
    ratio = posterior / np.where(q > 0, q, 1.0)
    return log_evidence, bound, np.sum(posterior * np.where(q > 0, np.log(ratio), 0.0), axis=1)


@elbo_gap.alternative
def gap_as_difference(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, log_evidence - bound


@elbo_gap.alternative
def cause_by_cause(prior, likelihood, q):
    log_evidence, bound, gap = (np.zeros(len(q)) for _ in range(3))
    for n in range(len(q)):
        joint = [prior[k] * likelihood[n, k] for k in range(len(prior))]
        log_evidence[n] = np.log(sum(joint))
        for k in range(len(prior)):
            if q[n, k] > 0:
                bound[n] += q[n, k] * (np.log(joint[k]) - np.log(q[n, k]))
                gap[n] += q[n, k] * np.log(q[n, k] * sum(joint) / joint[k])
    return log_evidence, bound, gap


@elbo_gap.alternative
def reconstruction_minus_divergence(prior, likelihood, q):
    entropy = -(q * np.log(np.clip(q, 1e-300, None))).sum(axis=1)
    divergence = -entropy - q @ np.log(prior)
    bound = np.einsum("nk,nk->n", q, np.log(likelihood)) - divergence
    log_evidence = np.log(likelihood @ prior)
    return log_evidence, bound, log_evidence - bound


@elbo_gap.alternative
def gap_in_single_precision(prior, likelihood, q):
    return tuple(item.astype(np.float32) for item in _terms(prior, likelihood, q))
