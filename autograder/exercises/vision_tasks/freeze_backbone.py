from autograder.exercise import Exercise
from autograder.exercises.vision_tasks.shared import PAGE, draw_transfer_network

freeze_backbone = Exercise(
    "freeze_backbone",
    signature="freeze_backbone(model: Module) -> names: list of str",
    outputs=("names", "trainable"),
    points=1,
    driver="vision_tasks.freezing",
    section=f"{PAGE}freezing",
)


def _case(random, channels, side, head, backbone=(), layers=()):
    """A network of which modules of the backbone and dense layers of the head, by their places, are frozen."""
    drawn = draw_transfer_network(random, channels, side, head)
    names = drawn["network"]["names"]
    frozen = [f"backbone.{place}." for place in backbone]
    return {**drawn, "frozen": frozen + [f"head.{names[3 * layer]}." for layer in layers]}


@freeze_backbone.case("all parameters can be trained, a head of two layers")
def _(random):
    return _case(random, 3, 4, [5, 2])


@freeze_backbone.case("all are frozen, a head of one layer")
def _(random):
    return _case(random, 2, 4, [3], [0, 1], [0])


@freeze_backbone.case("the last layer of the head is frozen")
def _(random):
    return _case(random, 2, 3, [4, 3, 2], [], [2])


@freeze_backbone.case("part of either is frozen", secret=True)
def _(random):
    return _case(random, 3, 5, [6, 4, 3], [0], [0])


@freeze_backbone.reference
def _(model):
    model.backbone.requires_grad_(False)
    model.head.requires_grad_(True)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.alternative
def by_name(model):
    names = []
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("head.")
        if parameter.requires_grad:
            names.append(name)
    return names


@freeze_backbone.alternative
def part_by_part(model):
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    for parameter in model.head.parameters():
        parameter.requires_grad = True
    return ["head." + name for name, _ in model.head.named_parameters()]


@freeze_backbone.alternative
def all_off_then_on(model):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in model.head.parameters():
        parameter.requires_grad_(True)
    return tuple(name for name, parameter in model.named_parameters() if parameter.requires_grad)


@freeze_backbone.mistake(
    "head_as_it_came",
    "Of the head you leave what was frozen before. After this call all of it is to be trained.",
)
def _(model):
    model.backbone.requires_grad_(False)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.mistake(
    "head_frozen",
    "You froze the head and left the backbone to be trained: it is the other way round.",
)
def _(model):
    model.backbone.requires_grad_(True)
    model.head.requires_grad_(False)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.mistake(
    "all_frozen",
    "Everything is frozen, the head too: nothing would be left to learn.",
)
def _(model):
    model.requires_grad_(False)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.mistake(
    "weights_only",
    "You froze the backbone's weights and left its biases to be trained.",
)
def _(model):
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("head.") or not name.endswith("weight")
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.mistake(
    "normalisation_left_out",
    "The convolution is frozen, and the scale and shift of the batch normalisation behind it are not: they belong to the "
    "backbone.",
)
def _(model):
    model.requires_grad_(True)
    model.backbone[0].requires_grad_(False)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@freeze_backbone.mistake(
    "a_flag_on_the_module",
    "The flag was set on the module, where it is an attribute that nobody reads: the parameters themselves have to know.",
)
def _(model):
    model.backbone.requires_grad = False
    model.head.requires_grad_(True)
    return ["head." + name for name, _ in model.head.named_parameters()]


@freeze_backbone.mistake(
    "names_of_the_frozen",
    "You return the names of the frozen parameters: those that are left to be trained are asked for.",
)
def _(model):
    return [name for name, p in model.named_parameters() if name not in by_name(model)]


@freeze_backbone.mistake(
    "names_without_the_module",
    "Your names are those inside the head. The model calls its parameters by the module they are in, too.",
)
def _(model):
    by_name(model)
    return [name for name, _ in model.head.named_parameters()]
