import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.vision_tasks.shared import PAGE, draw, draw_transfer_network

transfer_step = Exercise(
    "transfer_step",
    signature=(
        "transfer_step(model: Module, optimizer: Optimizer, images: (N, 1, H, W) tensor, labels: (N,) int64 tensor) "
        "-> loss, a float"
    ),
    outputs=("losses", "head", "backbone"),
    points=3,
    driver="vision_tasks.transfer_steps",
    section=f"{PAGE}frozen-norm",
)


def _case(random, batches, side, head, optimizer, frozen, channels=2):
    return {
        **draw_transfer_network(random, channels, side, head),
        "frozen": frozen,
        "optimizer_recipe": optimizer,
        "images": [draw(random, N, 1, side, side) for N in batches],
        "labels": [torch.from_numpy(random.integers(0, head[-1], size=N)) for N in batches],
    }


@transfer_step.case("the backbone is frozen")
def _(random):
    return _case(random, [6, 5, 4], 4, [5, 3], {"name": "SGD", "lr": 0.2}, True)


@transfer_step.case("the optimiser holds all parameters, none of them frozen")
def _(random):
    return _case(
        random, [5, 7, 4], 4, [4, 3], {"name": "SGD", "lr": 0.3, "weight_decay": 0.1}, False
    )


@transfer_step.case("one step, none frozen")
def _(random):
    return _case(random, [6], 3, [3, 4], {"name": "Adam", "lr": 0.05}, False)


@transfer_step.case("frozen, with momentum", secret=True)
def _(random):
    optimizer = {"name": "SGD", "lr": 0.1, "momentum": 0.8}
    return _case(random, [9, 8, 7, 3], 5, [6, 5], optimizer, True, channels=3)


@transfer_step.case("none frozen, larger", secret=True)
def _(random):
    return _case(random, [8, 9, 4], 5, [7, 4], {"name": "Adam", "lr": 0.03}, False, channels=3)


@transfer_step.reference
def _(model, optimizer, images, labels):
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    model.backbone.eval()
    model.head.train()
    with torch.no_grad():
        features = model.backbone(images)
    loss = softmax_cross_entropy(model.head(features), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@transfer_step.alternative
def features_without_a_graph(model, optimizer, images, labels):
    model.train()
    model.backbone.eval()
    with torch.no_grad():
        features = model.backbone(images)
    optimizer.zero_grad()
    loss = functional.cross_entropy(model.head(features), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@transfer_step.alternative
def frozen_here(model, optimizer, images, labels):
    optimizer.zero_grad()
    model.train()
    model.backbone.eval().requires_grad_(False)
    loss = functional.nll_loss(model(images).log_softmax(dim=1), labels)
    loss.backward()
    optimizer.step()
    return loss.detach()


@transfer_step.alternative
def features_detached(model, optimizer, images, labels):
    model.backbone.train(False)
    model.head.train(True)
    loss = functional.cross_entropy(model.head(model.backbone(images).detach()), labels)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@transfer_step.alternative
def put_back_afterwards(model, optimizer, images, labels):
    model.train()
    for module in model.backbone.modules():
        module.eval()
    loss = functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    for parameter in model.backbone.parameters():
        parameter.grad = None
    optimizer.step()
    model.backbone.train()
    return loss.item()


transfer_step.slip(
    "statistics_move",
    "The backbone runs in training mode: its batch normalisation uses the statistics of this batch, and its running "
    "statistics move, though no parameter does.",
    of="features_without_a_graph",
    right="    model.backbone.eval()\n",
    wrong="",
)

transfer_step.slip(
    "statistics_move",
    "",
    of="frozen_here",
    right="model.backbone.eval().requires_grad_(False)",
    wrong="model.backbone.requires_grad_(False)",
)

transfer_step.slip(
    "head_in_evaluation_mode",
    "The head is in evaluation mode as well. It is what learns: its layers behave as in training.",
    of="features_without_a_graph",
    right="    model.train()\n    model.backbone.eval()\n",
    wrong="    model.eval()\n",
)

transfer_step.slip(
    "backbone_learns",
    "The backbone's parameters move: gradients reach them, and the optimiser holds them.",
    f"{PAGE}freezing",
    of="features_without_a_graph",
    right="torch.no_grad()",
    wrong="torch.enable_grad()",
)

transfer_step.slip(
    "gradients_not_zeroed",
    "The gradients of earlier steps are still there when the new ones arrive: backward() adds to .grad.",
    of="features_without_a_graph",
    right="    optimizer.zero_grad()\n",
    wrong="",
)

transfer_step.slip(
    "softmax_before_cross_entropy",
    "A softmax stands before the cross-entropy, which contains one: the loss then sees probabilities in place of logits.",
    of="features_without_a_graph",
    right="functional.cross_entropy(model.head(features), labels)",
    wrong="functional.cross_entropy(model.head(features).softmax(dim=1), labels)",
)

transfer_step.slip(
    "summed_over_the_batch",
    "The loss is summed over the batch, so that the step grows with the number of images. Take the mean.",
    of="features_without_a_graph",
    right="functional.cross_entropy(model.head(features), labels)",
    wrong='functional.cross_entropy(model.head(features), labels, reduction="sum")',
)


@transfer_step.mistake(
    "nothing_moves",
    "Nothing moves: the optimiser's step is not called, or nothing is left in .grad when it is.",
)
def _(model, optimizer, images, labels):
    model.train()
    model.backbone.eval()
    loss = functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@transfer_step.mistake(
    "head_without_a_graph",
    "No graph is recorded for the head either, and so nothing can go back: only the backbone is to be left out of it.",
)
def _(model, optimizer, images, labels):
    model.train()
    model.backbone.eval()
    with torch.no_grad():
        loss = functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@transfer_step.mistake(
    "loss_after_the_step",
    "You return the loss of the model after its step. The one asked for is the loss whose gradient was used.",
)
def _(model, optimizer, images, labels):
    features_without_a_graph(model, optimizer, images, labels)
    model.eval()
    return functional.cross_entropy(model(images), labels).item()


@transfer_step.mistake(
    "ordinary_step",
    "This is an ordinary step of the whole network: its backbone is in training mode, and learns where it is not frozen.",
    f"{PAGE}freezing",
)
def _(model, optimizer, images, labels):
    model.train()
    loss = functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
