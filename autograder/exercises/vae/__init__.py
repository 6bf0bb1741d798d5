"""Exercises of chapter 14: the variational autoencoder."""

from autograder.exercise import Chapter
from autograder.exercises.vae.bernoulli_nll import bernoulli_nll
from autograder.exercises.vae.decode import decode
from autograder.exercises.vae.elbo import elbo
from autograder.exercises.vae.elbo_gap import elbo_gap
from autograder.exercises.vae.encode import encode
from autograder.exercises.vae.gaussian_kl import gaussian_kl
from autograder.exercises.vae.generate import generate
from autograder.exercises.vae.interpolate import interpolate
from autograder.exercises.vae.reparametrize import reparametrize
from autograder.exercises.vae.train_vae import train_vae
from autograder.exercises.vae.vae_step import vae_step
from autograder.exercises.vae.which_kl import which_kl

chapter = Chapter(
    "14_vae",
    (
        gaussian_kl,
        which_kl,
        bernoulli_nll,
        encode,
        decode,
        reparametrize,
        elbo,
        elbo_gap,
        vae_step,
        train_vae,
        generate,
        interpolate,
    ),
)
