"""Networks that share weights over time, and one that does not, on years at places where they never stood.

    python benchmarks/years_in_sentences.py [SEED ...]

Sentences, recurrent and dense network and their training are those of notebook 10, run from its master. The
rival that shares in another way is a convolution along time: width 5, tanh, the maximum over the sentence.
Prints the share of right answers for each seed, which draws sentences and weights.
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import torch
from torch.nn import functional

from autograder.course import ROOT
from autograder.release import read_master

PARTS = ("validation", "new places")
SHOWN = ("TOWNS = ", "def draw_sentences", "def train(")
"""Cells that only show something, and are needed here, by what they hold."""


def notebook(seed: int) -> dict:
    """Run the notebook's answers and its last section, up to the training, with sentences of a seed."""
    names: dict = {"__name__": "__main__"}
    for cell in read_master(ROOT / "solutions" / "10_recurrent.py").cells:
        settings = cell.metadata.get("nbgrader", {})
        shown = cell.metadata.get("tags") and not any(text in cell.source for text in SHOWN)
        if cell.cell_type == "code" and not shown and not settings.get("grade"):
            source = cell.source.replace("default_rng(0)\nnever", f"default_rng({seed})\nnever")
            exec(compile(source, cell.id, "exec"), names)
    return names


class Convolution(torch.nn.Module):
    """Embeddings, a convolution along time, the maximum over real places, one layer."""

    def __init__(self, V: int, D: int, M: int, K: int) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(V, D)
        self.along = torch.nn.Conv1d(D, M, 5, padding=2)
        self.out = torch.nn.Linear(M, K)

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give the logits of the years, (N, K)."""
        real = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.table(tokens) * real[:, :, None]
        h = torch.tanh(self.along(x.transpose(1, 2))).masked_fill(~real[:, None], -1)
        return self.out(h.amax(dim=2))


def train_convolution(
    names: dict, seed: int, epochs: int = 20, batch: int = 50
) -> dict[str, float]:
    """Train as the notebook does, and give the shares of right answers in percent."""
    torch.manual_seed(seed)
    model = Convolution(*(names[letter] for letter in "VDMK"))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    data = {name: [torch.from_numpy(a) for a in arrays] for name, arrays in names["data"].items()}
    tokens, lengths, answers = data["training"]
    for _ in range(epochs):
        for rows in torch.randperm(len(tokens)).split(batch):
            loss = functional.cross_entropy(model(tokens[rows], lengths[rows]), answers[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        return {
            name: 100 * (model(*data[name][:2]).argmax(1) == data[name][2]).float().mean().item()
            for name in PARTS
        }


def main() -> None:
    """Measure and print."""
    mpl.use("Agg")
    for seed in map(int, sys.argv[1:] or "012"):
        names = notebook(seed)
        rows = {"convolution": train_convolution(names, seed)}
        for name in ("recurrent", "dense"):
            read = names[f"read_{name}"]
            model = names["train"](read, name, seed=seed)
            rows[name] = {
                part: float(names["share_right"](read, model, *names["data"][part]))
                for part in PARTS
            }
        for name, shares in rows.items():
            parts = ", ".join(f"{part} {share:.1f} %" for part, share in shares.items())
            print(f"seed {seed}, {name}: {parts}")


if __name__ == "__main__":
    main()
