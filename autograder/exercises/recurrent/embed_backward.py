import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

embed_backward = Exercise(
    "embed_backward",
    signature=(
        "embed_backward(dx: (N, T, D) float64, tokens: (N, T) int64, V: int) -> dtable: (V, D) float64"
    ),
    outputs=("dtable",),
    points=2,
    form="derive",
    reveals=(r"\sum_{(n, t) \,:\, k_{n,t} = v} \frac{\partial E}{\partial x_{n,t}}",),
    forbids=BY_HAND,
    section=PAGE + "embedding",
)


def _tokens(random, tokens, D, V):
    tokens = np.array(tokens)
    return {"dx": random.normal(size=(*tokens.shape, D)), "tokens": tokens, "V": V}


@embed_backward.case("a token three times in a row")
def _(random) -> dict[str, PlainData]:
    return _tokens(random, [[4, 4, 4, 1], [2, 0, 4, 2]], 3, 6)


@embed_backward.case("every token once")
def _(random) -> dict[str, PlainData]:
    return _tokens(random, [[3, 0, 2], [1, 5, 4]], 2, 6)


@embed_backward.case("one sequence, one token of a large vocabulary")
def _(random) -> dict[str, PlainData]:
    return _tokens(random, [[7, 7, 7, 7, 7]], 4, 11)


@embed_backward.case("token 0 alone")
def _(random) -> dict[str, PlainData]:
    return _tokens(random, [[0, 0], [0, 0], [0, 0]], 3, 3)


@embed_backward.case("as many tokens as features")
def _(random) -> dict[str, PlainData]:
    return _tokens(random, [[1, 3, 1], [0, 1, 3]], 5, 5)


@embed_backward.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _tokens(random, random.integers(9, size=(8, 13)), 6, 12)


@embed_backward.reference
def _(dx, tokens, V):
    import torch

    from autograder.kernels.embedding import embedding

    table = torch.zeros((V, dx.shape[2]), dtype=torch.float64, requires_grad=True)
    rows = embedding(table, as_tensor(tokens, np.int64))
    return torch.autograd.grad(rows, table, as_tensor(dx))[0].numpy()


@embed_backward.alternative
def with_one_hot_rows(dx, tokens, V):
    one_hot = (tokens[..., None] == np.arange(V)).astype(float)
    return np.einsum("ntv,ntd->vd", one_hot, dx)


@embed_backward.alternative
def with_a_loop(dx, tokens, V):
    dtable = np.zeros((V, dx.shape[-1]))
    for n in range(tokens.shape[0]):
        for t in range(tokens.shape[1]):
            dtable[tokens[n, t]] += dx[n, t]
    return dtable


@embed_backward.alternative
def sorted_first(dx, tokens, V):
    flat = tokens.ravel()
    order = np.argsort(flat, kind="stable")
    found, starts = np.unique(flat[order], return_index=True)
    dtable = np.zeros((V, dx.shape[-1]))
    dtable[found] = np.add.reduceat(dx.reshape(-1, dx.shape[-1])[order], starts, axis=0)
    return dtable


embed_backward.slip(
    "last_occurrence_wins",
    "Where a token occurs several times, contributions are lost. With an array of indices, NumPy's "
    "`+=` reads all entries first and writes them afterwards, so that repeated indices overwrite each other; `=` does too.",
    of="with_a_loop",
    right="] += dx",
    wrong="] = dx",
)


@embed_backward.mistake("last_occurrence_wins")
def _(dx, tokens, V):
    dtable = np.zeros((V, dx.shape[-1]))
    for row, gradient in zip(tokens, dx, strict=True):
        dtable[row] += gradient
    return dtable


@embed_backward.mistake("last_occurrence_wins")
def _(dx, tokens, V):
    dtable = np.zeros((V, dx.shape[-1]))
    for t in range(tokens.shape[1]):
        dtable[tokens[:, t]] += dx[:, t]
    return dtable


embed_backward.slip(
    "first_occurrence_alone",
    "A token that occurs several times gets the gradient of its first occurrence only. All its occurrences read the "
    "same row.",
    of="with_a_loop",
    right="dtable[tokens[n, t]] += dx[n, t]",
    wrong="dtable[tokens[n, t]] += dx[n, t] * (not dtable[tokens[n, t]].any())",
)


@embed_backward.mistake(
    "mean_over_occurrences",
    "You averaged over the occurrences of a token. They all read the same row, and what comes back along several paths "
    "is added up.",
)
def _(dx, tokens, V):
    counts = np.bincount(tokens.ravel(), minlength=V)
    return with_one_hot_rows(dx, tokens, V) / np.maximum(counts, 1)[:, None]


@embed_backward.mistake(
    "divided_by_the_batch",
    "Your gradient is divided by the number of sequences. The mean of the loss is in the gradient that arrives.",
)
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V) / len(tokens)


@embed_backward.mistake("divided_by_the_batch")
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V) / tokens.size


@embed_backward.mistake(
    "token_zero_left_out",
    "Row 0 of your gradient is 0. Here 0 is a token like any other; padding is a matter of lengths, not of a number.",
)
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V) * (np.arange(V) > 0)[:, None]


@embed_backward.mistake(
    "transposed",
    "Your gradient has a column for each token. The table has a row for each.",
)
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V).T


@embed_backward.mistake(
    "rows_of_seen_tokens_only",
    "Your gradient ends at the largest token of this batch, or has rows only for those that occur. The table has V "
    "rows, and tokens that do not occur have the gradient 0.",
)
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V)[: tokens.max() + 1]


@embed_backward.mistake("rows_of_seen_tokens_only")
def _(dx, tokens, V):
    return with_one_hot_rows(dx, tokens, V)[np.unique(tokens)]


@embed_backward.mistake(
    "one_row_for_each_place",
    "You gave the gradient back place by place, with an axis for time. Gather it for each row of the table.",
)
def _(dx, tokens, V):
    return dx


@embed_backward.mistake(
    "sequences_apart",
    "Your gradient still has an axis for the sequences: they all share one table.",
)
def _(dx, tokens, V):
    return np.stack(
        [with_one_hot_rows(d[None], k[None], V) for d, k in zip(dx, tokens, strict=True)]
    )
