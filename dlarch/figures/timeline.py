"""Neural networks from 1943 on, event by event."""

import traitlets

from dlarch.figures.base import Figure, synced


class Timeline(Figure):
    """Who did what when, with the source, by thread: perceptrons, convolution, sequences, generative.

    `event` is the key of the event's source in the course's references, such as "rosenblatt1958perceptron".
    """

    name = "timeline"
    summary = "Timeline: neural networks from 1943 on, in four threads, each event with its source."

    thread = synced(
        traitlets.Enum(["all", "perceptrons", "convolution", "sequences", "generative"], "all")
    )
    event = synced(traitlets.Unicode("rosenblatt1958perceptron"))
