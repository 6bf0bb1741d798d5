import numpy as np
import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_model

# interpolate

interpolate = Exercise(
    "interpolate",
    signature=(
        "interpolate(model: VariationalAutoencoder, x_start: (D,) tensor, x_end: (D,) tensor, "
        "steps: int) -> (steps, D) tensor"
    ),
    outputs=("images",),
    points=2,
    driver="vae.with_model",
    section=f"{PAGE}interpolation",
)


def _interpolate_case(random, D, H, Z, steps):
    return {
        **draw_model(random, D, H, Z),
        "x_start": torch.from_numpy(random.random(D)),
        "x_end": torch.from_numpy(random.random(D)),
        "steps": steps,
    }


@interpolate.case("five images")
def _(random):
    return _interpolate_case(random, 7, 4, 3, 5)


@interpolate.case("the two ends alone")
def _(random):
    return _interpolate_case(random, 6, 5, 2, 2)


@interpolate.case("eight images, one latent variable")
def _(random):
    return _interpolate_case(random, 9, 6, 1, 8)


@interpolate.case("three images, from an image to itself")
def _(random):
    arguments = _interpolate_case(random, 5, 4, 2, 3)
    return {**arguments, "x_end": arguments["x_start"].clone()}


@interpolate.case("as many images as pixels and latent variables, black and white")
def _(random):
    ends = torch.tensor([[0, 1, 1, 0], [1, 1, 0, 0]], dtype=torch.float64)
    return {**_interpolate_case(random, 4, 6, 4, 4), "x_start": ends[0], "x_end": ends[1]}


@interpolate.case("thirteen images", secret=True)
def _(random):
    return _interpolate_case(random, 21, 10, 6, 13)


@interpolate.reference
def _(model, x_start, x_end, steps):
    from autograder.kernels.activations import activation

    with torch.no_grad():
        return activation(model.decode(_line(model, x_start, x_end, steps)), "sigmoid")


def _line(model, x_start, x_end, steps):
    start, end = model.encode(torch.stack([x_start, x_end]))[0]
    return torch.lerp(start, end, torch.linspace(0, 1, steps, dtype=start.dtype)[:, None])


def _mix(start, end, steps):
    t = torch.linspace(0, 1, steps, dtype=start.dtype)[:, None]
    return (1 - t) * start + t * end


def _paint(model, z):
    return torch.sigmoid(model.decode(z))


def _code(model, x):
    return model.encode(x[None])[0][0]


@interpolate.mistake(
    "pixels_mixed",
    "You mixed the pixels of the two images: one fades while the other appears. "
    "The line is drawn between their codes, and every point of it is decoded.",
)
def _(model, x_start, x_end, steps):
    return _mix(x_start, x_end, steps)


@interpolate.mistake(
    "reconstructions_mixed",
    "You decoded the two ends and mixed the results: that is fading again. "
    "Mix the codes first, then decode each of them.",
)
def _(model, x_start, x_end, steps):
    return _mix(
        _paint(model, _code(model, x_start)[None]), _paint(model, _code(model, x_end)[None]), steps
    )


@interpolate.mistake(
    "pixels_encoded",
    "You mixed the pixels and sent the mixtures through encoder and decoder. "
    "Encode the two images alone, mix their codes, then decode.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, model.encode(_mix(x_start, x_end, steps))[0])


@interpolate.mistake(
    "end_missing",
    "The last image is not that of x_end: the line stops one step before it. Both ends belong to it.",
)
def _(model, x_start, x_end, steps):
    t = torch.arange(steps, dtype=x_start.dtype)[:, None] / steps
    return _paint(model, (1 - t) * _code(model, x_start) + t * _code(model, x_end))


@interpolate.mistake(
    "backwards",
    "The line runs backwards, from x_end to x_start.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, _mix(_code(model, x_end), _code(model, x_start), steps))


@interpolate.mistake(
    "logits_returned",
    "You returned the logits. The images are made of the pixels' probabilities, between 0 and 1.",
)
def _(model, x_start, x_end, steps):
    return model.decode(_mix(_code(model, x_start), _code(model, x_end), steps))


@interpolate.mistake(
    "logits_mixed",
    "You decoded the two ends and mixed their logits: that stays fading. "
    "Mix the codes first, then decode each of them.",
)
def _(model, x_start, x_end, steps):
    return torch.sigmoid(
        _mix(model.decode(_code(model, x_start)), model.decode(_code(model, x_end)), steps)
    )


@interpolate.mistake(
    "log_variances_mixed",
    "You used the second output of the encoder, log σ². The code of an image is the mean, the first output.",
)
def _(model, x_start, x_end, steps):
    ends = model.encode(torch.stack([x_start, x_end]))[1]
    return _paint(model, _mix(ends[0], ends[1], steps))


@interpolate.mistake(
    "start_missing",
    "The first image is not that of x_start: the line begins one step after it. Both ends belong to it.",
)
def _(model, x_start, x_end, steps):
    t = torch.arange(1, steps + 1, dtype=x_start.dtype)[:, None] / steps
    return _paint(model, (1 - t) * _code(model, x_start) + t * _code(model, x_end))


@interpolate.mistake(
    "ends_left_out",
    "Neither end is on your line: all its points lie between the two codes. Both ends belong to it.",
)
def _(model, x_start, x_end, steps):
    t = torch.arange(1, steps + 1, dtype=x_start.dtype)[:, None] / (steps + 1)
    return _paint(model, (1 - t) * _code(model, x_start) + t * _code(model, x_end))


@interpolate.mistake(
    "one_too_many",
    "Your line has one point more than `steps`. `steps` counts the images, not the gaps between them.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, _mix(_code(model, x_start), _code(model, x_end), steps + 1))


@interpolate.mistake("one_too_many")
def _(model, x_start, x_end, steps):
    return _paint(model, _mix(_code(model, x_start), _code(model, x_end), steps + 2))


@interpolate.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: all pixels come out between ½ and 0.73.",
)
def _(model, x_start, x_end, steps):
    return torch.sigmoid(_paint(model, _mix(_code(model, x_start), _code(model, x_end), steps)))


@interpolate.mistake(
    "difference_added_whole",
    "You add the whole way from one code to the other again and again, and leave the line between them.",
)
def _(model, x_start, x_end, steps):
    start, end = _code(model, x_start), _code(model, x_end)
    return _paint(model, start + torch.arange(steps, dtype=start.dtype)[:, None] * (end - start))


@interpolate.mistake(
    "weights_not_complementary",
    "The weight of the first code stays 1: at the end you are at the sum of both codes.",
)
def _(model, x_start, x_end, steps):
    t = torch.linspace(0, 1, steps, dtype=x_start.dtype)[:, None]
    return _paint(model, _code(model, x_start) + t * _code(model, x_end))


@interpolate.mistake(
    "binarised",
    "You rounded the probabilities to black and white. Return the probabilities themselves.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, _mix(_code(model, x_start), _code(model, x_end), steps)).round()


@interpolate.alternative
def step_by_step(model, x_start, x_end, steps):
    start, end = _code(model, x_start), _code(model, x_end)
    images = []
    for i in range(steps):
        z = start + i / (steps - 1) * (end - start)
        images.append(_paint(model, z))
    return torch.stack(images)


@interpolate.alternative
def weights_as_matrix(model, x_start, x_end, steps):
    with torch.no_grad():
        codes, _ = model.encode(torch.stack([x_start, x_end]))
        weights = torch.from_numpy(np.linspace([1.0, 0.0], [0.0, 1.0], steps)).to(codes.dtype)
        return _paint(model, weights @ codes)


@interpolate.alternative
def line_in_single_precision(model, x_start, x_end, steps):
    return _paint(model.float(), _line(model, x_start.float(), x_end.float(), steps))
