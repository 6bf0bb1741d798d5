"""What kernels raise besides the errors of their arguments; imports nothing."""


class BackendError(RuntimeError):
    """AUTOGRADER_BACKEND names no backend, or one that cannot run on this machine."""
