"""Triton reference kernels: one file per op, with the kernels and the op's public function.

Nothing is imported here, so that `import autograder` stays light: write
`from autograder.kernels.matmul import matmul` where the op is used.
"""
