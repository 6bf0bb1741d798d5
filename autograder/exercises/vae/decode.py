import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_normal, draw_parameters

# decode

decode = Exercise(
    "decode",
    signature=("decode(z: (N, Z) tensor, parameters: dict) -> logits: (N, D) tensor"),
    outputs=("logits", "gradient_z"),
    points=1,
    driver="pull_back",
    section=f"{PAGE}networks",
)


def _decode_case(random, N, Z, H, D):
    return {
        "z": draw_normal(random, N, Z),
        "parameters": draw_parameters(random, W_hidden=(Z, H), W_logits=(H, D)),
        "cotangent": draw_normal(random, N, D),
        "wrt": ["z"],
    }


@decode.case("Z = 3, H = 5, D = 6")
def _(random):
    return _decode_case(random, 4, 3, 5, 6)


@decode.case("one code, Z = 1")
def _(random):
    return _decode_case(random, 1, 1, 4, 7)


@decode.case("all widths equal")
def _(random):
    return _decode_case(random, 3, 4, 4, 4)


@decode.case("Z = 8, H = 17, D = 30", secret=True)
def _(random):
    return _decode_case(random, 11, 8, 17, 30)


def _logits(z, p):
    return torch.relu(z @ p["W_hidden"] + p["b_hidden"]) @ p["W_logits"] + p["b_logits"]


@decode.reference
def _(z, parameters):
    return _logits(z, parameters)


@decode.mistake(
    "probabilities_for_logits",
    "You put a sigmoid at the end: these are probabilities. The likelihood takes logits, and is safe for that reason.",
)
def _(z, parameters):
    return torch.sigmoid(_logits(z, parameters))


@decode.mistake(
    "relu_at_the_end",
    "Your logits went through a ReLU: then no pixel is dark with more than probability ½.",
)
def _(z, parameters):
    return torch.relu(_logits(z, parameters))


@decode.mistake(
    "tanh_at_the_end",
    "You put a tanh at the end: then the surest pixel is 0.73 bright. A logit has no bounds.",
)
def _(z, parameters):
    return torch.tanh(_logits(z, parameters))


@decode.mistake(
    "no_hidden_activation",
    "The hidden layer has no activation: two affine layers in a row are worth one.",
)
def _(z, parameters):
    h = z @ parameters["W_hidden"] + parameters["b_hidden"]
    return h @ parameters["W_logits"] + parameters["b_logits"]


@decode.mistake("hidden_bias_missing", "The hidden layer's bias is missing.")
def _(z, parameters):
    h = torch.relu(z @ parameters["W_hidden"])
    return h @ parameters["W_logits"] + parameters["b_logits"]


@decode.mistake("output_bias_missing", "The bias of the output layer is missing.")
def _(z, parameters):
    return _logits(z, parameters) - parameters["b_logits"]


@decode.mistake(
    "cut_off",
    "No gradient reaches z: the computation was cut off from the graph (detach, no_grad, .data or NumPy), "
    "so the encoder would never hear what its codes were worth.",
)
def _(z, parameters):
    return _logits(z.detach(), parameters)


@decode.alternative
def with_functional_linear(z, parameters):
    linear = torch.nn.functional.linear
    h = linear(z, parameters["W_hidden"].T, parameters["b_hidden"]).clamp(min=0)
    return linear(h, parameters["W_logits"].T, parameters["b_logits"])


@decode.alternative
def with_einsum(z, parameters):
    h = torch.einsum("nz,zh->nh", z, parameters["W_hidden"]) + parameters["b_hidden"]
    h = torch.where(h > 0, h, torch.zeros_like(h))
    return torch.einsum("nh,hd->nd", h, parameters["W_logits"]) + parameters["b_logits"]


@decode.alternative
def code_by_code(z, parameters):
    return torch.stack([_logits(code, parameters) for code in z])
