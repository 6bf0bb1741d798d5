"""Has notebooks of other names, and backups, beside its own."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    for name in (
        ".ipynb_checkpoints/04_backpropagation-checkpoint.ipynb",
        "04_backpropagation (1).ipynb",
        "02_neuron.ipynb",
    ):
        work.files[name] = b"{}"
