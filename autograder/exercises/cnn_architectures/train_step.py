import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE, draw, draw_classifier, draw_labels

train_step = Exercise(
    "train_step",
    signature=(
        "train_step(model: Module, optimizer: Optimizer, x: (N, …) tensor, labels: (N,) int64 tensor) "
        "-> loss, a float"
    ),
    outputs=("losses", "parameters"),
    points=2,
    driver="cnn_architectures.steps",
    section=f"{PAGE}training",
)


def _case(random, sizes, D, H, K, optimizer):
    return {
        **draw_classifier(random, D, H, K),
        "optimizer_recipe": optimizer,
        "images": [draw(random, N, D) for N in sizes],
        "labels": [draw_labels(random, N, K) for N in sizes],
    }


@train_step.case("three steps of SGD")
def _(random):
    return _case(random, [5, 5, 4], 6, 4, 3, {"name": "SGD", "lr": 0.2})


@train_step.case("four steps of Adam")
def _(random):
    return _case(random, [4, 7, 4, 3], 5, 3, 4, {"name": "Adam", "lr": 0.05})


@train_step.case("one step")
def _(random):
    return _case(random, [6], 4, 5, 2, {"name": "SGD", "lr": 0.3})


@train_step.case("five steps with momentum", secret=True)
def _(random):
    return _case(random, [9, 8, 7, 6, 2], 11, 6, 5, {"name": "SGD", "lr": 0.1, "momentum": 0.8})


@train_step.reference
def _(model, optimizer, x, labels):
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    model.train()
    loss = softmax_cross_entropy(model(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@train_step.alternative
def usual_order(model, optimizer, x, labels):
    model.train()
    optimizer.zero_grad()
    loss = functional.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@train_step.alternative
def cleared_at_the_end(model, optimizer, x, labels):
    model.train()
    loss = -functional.log_softmax(model(x), dim=1)[torch.arange(len(labels)), labels].mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.detach()


@train_step.alternative
def gradients_by_hand(model, optimizer, x, labels):
    model.train(True)
    loss = functional.nll_loss(model(x).log_softmax(dim=-1), labels)
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return float(loss.detach())


train_step.slip(
    "evaluation_mode",
    "The model stays in evaluation mode: batch normalisation uses old statistics and learns no new ones. "
    "A step is made in training mode, whatever mode the model comes in.",
    f"{PAGE}modes",
    of="usual_order",
    right="    model.train()\n",
    wrong="",
)

train_step.slip(
    "gradients_not_zeroed",
    "The gradients of earlier steps are still there when the new ones arrive: backward() adds to .grad.",
    of="usual_order",
    right="    optimizer.zero_grad()\n",
    wrong="",
)


@train_step.mistake(
    "nothing_moves",
    "No parameter moves: the optimiser's step is not called, or nothing is left in .grad when it is.",
)
def _(model, optimizer, x, labels):
    model.train()
    loss = functional.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@train_step.mistake("nothing_moves")
def _(model, optimizer, x, labels):
    model.train()
    return functional.cross_entropy(model(x), labels).item()


train_step.slip(
    "softmax_before_cross_entropy",
    "A softmax stands before the cross-entropy, which contains one: the loss then sees probabilities in place of logits.",
    of="usual_order",
    right="functional.cross_entropy(model(x), labels)",
    wrong="functional.cross_entropy(model(x).softmax(dim=1), labels)",
)

train_step.slip(
    "summed_over_the_batch",
    "The loss is summed over the batch, so the step grows with the number of examples. Take the mean.",
    of="usual_order",
    right="functional.cross_entropy(model(x), labels)",
    wrong='functional.cross_entropy(model(x), labels, reduction="sum")',
)

train_step.slip(
    "ascends",
    "The parameters move uphill: the optimiser makes smaller what you call backward() on.",
    of="usual_order",
    right="loss.backward()",
    wrong="(-loss).backward()",
)


@train_step.mistake(
    "loss_after_the_step",
    "You return the loss of the model after its step. The one asked for is the loss whose gradient was used.",
)
def _(model, optimizer, x, labels):
    usual_order(model, optimizer, x, labels)
    return functional.cross_entropy(model(x), labels).item()


@train_step.mistake("loss_after_the_step")
def _(model, optimizer, x, labels):
    usual_order(model, optimizer, x, labels)
    model.eval()
    with torch.no_grad():
        return functional.cross_entropy(model(x), labels).item()


@train_step.mistake(
    "two_forward_passes",
    "The model is run twice in one step. In training mode every pass moves the running statistics of batch normalisation.",
    f"{PAGE}modes",
)
def _(model, optimizer, x, labels):
    model.train()
    with torch.no_grad():
        loss = functional.cross_entropy(model(x), labels).item()
    usual_order(model, optimizer, x, labels)
    return loss
