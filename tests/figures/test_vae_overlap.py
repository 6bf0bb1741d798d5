"""KL term, reconstruction term, confusion and holes are NumPy's and SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm


def measure(classes: int, sigma: float, separation: float) -> dict[str, float]:
    means = separation * (np.arange(classes) - (classes - 1) / 2)
    kl = np.mean(0.5 * (means**2 + sigma**2 - 1 - np.log(sigma**2)))
    z = np.linspace(means[0] - 9 * sigma, means[-1] + 9 * sigma, 400_001)
    log_q = norm.logpdf(z[None], means[:, None], sigma)
    posterior = log_q - np.logaddexp.reduce(log_q, axis=0)
    reconstruction = np.mean(np.trapezoid(-np.exp(log_q) * posterior, z, axis=1))
    wrong = np.argmax(log_q, axis=0)[None] != np.arange(classes)[:, None]
    confusion = (
        np.mean(np.trapezoid(np.exp(log_q) * wrong, z, axis=1)) if separation else 1 - 1 / classes
    )
    line = np.linspace(-9, 9, 900_001)
    outside = np.all(np.abs(line[None] - means[:, None]) > 2 * sigma, axis=0)
    return {
        "kl": kl,
        "reconstruction": reconstruction,
        "negative_elbo": kl + reconstruction,
        "confusion": confusion,
        "empty": np.trapezoid(norm.pdf(line) * outside, line),
    }


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("sigma", "separation"), [(0.6, 2.0), (0.05, 3.3), (1.0, 1.2), (2.0, 0.4)])
def test_numbers_are_those_of_the_densities(open_figure, classes, sigma, separation):
    live = open_figure("vae_overlap")
    live.choose("classes", classes)
    live.set(sigma=sigma, separation=separation)
    for name, number in measure(classes, sigma, separation).items():
        assert live.exact(name) == pytest.approx(number, abs=2e-5), name


def test_equal_encodings_have_the_least_kl_at_sigma_one_and_cannot_be_told_apart(open_figure):
    live = open_figure("vae_overlap", state={"separation": 0, "sigma": 1})
    assert live.exact("kl") == pytest.approx(0, abs=1e-12)
    assert live.exact("reconstruction") == pytest.approx(np.log(2), abs=1e-9)
    assert live.exact("confusion") == pytest.approx(0.5)


def test_the_slider_works_by_keyboard_and_words_follow(open_figure):
    live = open_figure("vae_overlap")
    live.key("sigma", "ArrowRight", times=2)
    assert live.get("sigma") == pytest.approx(0.7)
    assert "σ = 0.70" in live.words()
    assert f"mean {measure(2, 0.7, 2.0)['kl']:.4f} nats" in live.words()
    live.key("sigma", "Home")
    assert "holes" in live.words()
