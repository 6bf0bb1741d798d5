"""The staff's side: exercises with their references and mistakes, kernels, release, grading."""
