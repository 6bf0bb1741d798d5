"""Exercises of chapter 10: recurrent networks."""

from autograder.exercise import Chapter
from autograder.exercises.recurrent.bidirectional import bidirectional
from autograder.exercises.recurrent.clip_by_norm import clip_by_norm
from autograder.exercises.recurrent.delay_line import delay_line
from autograder.exercises.recurrent.embed_backward import embed_backward
from autograder.exercises.recurrent.jacobian_norms import jacobian_norms
from autograder.exercises.recurrent.next_token_loss import next_token_loss
from autograder.exercises.recurrent.predict_gradient import predict_gradient
from autograder.exercises.recurrent.rnn_backward import rnn_backward
from autograder.exercises.recurrent.rnn_cell import rnn_cell
from autograder.exercises.recurrent.rnn_forward import rnn_forward
from autograder.exercises.recurrent.sample_next import sample_next
from autograder.exercises.recurrent.teacher_forcing_inputs import teacher_forcing_inputs

chapter = Chapter(
    "10_recurrent",
    (
        rnn_cell,
        rnn_forward,
        delay_line,
        embed_backward,
        rnn_backward,
        predict_gradient,
        jacobian_norms,
        clip_by_norm,
        bidirectional,
        next_token_loss,
        teacher_forcing_inputs,
        sample_next,
    ),
)
