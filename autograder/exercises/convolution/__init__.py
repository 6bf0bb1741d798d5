"""Exercises of chapter 07: convolution, its backward pass, pooling, receptive field, equivariance."""

from autograder.exercise import Chapter
from autograder.exercises.convolution.conv1d import conv1d
from autograder.exercises.convolution.conv2d import conv2d
from autograder.exercises.convolution.conv2d_backward import conv2d_backward
from autograder.exercises.convolution.conv2d_single import conv2d_single
from autograder.exercises.convolution.conv_matrix import conv_matrix
from autograder.exercises.convolution.conv_output_size import conv_output_size
from autograder.exercises.convolution.im2col import im2col
from autograder.exercises.convolution.is_equivariant import is_equivariant
from autograder.exercises.convolution.max_pool import max_pool
from autograder.exercises.convolution.max_pool_backward import max_pool_backward
from autograder.exercises.convolution.receptive_field import receptive_field
from autograder.exercises.convolution.true_convolution import true_convolution

chapter = Chapter(
    "07_convolution",
    (
        conv_output_size,
        conv1d,
        conv2d_single,
        true_convolution,
        conv_matrix,
        conv2d,
        im2col,
        conv2d_backward,
        max_pool,
        max_pool_backward,
        receptive_field,
        is_equivariant,
    ),
)
