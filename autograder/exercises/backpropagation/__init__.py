"""Exercises of chapter 04: backpropagation."""

from autograder.exercise import Chapter
from autograder.exercises.backpropagation.activation_backward import activation_backward
from autograder.exercises.backpropagation.gradient_check import gradient_check
from autograder.exercises.backpropagation.gradient_norms import gradient_norms
from autograder.exercises.backpropagation.hidden_delta import hidden_delta
from autograder.exercises.backpropagation.linear_backward import linear_backward
from autograder.exercises.backpropagation.mlp_gradients import mlp_gradients
from autograder.exercises.backpropagation.neuron_gradients import neuron_gradients
from autograder.exercises.backpropagation.output_delta import output_delta
from autograder.exercises.backpropagation.softmax_cross_entropy_backward import (
    softmax_cross_entropy_backward,
)
from autograder.exercises.backpropagation.value import value

chapter = Chapter(
    "04_backpropagation",
    (
        neuron_gradients,
        output_delta,
        hidden_delta,
        linear_backward,
        activation_backward,
        softmax_cross_entropy_backward,
        mlp_gradients,
        value,
        gradient_check,
        gradient_norms,
    ),
)
