import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_normal, draw_parameters

# encode

encode = Exercise(
    "encode",
    signature=(
        "encode(x: (N, D) tensor, parameters: dict) -> mean: (N, Z) tensor, log_variance: (N, Z) tensor"
    ),
    outputs=("mean", "log_variance", "gradient_x"),
    points=2,
    driver="pull_back",
    section=f"{PAGE}networks",
)


def _encode_case(random, N, D, H, Z):
    return {
        "x": torch.from_numpy(random.random((N, D))),
        "parameters": draw_parameters(
            random, W_hidden=(D, H), W_mean=(H, Z), W_log_variance=(H, Z)
        ),
        "cotangent": (draw_normal(random, N, Z), draw_normal(random, N, Z)),
        "wrt": ["x"],
    }


@encode.case("D = 6, H = 5, Z = 3")
def _(random):
    return _encode_case(random, 4, 6, 5, 3)


@encode.case("one image, Z = 1")
def _(random):
    return _encode_case(random, 1, 3, 4, 1)


@encode.case("as many latent variables as hidden units and pixels")
def _(random):
    return _encode_case(random, 3, 4, 4, 4)


@encode.case("D = 30, H = 17, Z = 8", secret=True)
def _(random):
    return _encode_case(random, 11, 30, 17, 8)


def _hidden(x, p):
    return torch.relu(x @ p["W_hidden"] + p["b_hidden"])


def _means(h, p):
    return h @ p["W_mean"] + p["b_mean"]


def _log_variances(h, p):
    return h @ p["W_log_variance"] + p["b_log_variance"]


@encode.reference
def _(x, parameters):
    h = _hidden(x, parameters)
    return _means(h, parameters), _log_variances(h, parameters)


@encode.mistake(
    "no_hidden_activation",
    "The hidden layer has no activation: two affine layers in a row are worth one.",
)
def _(x, parameters):
    h = x @ parameters["W_hidden"] + parameters["b_hidden"]
    return _means(h, parameters), _log_variances(h, parameters)


@encode.mistake(
    "relu_on_the_outputs",
    "Your outputs went through a ReLU too: then no mean is below 0, and no variance below 1.",
)
def _(x, parameters):
    h = _hidden(x, parameters)
    return torch.relu(_means(h, parameters)), torch.relu(_log_variances(h, parameters))


@encode.mistake(
    "relu_on_the_log_variance",
    "Your log-variance went through a ReLU: then no variance is below 1, and no image has a small cloud.",
)
def _(x, parameters):
    h = _hidden(x, parameters)
    return _means(h, parameters), torch.relu(_log_variances(h, parameters))


@encode.mistake(
    "variance_for_its_logarithm",
    "You returned the variance. Return what the layer gives: it is read as the logarithm.",
)
def _(x, parameters):
    h = _hidden(x, parameters)
    return _means(h, parameters), _log_variances(h, parameters).exp()


@encode.mistake(
    "deviation_for_the_log_variance",
    "You returned the standard deviation. Return what the layer gives: it is read as the logarithm "
    "of the variance.",
)
def _(x, parameters):
    h = _hidden(x, parameters)
    return _means(h, parameters), (_log_variances(h, parameters) / 2).exp()


@encode.mistake(
    "log_variance_from_the_mean",
    "You fed the mean into the second output layer. Both output layers read the hidden layer, side by side.",
)
def _(x, parameters):
    mean = _means(_hidden(x, parameters), parameters)
    if mean.shape[1] != parameters["W_log_variance"].shape[0]:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    return mean, _log_variances(mean, parameters)


@encode.mistake("results_exchanged", "You returned the log-variance first. The mean comes first.")
def _(x, parameters):
    h = _hidden(x, parameters)
    return _log_variances(h, parameters), _means(h, parameters)


@encode.mistake("hidden_bias_missing", "The hidden layer's bias is missing.")
def _(x, parameters):
    h = torch.relu(x @ parameters["W_hidden"])
    return _means(h, parameters), _log_variances(h, parameters)


@encode.mistake("output_biases_missing", "The biases of the two output layers are missing.")
def _(x, parameters):
    h = _hidden(x, parameters)
    return h @ parameters["W_mean"], h @ parameters["W_log_variance"]


@encode.mistake(
    "one_layer_for_both",
    "Your log-variance comes from the weights of the mean. It has weights of its own.",
)
def _(x, parameters):
    mean = _means(_hidden(x, parameters), parameters)
    return mean, mean.clone()


@encode.mistake(
    "cut_off",
    "No gradient reaches x: the computation was cut off from the graph (detach, no_grad, .data or NumPy), "
    "so the encoder could never learn.",
)
def _(x, parameters):
    h = _hidden(x.detach(), parameters)
    return _means(h, parameters), _log_variances(h, parameters)


@encode.alternative
def with_functional_linear(x, parameters):
    linear = torch.nn.functional.linear
    h = linear(x, parameters["W_hidden"].T, parameters["b_hidden"]).clamp(min=0)
    mean = linear(h, parameters["W_mean"].T, parameters["b_mean"])
    return mean, linear(h, parameters["W_log_variance"].T, parameters["b_log_variance"])


@encode.alternative
def with_one_wide_layer(x, parameters):
    h = torch.addmm(parameters["b_hidden"], x, parameters["W_hidden"]).relu()
    W = torch.cat([parameters["W_mean"], parameters["W_log_variance"]], dim=1)
    b = torch.cat([parameters["b_mean"], parameters["b_log_variance"]])
    return torch.chunk(h @ W + b, 2, dim=1)


@encode.alternative
def image_by_image(x, parameters):
    h = torch.stack(
        [torch.relu(parameters["W_hidden"].T @ image + parameters["b_hidden"]) for image in x]
    )
    return _means(h, parameters), _log_variances(h, parameters)
