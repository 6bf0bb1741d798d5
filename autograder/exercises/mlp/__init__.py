"""Exercises of chapter 03: layers, output units, losses, penalties and initial weights."""

from autograder.exercise import Chapter
from autograder.exercises.mlp.binary_cross_entropy import binary_cross_entropy
from autograder.exercises.mlp.count_parameters import count_parameters
from autograder.exercises.mlp.cross_entropy import cross_entropy
from autograder.exercises.mlp.initialize import initialize
from autograder.exercises.mlp.log_softmax import log_softmax
from autograder.exercises.mlp.mlp_forward import mlp_forward
from autograder.exercises.mlp.mse import mse
from autograder.exercises.mlp.penalty import penalty
from autograder.exercises.mlp.softmax import softmax
from autograder.exercises.mlp.which_initialization import which_initialization

chapter = Chapter(
    "03_mlp",
    (
        mlp_forward,
        softmax,
        log_softmax,
        mse,
        binary_cross_entropy,
        cross_entropy,
        penalty,
        count_parameters,
        initialize,
        which_initialization,
    ),
)
