"""What exercises of chapter 14 share."""

import torch
from torch.nn.functional import softplus

PAGE = "14_vae.html#vae-"


def draw_normal(random, *shape, scale=1.0):
    return torch.from_numpy(scale * random.normal(size=shape))


def draw_posterior(random, N, Z, scale=1.0):
    return {
        "mean": draw_normal(random, N, Z),
        "log_variance": draw_normal(random, N, Z, scale=scale),
    }


def kl_of(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(dim=1)


def sample_of(mean, log_variance, noise):
    return mean + (log_variance / 2).exp() * noise


def draw_pixels(random, N, D, scale=2.0):
    return {
        "logits": draw_normal(random, N, D, scale=scale),
        "x": torch.from_numpy(random.random((N, D))),
    }


def nll_of(logits, x):
    return (softplus(logits) - x * logits).sum(dim=1)


def draw_parameters(random, **weights):
    """Weights of these shapes, (inputs, outputs), and a bias for each, as a learner's networks take them."""
    parameters = {}
    for name, (inputs, outputs) in weights.items():
        parameters[name] = draw_normal(random, inputs, outputs, scale=inputs**-0.5)
        parameters[name.replace("W_", "b_")] = draw_normal(random, outputs, scale=0.7)
    return parameters


def draw_model(random, D, H, Z):
    """A small model with weights that make every part matter: no posterior is near the prior."""
    shapes = {
        "encoder": (H, D),
        "mean": (Z, H),
        "log_variance": (Z, H),
        "decoder": (H, Z),
        "logits": (D, H),
    }
    state = {}
    for name, shape in shapes.items():
        state[f"{name}.weight"] = draw_normal(random, *shape, scale=0.8)
        state[f"{name}.bias"] = draw_normal(random, shape[0], scale=0.5)
    recipe = {"factory": "vae", "inputs": D, "hidden": H, "latent": Z, "activation": "tanh"}
    return {"model": recipe, "state": state}


def negative_elbo_of(model, x, noise, sample=sample_of, kl=kl_of, nll=nll_of):
    """Give the negative ELBO of each image, or what a variant makes of it."""
    mean, log_variance = model.encode(x)
    logits = model.decode(sample(mean, log_variance, noise))
    return nll(logits, x) + kl(mean, log_variance)


def descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
