"""Recurrent networks unrolled: which inputs an output depends on, and how far its gradient goes back."""

import traitlets

from dlarch.figures.base import Figure, synced


class UnrolledPatterns(Figure):
    """Six patterns of recurrent networks, and all arrows that lead to one chosen output."""

    name = "unrolled_patterns"
    summary = "Unrolled recurrent networks: which arrows lead to an output, and its gradient back along them."

    pattern = synced(
        traitlets.Enum(
            [
                "every_step",
                "at_the_end",
                "output_back",
                "from_a_vector",
                "to_a_sequence",
                "both_directions",
            ],
            "every_step",
        )
    )
    output = synced(traitlets.Int(3, min=1, max=4))
    reveal = synced(traitlets.Bool(False))
