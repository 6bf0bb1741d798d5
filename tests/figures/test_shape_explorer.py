"""Shapes, parameters and work are those of a count in Python, and of the papers."""

from __future__ import annotations

import pytest


def conv(shape, filters, kernel, stride=1, padding=0, per_filter=1):
    C, H, W = shape
    OH, OW = ((side + 2 * padding - kernel) // stride + 1 for side in (H, W))
    weights = kernel**2 * C * filters
    return (filters, OH, OW), weights + per_filter * filters, weights * OH * OW


def counted(layers, side, channels=3):
    """Parameters and multiply–adds of `(filters, kernel, stride, padding)`, `pool` and numbers of units."""
    shape, parameters, work = (channels, side, side), 0, 0
    for layer in layers:
        if isinstance(layer, tuple):
            shape, more, harder = conv(shape, *layer)
        elif isinstance(layer, str):
            size, stride = map(int, layer.split())
            shape, more, harder = (shape[0], *((s - size) // stride + 1 for s in shape[1:])), 0, 0
        else:
            harder = shape[0] * shape[1] * shape[2] * layer
            shape, more = (layer, 1, 1), harder + layer
        parameters, work = parameters + more, work + harder
    return parameters, work


ALEXNET = [(96, 11, 4), "3 2", (256, 5, 1, 2), "3 2", (384, 3, 1, 1), (384, 3, 1, 1)]
ALEXNET += [(256, 3, 1, 1), "3 2", 4096, 4096, 1000]
LENET5 = [(6, 5, 1, 2), "2 2", (16, 5), "2 2", 120, 84, 10]


def resnet34(side):
    parts = []

    def add(shape, *layer):
        out, *prices = conv(shape, *layer, per_filter=2)
        parts.append(prices)
        return out

    shape = add((3, side, side), 64, 7, 2, 3)
    shape = (64, (shape[1] + 2 - 3) // 2 + 1, (shape[2] + 2 - 3) // 2 + 1)
    for filters, count in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(count):
            stride = 2 if block == 0 and filters > 64 else 1
            if stride == 2:
                add(shape, filters, 1, 2)
            shape = add(add(shape, filters, 3, stride, 1), filters, 3, 1, 1)
    parts.append((512 * 1000 + 1000, 512 * 1000))
    return tuple(map(sum, zip(*parts, strict=True)))


def test_the_networks_cost_what_a_count_says(open_figure):
    live = open_figure("shape_explorer")
    cases = {
        ("alexnet", 227): counted(ALEXNET, 227),
        ("alexnet", 300): counted(ALEXNET, 300),
        ("lenet5", 28): counted(LENET5, 28, channels=1),
        ("resnet34", 224): resnet34(224),
        ("resnet34", 101): resnet34(101),
    }
    for (network, side), (parameters, work) in cases.items():
        live.set(network=network, side=side)
        shown = live.all_exact()
        assert (shown["parameters"], shown["work"]) == (parameters, work), (network, side)
        rows = [name for name in shown if name.startswith("parameters_")]
        assert sum(shown[name] for name in rows) == parameters
    assert cases["alexnet", 227] == (62_378_344, 1_135_256_096)
    assert cases["resnet34", 224][0] == 21_797_672


def test_vgg16_and_a_global_mean(open_figure):
    live = open_figure("shape_explorer")
    live.choose("network", "vgg16")
    assert live.get("side") == 224
    assert live.exact("parameters") == 138_357_544
    assert live.exact("work") == 15_470_264_320
    assert live.exact("dense_parameters") == pytest.approx(89.4, abs=0.05)
    live.set(global_pooling=True)
    assert live.exact("parameters") == 14_714_688 + 513_000
    assert "3.4 %" in live.words()


def test_an_image_that_is_too_small_is_said_and_the_side_works_by_keyboard(open_figure):
    live = open_figure("shape_explorer", state={"side": 29})
    assert "does not fit" in live.words()
    live.set(side=227)
    live.key("side", "ArrowRight", times=3)
    assert live.get("side") == 230
    assert "230 × 230" in live.words()
