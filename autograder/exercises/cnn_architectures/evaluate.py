import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE, draw, draw_classifier, draw_labels
from dlarch.checks_file import Part

evaluate = Exercise(
    "evaluate",
    signature=(
        "evaluate(model: Module, x: (N, …) tensor, labels: (N,) int64 tensor, batch_size: int) "
        "-> loss, accuracy, two floats"
    ),
    outputs=("loss", "accuracy", "use"),
    parts={
        "value": Part(1, outputs=("loss", "accuracy")),
        "use": Part(1, outputs=("loss", "use")),
    },
    driver="cnn_architectures.evaluation",
    section=f"{PAGE}modes",
)


def _case(random, N, D, H, K, batch_size, training):
    return {
        **draw_classifier(random, D, H, K),
        "training": training,
        "x": draw(random, N, D),
        "labels": draw_labels(random, N, K),
        "batch_size": batch_size,
    }


@evaluate.case("eleven examples in batches of four, from training mode")
def _(random):
    return _case(random, 11, 6, 4, 3, 4, True)


@evaluate.case("nine in batches of four, from evaluation mode")
def _(random):
    return _case(random, 9, 5, 3, 4, 4, False)


@evaluate.case("fewer examples than a batch holds")
def _(random):
    return _case(random, 5, 4, 6, 3, 8, True)


@evaluate.case("eight in batches of four")
def _(random):
    return _case(random, 8, 3, 5, 4, 4, True)


@evaluate.case("two rare classes, batches of two", secret=True)
def _(random):
    case = _case(random, 23, 7, 5, 6, 2, bool(random.integers(2)))
    return {**case, "labels": case["labels"].clamp(0, 3)}


@evaluate.reference
def _(model, x, labels, batch_size):
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    mode = model.training
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(batch) for batch in x.split(batch_size)])
        loss = softmax_cross_entropy(logits, labels).item()
    model.train(mode)
    return loss, (logits.argmax(dim=1) == labels).double().mean().item()


@evaluate.alternative
def sums_divided_at_the_end(model, x, labels, batch_size):
    mode = model.training
    model.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            batch, wanted = x[start : start + batch_size], labels[start : start + batch_size]
            logits = model(batch)
            total += functional.cross_entropy(logits, wanted, reduction="sum").item()
            right += (logits.argmax(dim=1) == wanted).sum().item()
    model.train(mode)
    return total / len(x), right / len(x)


@evaluate.alternative
@torch.inference_mode()
def weighted_means(model, x, labels, batch_size):
    mode = model.training
    model.train(False)
    loss = accuracy = 0.0
    for batch, wanted in zip(x.split(batch_size), labels.split(batch_size), strict=True):
        logits, share = model(batch), len(batch) / len(x)
        loss = loss + share * functional.cross_entropy(logits, wanted)
        accuracy = accuracy + share * (logits.max(dim=1).indices == wanted).double().mean()
    model.train(mode)
    return loss.item(), accuracy.item()


@evaluate.alternative
def tensors_in_single_precision(model, x, labels, batch_size):
    mode, outputs = model.training, []
    try:
        model.eval()
        with torch.set_grad_enabled(False):
            for batch in torch.split(x, batch_size):
                outputs.append(model.forward(batch))
    finally:
        model.train(mode)
    logits = torch.cat(outputs).float()
    return functional.cross_entropy(logits, labels), (logits.argmax(1) == labels).float().mean()


evaluate.slip(
    "training_mode",
    "The model is evaluated in training mode: batch normalisation uses the statistics of each batch, and changes the "
    "running ones.",
    of="sums_divided_at_the_end",
    right="    model.eval()\n",
    wrong="",
)

evaluate.slip(
    "mode_not_restored",
    "After your call the model is in evaluation mode even where it came in training mode: what goes on training then does "
    "so with frozen statistics.",
    of="sums_divided_at_the_end",
    right="    model.train(mode)\n",
    wrong="",
)

evaluate.slip(
    "always_left_in_training_mode",
    "After your call the model is in training mode even where it came in evaluation mode.",
    of="sums_divided_at_the_end",
    right="    model.train(mode)\n",
    wrong="    model.train()\n",
)

evaluate.slip(
    "graph_recorded",
    "PyTorch records the graph of every batch, though nobody goes back through it: memory is spent for nothing.",
    of="sums_divided_at_the_end",
    right="    with torch.no_grad():\n",
    wrong="    if True:\n",
)


@evaluate.mistake(
    "mean_of_batch_means",
    "You average the means of the batches. The last batch may be smaller, and its examples then count for more.",
)
def _(model, x, labels, batch_size):
    mode = model.training
    model.eval()
    losses, accuracies = [], []
    with torch.no_grad():
        for batch, wanted in zip(x.split(batch_size), labels.split(batch_size), strict=True):
            logits = model(batch)
            losses.append(functional.cross_entropy(logits, wanted))
            accuracies.append((logits.argmax(dim=1) == wanted).double().mean())
    model.train(mode)
    return torch.stack(losses).mean().item(), torch.stack(accuracies).mean().item()


@evaluate.mistake(
    "last_batch_dropped",
    "The last, smaller batch is left out.",
)
def _(model, x, labels, batch_size):
    kept = max(batch_size, len(x) // batch_size * batch_size)
    return sums_divided_at_the_end(model, x[:kept], labels[:kept], batch_size)


@evaluate.mistake(
    "all_at_once",
    "The model gets all examples at once: a large set of images would not fit in memory.",
)
def _(model, x, labels, batch_size):
    return sums_divided_at_the_end(model, x, labels, len(x))


@evaluate.mistake(
    "last_batch_alone",
    "You return the numbers of the last batch: they are assigned anew in each round and never gathered.",
)
def _(model, x, labels, batch_size):
    mode = model.training
    model.eval()
    with torch.no_grad():
        for batch, wanted in zip(x.split(batch_size), labels.split(batch_size), strict=True):
            logits = model(batch)
            loss = functional.cross_entropy(logits, wanted)
            accuracy = (logits.argmax(dim=1) == wanted).double().mean()
    model.train(mode)
    return loss.item(), accuracy.item()
