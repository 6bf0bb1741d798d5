import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_model, draw_normal, sample_of

# generate

generate = Exercise(
    "generate",
    signature="generate(model: VariationalAutoencoder, noise: (N, Z) tensor, images: (N, D) tensor or None) -> (N, D) tensor",
    outputs=("images",),
    points=2,
    driver="vae.with_model",
    section=f"{PAGE}generation",
)


def _generate_case(random, N, D, H, Z):
    return {
        **draw_model(random, D, H, Z),
        "noise": draw_normal(random, N, Z),
        "images": torch.from_numpy(random.random((N, D))),
    }


@generate.case("five images")
def _(random):
    return _generate_case(random, 5, 7, 4, 3)


@generate.case("one image")
def _(random):
    return _generate_case(random, 1, 6, 5, 2)


@generate.case("more latent variables than pixels")
def _(random):
    return _generate_case(random, 4, 3, 6, 8)


@generate.case("no images offered")
def _(random):
    return {**_generate_case(random, 3, 5, 4, 2), "images": None}


@generate.case("one latent variable, one pixel, as many images as hidden units")
def _(random):
    return _generate_case(random, 4, 1, 4, 1)


@generate.case("N = 23, D = 31", secret=True)
def _(random):
    return _generate_case(random, 23, 31, 11, 5)


@generate.reference
def _(model, noise, images=None):
    from autograder.kernels.activations import activation

    with torch.no_grad():
        return activation(model.decode(noise), "sigmoid")


@generate.mistake(
    "from_the_posterior",
    "You sampled z from q(z|x), as the lecture's slide says (erratum E23): that gives noisy copies of images "
    "you have. A new image starts from the prior, and no image is needed.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(sample_of(*model.encode(images), noise)))


@generate.mistake(
    "reconstruction",
    "You encoded the images and decoded their means: these are reconstructions. "
    "A new image starts from the prior, and no image is needed.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(model.encode(images)[0]))


@generate.mistake(
    "logits_returned",
    "You returned the logits. The image is made of the pixels' probabilities, between 0 and 1.",
)
def _(model, noise, images=None):
    return model.decode(noise)


@generate.mistake(
    "uniform_prior",
    "You mapped the noise from [0, 1] to [−1, 1]. The noise is a sample of the prior N(0, I) already.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(2 * noise - 1))


@generate.mistake(
    "mean_of_the_prior",
    "You decoded the mean of the prior, z = 0: every image is the same. The noise is the sample of the prior.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(torch.zeros_like(noise)))


@generate.mistake(
    "posterior_deviation",
    "You stretched the noise by the σ of encoded images. The prior's standard deviation is 1.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode((model.encode(images)[1] / 2).exp() * noise))


@generate.mistake(
    "binarised",
    "You rounded the probabilities to black and white. Return the probabilities themselves.",
)
def _(model, noise, images=None):
    return (model.decode(noise) > 0).to(noise.dtype)


@generate.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: all pixels come out between ½ and 0.73.",
)
def _(model, noise, images=None):
    return torch.sigmoid(torch.sigmoid(model.decode(noise)))


@generate.mistake(
    "around_the_codes",
    "You added the noise to the codes of images: that gives noisy copies of what you have. A new image starts from the "
    "prior, and no image is needed.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(model.encode(images)[0] + noise))


@generate.mistake("binarised")
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(noise)).round()


@generate.mistake(
    "one_image_repeated",
    "You decoded the first row of the noise for all images. Each has its own.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(noise[:1].expand_as(noise)))


@generate.mistake(
    "normalised_over_pixels",
    "You used a softmax over the pixels. Each pixel has a probability of its own, and they need not sum to 1.",
    f"{PAGE}likelihood",
)
def _(model, noise, images=None):
    return torch.softmax(model.decode(noise), dim=1)


@generate.alternative
def with_exponential(model, noise, images=None):
    with torch.no_grad():
        return 1 / (1 + torch.exp(-model.decode(noise)))


@generate.alternative
def code_by_code(model, noise, images=None):
    return torch.stack([model.decode(z[None])[0].sigmoid() for z in noise])


@generate.alternative
def images_in_single_precision(model, noise, images=None):
    return torch.special.expit(model.decode(noise).detach().float())
