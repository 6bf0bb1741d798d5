"""Exercises of chapter 02: the neuron, the perceptron, activations and approximation."""

from autograder.exercise import Chapter
from autograder.exercises.neuron.approximate import approximate
from autograder.exercises.neuron.bump import bump
from autograder.exercises.neuron.hard_threshold import hard_threshold
from autograder.exercises.neuron.linear_collapse import linear_collapse
from autograder.exercises.neuron.neuron import neuron
from autograder.exercises.neuron.perceptron_fit import perceptron_fit
from autograder.exercises.neuron.perceptron_step import perceptron_step
from autograder.exercises.neuron.relu import relu
from autograder.exercises.neuron.sigmoid import sigmoid
from autograder.exercises.neuron.slope import slope
from autograder.exercises.neuron.tanh import tanh
from autograder.exercises.neuron.xor_network import xor_network

chapter = Chapter(
    "02_neuron",
    (
        neuron,
        perceptron_step,
        perceptron_fit,
        linear_collapse,
        hard_threshold,
        xor_network,
        sigmoid,
        tanh,
        relu,
        slope,
        bump,
        approximate,
    ),
)
