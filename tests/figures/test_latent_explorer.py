"""The latent explorer: the precomputed grid in the page, the learner's decoder in Python."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from PIL import Image

from dlarch.figures import LatentExplorer
from dlarch.figures.base import FOLDER

SPRITE = np.asarray(Image.open(FOLDER / "latent_explorer.png"), dtype=float)


def grid_image(row: int, column: int) -> np.ndarray:
    return SPRITE[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]


def decoded_pixels(live) -> np.ndarray:
    pixels, height, width = live.page.evaluate(
        """() => { const canvas = document.querySelector(".dla-decoded");
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return [[...data].filter((_, i) => i % 4 === 0), canvas.height, canvas.width]; }"""
    )
    return np.array(pixels).reshape(height, width)


def plane_to_stripes(z: np.ndarray) -> np.ndarray:
    """A decoder whose images tell their z: left half (z₁+3)/6, right half (z₂+3)/6; 4×6 pixels."""
    images = np.empty((len(z), 4, 6))
    images[:, :, :3] = ((z[:, 0] + 3) / 6)[:, None, None]
    images[:, :, 3:] = ((z[:, 1] + 3) / 6)[:, None, None]
    return images


def test_arrow_keys_move_z_and_the_nearest_image_is_shown(open_figure):
    live = open_figure("latent_explorer")
    live.page.get_by_role("application").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        live.page.keyboard.press(key)
    live.settle()
    assert live.get("z") == [-0.5, -1.25]
    assert (live.exact("decoded_z_1"), live.exact("decoded_z_2")) == (-0.5, -1.25)
    image = grid_image(row=15, column=8)
    np.testing.assert_array_equal(decoded_pixels(live), image)
    assert live.exact("brightness") == pytest.approx(image.mean() / 255)
    density = np.exp(-0.5 * (0.5**2 + 1.25**2))
    assert live.exact("prior_density") == pytest.approx(density / (2 * np.pi))
    assert live.exact("farther_out") == pytest.approx(density)
    assert "z = (−0.50, −1.25)" in live.words()


def test_z_stays_in_the_plane(open_figure):
    live = open_figure("latent_explorer")
    live.page.get_by_role("application").focus()
    for _ in range(12):
        live.page.keyboard.press("Shift+ArrowRight")
        live.page.keyboard.press("Shift+ArrowDown")
    live.settle()
    assert live.get("z") == [2.5, -2.5]
    np.testing.assert_array_equal(decoded_pixels(live), grid_image(20, 20))


def test_a_number_between_two_images_shows_the_nearest(open_figure):
    live = open_figure("latent_explorer")
    live.type("z_1", "1.1")
    live.type("z_2", "0.6")
    assert live.get("z") == [1.1, 0.6]
    assert (live.exact("decoded_z_1"), live.exact("decoded_z_2")) == (1.0, 0.5)
    np.testing.assert_array_equal(decoded_pixels(live), grid_image(8, 14))


@pytest.mark.parametrize("shape", ["N H W", "N 1 H W", "tensor"])
def test_the_learners_decoder_is_asked_whenever_z_changes(shape):
    def decode(z: np.ndarray) -> object:
        assert z.dtype == np.float32
        images = plane_to_stripes(z)
        if shape == "N 1 H W":
            return images[:, None]
        return torch.tensor(images, requires_grad=True) if shape == "tensor" else images

    explorer = LatentExplorer(decode, extent=3, steps=4)
    explorer.z = [1.5, -3.0]
    levels = np.frombuffer(base64.b64decode(explorer.image), np.uint8).reshape(4, 6)
    assert (levels[:, :3] == round(255 * 0.75)).all()
    assert (levels[:, 3:] == 0).all()
    grid = np.frombuffer(base64.b64decode(explorer.grid), np.uint8).reshape(4, 4, 4, 6)
    np.testing.assert_array_equal(grid[0, :, 0, 0], [0, 85, 170, 255])
    np.testing.assert_array_equal(grid[:, 0, 0, -1], [255, 170, 85, 0])


def test_flat_square_images_and_a_larger_latent_space_are_accepted():
    seen = []

    def decode(z: np.ndarray) -> np.ndarray:
        seen.append(z)
        return np.full((len(z), 49), 0.5)

    explorer = LatentExplorer(decode, latent_size=5, axes=(3, 1))
    explorer.z = [1.0, 2.0]
    assert (explorer.height, explorer.width) == (7, 7)
    np.testing.assert_array_equal(seen[-1], [[0, 2, 0, 1, 0]])


def test_a_decoder_that_returns_something_else_is_told_what_was_expected():
    with pytest.raises(ValueError, match=r"121 images .* shape \(121, 10\)"):
        LatentExplorer(lambda z: np.zeros((len(z), 10)))


def test_the_page_shows_what_python_decoded(open_figure):
    explorer = LatentExplorer(plane_to_stripes, extent=3, steps=4)
    explorer.z = [1.5, -3.0]
    saved = open_figure("latent_explorer", state=explorer.state())
    assert saved.exact("decoded_z_1") == 1.0
    assert decoded_pixels(saved)[0, 0] == 170
    saved.set(image=explorer.image)
    assert saved.exact("decoded_z_1") == 1.5
    assert decoded_pixels(saved)[0, 0] == round(255 * 0.75)
