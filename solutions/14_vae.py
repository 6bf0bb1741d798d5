# %% [markdown]
# # 14 Variational autoencoders
#
# An autoencoder gives every image a code.
# But pick a code that belongs to no image, and its decoder paints rubbish: nobody told it what lies between the codes.
# A variational autoencoder is told.
# It spreads each image over a small cloud of codes, pays a price for every cloud that leaves the place agreed on beforehand, and so fills that place with images.
# In this notebook you write its objective term by term, train it with a loop of your own on handwritten digits, and then draw digits that nobody wrote.
#
# It takes about 3½ hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# The chapter [Variational autoencoders](../../book/14_vae.md) explains the theory; [Notation](../../book/notation.md) explains the letters.
# Everything here is PyTorch, so that gradients flow through your functions; only task 5 is NumPy.
# What you need of PyTorch is in the first three tasks of chapter 8 ([the bridge](../../book/08_cnn_architectures.md#cnn-broadcasting)).

# %%
import numpy as np
import torch
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import LatentExplorer, VaeOverlap
from dlarch.models import OwnVae
from dlarch.plots import COLOURS, image_grid, labelled_axes


def noise_source(seed, Z):
    """Make a function n -> n fresh rows of standard normal noise, (n, Z)."""
    rng = torch.Generator().manual_seed(seed)
    return lambda n: torch.randn(n, Z, generator=rng)


def order_source(seed):
    """Make a function N -> a new order of N images, (N,) int64."""
    rng = torch.Generator().manual_seed(seed)
    return lambda N: torch.randperm(N, generator=rng)


grey_train, digit_train, grey_test, digit_test = mnist(train=8000, test=2000)
x_train, x_test = (
    torch.from_numpy((images.reshape(-1, 784) > 0.5).astype(np.float32))
    for images in (grey_train, grey_test)
)
print("training images", tuple(x_train.shape), "test images", tuple(x_test.shape))


# %% [markdown]
# The pixels are rounded to 0 and 1.
# Then the model below gives them true probabilities, and a number in *nats* means what it says.
#
# ## 1 The price of a code
#
# The encoder answers an image $x$ with a normal distribution over codes, $q(z \mid x) = \mathcal{N}(\mu, \sigma^2)$, independent in each of the $Z$ latent variables.
# What was agreed on beforehand is the prior $p(z) = \mathcal{N}(0, 1)$.
# The price of leaving it is the Kullback–Leibler divergence, $\mathrm{KL}(q \,\|\, p) = \mathbb{E}_q[\log q(z) - \log p(z)]$, which for two normal distributions has a closed form.
# Find it on paper, for one latent variable first: write down both log-densities, and take the mean under $q$, where $(z - \mu)^2$ has the mean $\sigma^2$. What is the mean of $z^2$?
# The encoder gives $\mu$ and the *log-variance* $\log \sigma^2$: a layer's output may be any real number, and so may a logarithm.
# ([The chapter](../../book/14_vae.md#vae-kl) has the derivation folded, to be opened after your check.)
#
# **Task (2 points).**
# Write `gaussian_kl(mean, log_variance)`.
# It gives one divergence in nats for each image, summed over the latent variables.
# Gradients are pulled back through it, so stay in PyTorch.
# Do not use `torch.distributions`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "gaussian_kl", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaussian_kl(mean, log_variance):
    """Give the divergence of N(mean, exp(log_variance)) from N(0, 1) in nats.

    Args:
        mean: mean of q(z|x), tensor (N, Z).
        log_variance: logarithm of its variance, tensor (N, Z).

    Returns:
        One divergence for each image, tensor (N,).
    """
    ### BEGIN SOLUTION
    terms = 1 + log_variance - mean**2 - log_variance.exp()
    return -0.5 * terms.sum(dim=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_gaussian_kl", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(gaussian_kl)

# %% [markdown]
# **What it gives you.**
# The price as a function of the width σ, for three means.
# It is zero at μ = 0, σ = 1 alone; being too narrow costs, and being too wide costs more.

# %% tags=["demonstration"]
width = torch.linspace(0.05, 3.0, 200)
axes = labelled_axes(
    "standard deviation σ of q", "KL(q‖p) (nats)", "The price of one latent variable"
)
for mean in (0.0, 1.0, 2.0):
    axes.plot(
        width,
        gaussian_kl(torch.full((200, 1), mean), 2 * width.log()[:, None]),
        label=f"μ = {mean:g}",
    )
axes.legend(frameon=False)

# %% [markdown]
# Why should an encoder ever pay it?
# Because clouds that overlap cannot be told apart by the decoder.
# Move σ and the distance of the clouds, and watch both costs.

# %% tags=["demonstration"]
VaeOverlap()


# %% [markdown]
# ### Known by its prices
#
# Programs that compute this price go wrong in few ways, and all of them train.
# From the encoder's answers for a batch and the prices that a program gave, in NumPy:
#
# | kind | what the program does |
# |---|---|
# | `"right"` | $\mathrm{KL}(q \,\Vert\, p)$ for each image |
# | `"no half"` | twice as much |
# | `"mean"` | takes the mean over the latent variables in place of the sum |
# | `"deviation for variance"` | puts σ where σ² belongs, and keeps $\log \sigma^2$ |
# | `"reversed"` | computes $\mathrm{KL}(p \,\Vert\, q)$, the divergence of the prior from the answer |
#
# **Task (2 points).**
# Write `which_kl(mean, log_variance, prices)`, which returns the kind.
# (The last kind needs a derivation of its own, or a good exclusion.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_kl", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_kl(mean, log_variance, prices):
    """Say which program computed the prices of a batch.

    Args:
        mean, log_variance: the encoder's answers, arrays (N, Z), Z at least 3.
        prices: what the program gave, (N,).

    Returns:
        the name of the kind.
    """
    ### BEGIN SOLUTION
    variance = np.exp(log_variance)
    right = (mean**2 + variance - log_variance - 1).sum(axis=1) / 2
    with_deviation = (mean**2 + np.sqrt(variance) - log_variance - 1).sum(axis=1) / 2
    kinds = {
        "right": right,
        "no half": 2 * right,
        "mean": right / mean.shape[1],
        "deviation for variance": with_deviation,
    }
    found = [kind for kind, made in kinds.items() if np.allclose(made, prices)]
    return found[0] if found else "reversed"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_kl", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_kl)

# %% [markdown]
# **What it gives you.**
# PyTorch's own divergence, asked in both directions.

# %% tags=["demonstration"]
normal = torch.distributions.Normal
mean, log_variance = torch.randn(2, 6, 4, dtype=torch.float64)
q, p = normal(mean, (log_variance / 2).exp()), normal(torch.zeros_like(mean), 1.0)
for name, pair in (("KL(q‖p)", (q, p)), ("KL(p‖q)", (p, q))):
    prices = torch.distributions.kl_divergence(*pair).sum(dim=1)
    print(f"{name}: {which_kl(mean.numpy(), log_variance.numpy(), prices.numpy())}")


# %% [markdown]
# ## 2 The likelihood of an image
#
# The decoder turns a code into $D$ *logits* $a_i$, one for each pixel.
# Pixel $i$ is bright with probability $p_i = \sigma(a_i)$ (here σ is the sigmoid), independently of the others once the code is known, so
#
# $$-\log p(x \mid z) = -\sum_{i=1}^{D} \bigl( x_i \log p_i + (1 - x_i) \log (1 - p_i) \bigr) .$$
#
# At a logit of 100 the probability is rounded to 1 and $\log(1 - p)$ to −∞, although the true value, −100, is harmless.
# Put $p_i = \sigma(a_i)$ into the formula and simplify before you compute.
# You have done it once, in NumPy, in [chapter 3](../../book/03_mlp.md#mlp-binary-stable); here the first line is given, and in chapter 15 nothing will be.
#
# **Task (2 points).**
# Write `bernoulli_nll(logits, x)`, one number in nats for each image, summed over its pixels.
# `x` may be grey, anything from 0 to 1.
# It must be right for logits up to ±100, in single precision too, and pass gradients on.
# PyTorch's `softplus`, `logsigmoid` and the like are allowed, its binary cross-entropies and `torch.distributions` are not.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "bernoulli_nll", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bernoulli_nll(logits, x):
    """Give −log p(x|z) in nats for pixels that are Bernoulli variables.

    Args:
        logits: what the decoder gives, tensor (N, D).
        x: images with values in [0, 1], tensor (N, D).

    Returns:
        One number for each image, tensor (N,).
    """
    positive_part = logits.clamp(min=0)  # of log(1 + e^a), what could overflow
    ### BEGIN SOLUTION
    # −log p = log(1 + e^a) − a and −log(1 − p) = log(1 + e^a)
    return (positive_part + torch.log1p(torch.exp(-logits.abs())) - x * logits).sum(dim=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_bernoulli_nll", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(bernoulli_nll)

# %% [markdown]
# **What it gives you.**
# A yardstick: the best model without any code knows how often each pixel is bright, and nothing else.
# A variational autoencoder that gets no farther than this has learnt nothing from its codes.

# %% tags=["demonstration"]
brightness = x_train.mean(dim=0).clamp(1e-3, 1 - 1e-3)
without_code = -bernoulli_nll(brightness.logit().expand(len(x_test), -1), x_test).mean().item()
print(f"log p(x) of a test image, pixels independent: {without_code:.1f} nats")


# %% [markdown]
# ## The two networks
#
# What stands on both sides of the code are two small networks, and you build them from their weights.
# The encoder has one hidden layer of ReLUs, and *two* output layers side by side that read it: one for $\mu$, one for $\log \sigma^2$.
# The decoder has one hidden layer of ReLUs and one output layer, for the logits ([drawn with their sizes](../../book/14_vae.md#vae-networks)).
#
# Each takes its weights in a dictionary: the layer `hidden` has the matrix `parameters["W_hidden"]`, (inputs, outputs), and the biases `parameters["b_hidden"]`, (outputs,), and likewise for the layers `mean`, `log_variance` and `logits`.
#
# **Task (2 points).**
# Write `encode(x, parameters)` with the layers `hidden`, `mean` and `log_variance`.
# Gradients are pulled back to `x`, so stay in PyTorch.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def encode(x, parameters):
    """Give the parameters of q(z|x).

    Args:
        x: images, tensor (N, D).
        parameters: W_hidden (D, H), b_hidden (H,), W_mean (H, Z), b_mean (Z,),
            W_log_variance (H, Z), b_log_variance (Z,).

    Returns:
        mean (N, Z) and log_variance (N, Z).
    """
    ### BEGIN SOLUTION
    h = torch.relu(x @ parameters["W_hidden"] + parameters["b_hidden"])
    mean = h @ parameters["W_mean"] + parameters["b_mean"]
    return mean, h @ parameters["W_log_variance"] + parameters["b_log_variance"]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_encode", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(encode)


# %% [markdown]
# **Task (1 point).**
# Write `decode(z, parameters)` with the layers `hidden` and `logits`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "decode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decode(z, parameters):
    """Give the logits of the pixels for codes.

    Args:
        z: codes, tensor (N, Z).
        parameters: W_hidden (Z, H), b_hidden (H,), W_logits (H, D), b_logits (D,).

    Returns:
        logits, tensor (N, D).
    """
    ### BEGIN SOLUTION
    h = torch.relu(z @ parameters["W_hidden"] + parameters["b_hidden"])
    return h @ parameters["W_logits"] + parameters["b_logits"]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_decode", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(decode)

# %% [markdown]
# **What it gives you.**
# `OwnVae` adds weights that learn to your two functions, and has two methods: `model.encode(x)` and `model.decode(z)`.
# From here on, every network of this notebook is yours.

# %% tags=["demonstration"]
untrained = OwnVae(encode, decode, inputs=784, hidden=200, latent=10, seed=0)
for name, parameter in untrained.named_parameters():
    print(f"{name:24} {tuple(parameter.shape)}")
print(sum(parameter.numel() for parameter in untrained.parameters()), "numbers to learn")


# %% [markdown]
# ## 3 A sample with a derivative
#
# The decoder is to work for all codes of the cloud, so training draws one at random.
# But no gradient flows through "draw from $\mathcal{N}(\mu, \sigma^2)$".
# So the randomness is drawn elsewhere, from a distribution that depends on nothing, and the code is *computed* from it:
#
# $$z = \mu + \sigma \varepsilon, \qquad \varepsilon \sim \mathcal{N}(0, 1) .$$
#
# For a given $\varepsilon$ this is an ordinary function of $\mu$ and $\log\sigma^2$, with ordinary derivatives ([more](../../book/14_vae.md#vae-reparametrization)).
#
# **Task (1 + 2 points).**
# Write `reparametrize(mean, log_variance, noise)`.
# The noise is passed in and is standard normal already; draw nothing yourself.
# The first check looks at the value, the second at the gradients that reach `mean` and `log_variance`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "reparametrize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reparametrize(mean, log_variance, noise):
    """Give a sample of N(mean, exp(log_variance)) that is differentiable in both.

    Args:
        mean: mean of q(z|x), tensor (N, Z).
        log_variance: logarithm of its variance, tensor (N, Z).
        noise: sample of N(0, 1), tensor (N, Z).

    Returns:
        One code for each image, tensor (N, Z).
    """
    ### BEGIN SOLUTION
    standard_deviation = (log_variance / 2).exp()
    return mean + standard_deviation * noise
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_reparametrize_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(reparametrize, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_reparametrize_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(reparametrize, "gradient")

# %% [markdown]
# **What it gives you.**
# A test of task 1 by task 3: the divergence is a mean, $\mathbb{E}_q[\log q(z) - \log p(z)]$, so the average over more and more of your samples must come to rest at your closed form.

# %% tags=["demonstration"]
mean, log_variance = torch.tensor([[1.0]]), torch.tensor([[2 * np.log(0.5)]]).float()
eps = noise_source(0, 1)(20_000)
z = reparametrize(mean, log_variance, eps)
excess = -0.5 * (log_variance + (z - mean) ** 2 / log_variance.exp()) + 0.5 * z**2
running = excess[:, 0].cumsum(0) / torch.arange(1, len(z) + 1)
axes = labelled_axes("number of samples", "estimate of KL(q‖p) (nats)", "μ = 1, σ = ½")
axes.semilogx(torch.arange(1, len(z) + 1), running, label="mean over your samples")
axes.axhline(gaussian_kl(mean, log_variance).item(), color=COLOURS[1], label="your closed form")
axes.legend(frameon=False)


# %% [markdown]
# ## 4 The evidence lower bound
#
# Both terms together bound what we want to know, the log-probability of the image ([derivation](../../book/14_vae.md#vae-elbo)):
#
# $$\log p(x) \;\geq\; \mathrm{ELBO}(x) = \mathbb{E}_{q(z \mid x)}[\log p(x \mid z)] - \mathrm{KL}\bigl(q(z \mid x) \,\|\, p(z)\bigr) .$$
#
# The expectation is estimated by a single code for each image, the one that was decoded to `logits`.
#
# **Task (2 points).**
# Write `elbo(logits, x, mean, log_variance)` with your functions of tasks 1 and 2.
# Inside an image both terms are *sums*, over pixels and over latent variables; over the images of the batch take the *mean*.
# ([Which axis goes away](../../book/00_start.md#start-axes), for the third time and with nothing given.)
# The result is one number, and larger is better.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "elbo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elbo(logits, x, mean, log_variance):
    """Estimate the evidence lower bound in nats per image.

    Args:
        logits: the decoder's answer to one code of each image, tensor (N, D).
        x: images with values in [0, 1], tensor (N, D).
        mean: mean of q(z|x), tensor (N, Z).
        log_variance: logarithm of its variance, tensor (N, Z).

    Returns:
        The mean over the images, a tensor without axes.
    """
    ### BEGIN SOLUTION
    return -(bernoulli_nll(logits, x) + gaussian_kl(mean, log_variance)).mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_elbo", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(elbo)


# %% [markdown]
# **What it gives you.**
# The bound of a model that has learnt nothing yet.
# Its logits are near 0, so each of the 784 pixels costs about $\log 2$.


# %% tags=["demonstration"]
def bound_on_test_images(model):
    """Estimate the bound on the test images, with one code for each."""
    with torch.no_grad():
        mean, log_variance = model.encode(x_test)
        z = reparametrize(mean, log_variance, noise_source(0, mean.shape[1])(len(x_test)))
        return elbo(model.decode(z), x_test, mean, log_variance).item()


print(
    f"untrained: {bound_on_test_images(untrained):.1f} nats; −784 log 2 = {-784 * np.log(2):.1f} nats"
)


# %% [markdown]
# ## 5 How far below?
#
# The bound lies below $\log p(x)$ by exactly the divergence of $q$ from the true posterior ([proof in three lines](../../book/14_vae.md#vae-gap)):
#
# $$\log p(x) = \mathrm{ELBO}(x) + \mathrm{KL}\bigl(q(z \mid x) \,\|\, p(z \mid x)\bigr) .$$
#
# For images nobody can compute the two outer terms.
# For a small model we can: let $z$ have $K$ values, with prior $p(z = k)$, and let $p(x_n \mid z = k)$ be given for $N$ observations.
# Then every expectation is a sum over $k$:
#
# $$\mathrm{ELBO}(x_n) = \sum_k q_{nk} \log \frac{p(z = k)\, p(x_n \mid z = k)}{q_{nk}} .$$
#
# **Task (3 points, NumPy).**
# Write `elbo_gap(prior, likelihood, q)`.
# It returns three arrays of shape (N,), in nats: $\log p(x_n)$, the bound, and the gap $\mathrm{KL}(q \,\|\, p(z \mid x_n))$.
# A $q_{nk}$ may be 0; such a term adds 0, because $q \log q \to 0$.
# Priors and likelihoods are positive.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "elbo_gap", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elbo_gap(prior, likelihood, q):
    """Give evidence, bound and gap of a model whose latent variable has K values, in nats.

    Args:
        prior: p(z = k), array (K,) float64, sums to 1.
        likelihood: p(x_n | z = k), array (N, K) float64.
        q: approximate posterior of each observation, array (N, K) float64, rows sum to 1.

    Returns:
        log_evidence (N,), bound (N,), gap (N,).
    """
    ### BEGIN SOLUTION
    joint = prior * likelihood
    evidence = joint.sum(axis=1)
    posterior = joint / evidence[:, None]
    used = q > 0
    safe_q = np.where(used, q, 1.0)
    bound = (q * np.where(used, np.log(joint / safe_q), 0.0)).sum(axis=1)
    gap = (q * np.where(used, np.log(safe_q / posterior), 0.0)).sum(axis=1)
    return np.log(evidence), bound, gap
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_elbo_gap", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(elbo_gap)

# %% [markdown]
# **What it gives you.**
# One observation, two causes, every possible $q$: the bound touches the evidence in one place, where $q$ is the posterior.

# %% tags=["demonstration"]
share = np.linspace(0.0, 1.0, 201)
log_evidence, bound, gap = elbo_gap(
    np.array([0.75, 0.25]), np.tile([0.2, 0.6], (201, 1)), np.stack([share, 1 - share], axis=1)
)
axes = labelled_axes("q(z = 1 | x)", "nats", "Evidence, bound, and the gap between them")
axes.plot(share, log_evidence, label="log p(x)")
axes.plot(share, bound, label="ELBO")
axes.fill_between(share, bound, log_evidence, color=COLOURS[4], alpha=0.25, label="KL(q‖p(z|x))")
axes.legend(frameon=False)
print(f"the bound touches at q = {share[np.argmax(bound)]:.2f}, up to {np.min(gap):.1e} nats")


# %% [markdown]
# ## 6 One step
#
# Optimisers minimise, so the loss is the *negative* ELBO.
# One step encodes a batch, makes one code for each image, decodes it, and moves all parameters, the encoder's and the decoder's, a little way down the gradient.
#
# **Task (3 points).**
# Write `vae_step(model, optimizer, x, noise)` with your `reparametrize` and `elbo`.
# It makes one step of the optimiser, which holds all parameters of the model, and returns the loss as a float.
# The loss returned is the one whose gradient was used, from before the step.
# It will be called many times in a row: what `backward()` left behind last time must not count again.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "vae_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vae_step(model, optimizer, x, noise):
    """Make one step of the optimiser on the negative ELBO of a batch.

    Args:
        model: has encode(x) -> mean (N, Z), log_variance (N, Z) and decode(z) -> logits (N, D).
        optimizer: a torch optimiser over all parameters of the model.
        x: batch of images, tensor (N, D).
        noise: sample of N(0, 1), tensor (N, Z).

    Returns:
        The loss before the step, a float in nats per image.
    """
    ### BEGIN SOLUTION
    mean, log_variance = model.encode(x)
    z = reparametrize(mean, log_variance, noise)
    loss = -elbo(model.decode(z), x, mean, log_variance)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_vae_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(vae_step)

# %% [markdown]
# **What it gives you.**
# The oldest test of a training step: can it learn eight images by heart?

# %% tags=["demonstration"]
small = OwnVae(encode, decode, inputs=784, hidden=200, latent=10, seed=1)
adam = torch.optim.Adam(small.parameters(), lr=0.003)
draw_noise = noise_source(1, 10)
losses = [vae_step(small, adam, x_train[:8], draw_noise(8)) for _ in range(300)]
axes = labelled_axes("step", "negative ELBO (nats per image)", "Eight images by heart")
axes.plot(losses)
print(f"from {losses[0]:.0f} to {np.mean(losses[-20:]):.0f} nats")


# %% [markdown]
# ## 7 The loop
#
# **Task (2 + 2 points).**
# Write `train_vae(model, optimizer, x, epochs, batch_size, shuffle, draw_noise)`.
# The loop of [chapter 5](../../book/05_optimization.md#optimization-loop) was whole; here its frame is given, and the game of chapter 15 will be yours from the first line to the last.
#
# - Each epoch calls `shuffle(N)` once, which gives a new order of the `N` images, an int64 tensor (N,).
# - It goes through the images in that order, `batch_size` at a time; where `N` is not a multiple, the last batch is smaller, and it counts too.
# - Each batch of `n` images gets fresh noise of its own, `draw_noise(n)`, a tensor (n, Z).
# - It returns a list with one float for each epoch: the mean over all *images* of the loss of the step they were in.
#
# The first check compares losses and parameters after several epochs on a few small images.
# The second trains on 8,000 digits with your loop, in a few seconds, and asks for a bound of at least −120.5 nats on 2,000 digits it has not seen.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "train_vae", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_vae(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    """Train a variational autoencoder by mini-batches.

    Args:
        model, optimizer: as for `vae_step`.
        x: training images, tensor (N, D).
        epochs: how often each image is visited.
        batch_size: number of images in a batch; the last one of an epoch may be smaller.
        shuffle: function N -> order of the images, tensor (N,) int64; one call for each epoch.
        draw_noise: function n -> sample of N(0, 1), tensor (n, Z); n rows for each batch.

    Returns:
        The mean loss of each epoch, a list of floats in nats per image.
    """
    losses = []
    for _ in range(epochs):
        order = shuffle(len(x))
        ### BEGIN SOLUTION
        total = 0.0
        for batch in order.split(batch_size):
            total += len(batch) * vae_step(model, optimizer, x[batch], draw_noise(len(batch)))
        losses += [total / len(x)]
        ### END SOLUTION
    return losses


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_train_vae_steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(train_vae, "steps")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_train_vae_mnist", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(train_vae, "mnist")


# %% [markdown]
# **Written answer (2 points).**
# A friend's loss falls smoothly and then stays where it is.
# In it the reconstruction is averaged over the images of the batch; the divergence is summed over the latent variables *and over the 64 images of the batch*.
#
# (a) By which factor is the divergence too heavy? What do the codes of the trained model tell about the images, and why was that the best the encoder could do?
#
# (b) Another friend trains the same program in batches of 2, and digits can be read. Why?
#
# (c) Think of a test that finds this mistake in a second, without training and without looking at an image.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "collapse_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) By 64, the number of images in a batch.
# A code that says something about the image costs some nats of divergence, and here each is charged 64 times; what it saves in the reconstruction is not worth that.
# So the cheapest encoder tells (almost) nothing: $\mu = 0$ and $\sigma = 1$ for nearly every image and latent variable, the posterior has collapsed onto the prior, and the decoder paints the mean digit.
#
# (b) There the divergence is only twice as heavy.
# A code still saves more than twice what it costs, so it is used, with fewer latent variables than would be best.
#
# (c) Give the loss a batch, and then the same batch twice (`torch.cat([x, x])`, with the same noise twice): a mean over images stays as it is, and this loss grows by the divergence.
# (Or: the loss of a batch against the mean of the losses of its images, one by one.)
#
# Marking: (a) 1 point: the factor (¼), codes that tell nothing (¼), because the price exceeds what they save (½); (b) ½ point; (c) ½ point for any test in which the size of the batch changes and nothing else does.
# ### END SOLUTION

# %% [markdown]
# ## 8 Spot the error
#
# One of the lectures' slides has a recipe for new data: draw $z$ from the distribution $q(z \mid x)$ that was learned, then let the decoder turn it into an image.
# Something is wrong with it.
#
# **Task (2 points).**
# Write `generate(model, noise, images=None)`, which makes `N` *new* images.
# For the slide's recipe you are offered `N` images of the training set in `images`.
# Decide what to do with them: the check knows what the model defines as a new image ([here](../../book/14_vae.md#vae-generation)).
# The noise is standard normal.
# Return the pixels' probabilities, a tensor (N, D).


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(model, noise, images=None):
    """Make new images with a trained model.

    Args:
        model: has encode(x) and decode(z), as for `vae_step`.
        noise: sample of N(0, 1), tensor (N, Z).
        images: N training images, tensor (N, D), or None.

    Returns:
        The pixels' probabilities, tensor (N, D).
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        return torch.sigmoid(model.decode(noise))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(generate)


# %% [markdown]
# **Written answer (2 points).**
# The model has ten latent variables.
#
# (a) A friend wants *more variety* and decodes `3 * noise`.
# How long is a code from the prior (take the root of the mean square), and how long is the friend's?
# What does the decoder know about the place where those lie, and what do you expect to see?
#
# (b) A second friend wants only *typical* digits and decodes `noise / 100`, "because the prior's density is highest at 0".
# What comes out, and why is it no sample of the model, although the sentence is true?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "generation_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) The squares of ten standard normal numbers have the sum 10 in the mean: a code is $\sqrt{10}$ long, about 3, the friend's three times as long, about 9.
# Hardly any code is as long as that in training (posteriors are kept near the prior), so the decoder was never told what to paint there.
# It extrapolates: strokes that no digit has, too much of everything.
#
# (b) Always the same image, what the decoder paints at 0, often a mixture of several digits.
# The density is highest at 0, but there is hardly any room: nearly all of the prior's probability lies in a shell whose radius is the length in (a).
# A sample of the model decodes codes as they come from the prior; these have lost what made them differ.
#
# Marking: (a) 1 point: the two lengths (½), the decoder was not trained there (½); (b) 1 point: one image for all (½), probability is density times room (½).
# ### END SOLUTION

# %% [markdown]
# ## 9 A line of images
#
# Between two codes every point is decoded to an image, and neighbours look alike.
#
# **Task (2 points).**
# Write `interpolate(model, x_start, x_end, steps)`.
# Take the means of the two posteriors as the codes of the two images.
# Put `steps` points at equal distances on the straight line between the codes, both ends included (`steps` is 2 or more), and decode each.
# Return the pixels' probabilities, a tensor (steps, D), from `x_start` to `x_end`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "interpolate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def interpolate(model, x_start, x_end, steps):
    """Decode a straight line between the codes of two images.

    Args:
        model: has encode(x) and decode(z), as for `vae_step`.
        x_start, x_end: two images, tensors (D,).
        steps: number of images on the line, both ends included.

    Returns:
        The pixels' probabilities, tensor (steps, D).
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        codes, _ = model.encode(torch.stack([x_start, x_end]))
        t = torch.linspace(0, 1, steps, dtype=codes.dtype)[:, None]
        return torch.sigmoid(model.decode((1 - t) * codes[0] + t * codes[1]))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_interpolate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(interpolate)

# %% [markdown]
# ## 10 Real digits
#
# Now everything together, trained by your loop, twice: with two latent variables, so that the codes can be seen, and with ten.

# %% tags=["demonstration"]
EPOCHS, BATCH_SIZE = 20, 160


def trained(Z):
    """Train a model with Z latent variables; give it with the loss of each epoch."""
    model = OwnVae(encode, decode, inputs=784, hidden=256, latent=Z, seed=0)
    adam = torch.optim.Adam(model.parameters(), lr=0.004)
    new_order = order_source(0)
    with tqdm(total=EPOCHS, desc=f"Z = {Z}", unit="epoch") as bar:

        def shuffle(N):
            bar.update()
            return new_order(N)

        return model, train_vae(
            model, adam, x_train, EPOCHS, BATCH_SIZE, shuffle, noise_source(0, Z)
        )


axes = labelled_axes("epoch", "ELBO (nats per image)", "Training on 8,000 digits")
models = {}
for Z, colour in ((2, COLOURS[0]), (10, COLOURS[1])):
    models[Z], losses = trained(Z)
    on_test_images = bound_on_test_images(models[Z])
    axes.plot(
        range(1, EPOCHS + 1), [-loss for loss in losses], color=colour, label=f"Z = {Z}, training"
    )
    axes.axhline(
        on_test_images, color=colour, linestyle=":", label=f"Z = {Z}, test images, at the end"
    )
    print(f"Z = {Z}: test ELBO {on_test_images:.1f} nats")
axes.axhline(without_code, color=COLOURS[2], linestyle="--", label="independent pixels, no code")
axes.set(ylim=(-240, -40), xticks=range(0, EPOCHS + 1, 5))
axes.legend(frameon=False, ncols=2, loc="upper right")

# %% [markdown]
# **Where the digits live.**
# Each point is the mean code of one test image, for two latent variables; nobody told the model which digit it is.
# The two circles hold 39 % and 86 % of the prior.

# %% tags=["demonstration"]
with torch.no_grad():
    codes, code_log_variance = models[2].encode(x_test)
axes = labelled_axes("latent variable z₁", "latent variable z₂", "Codes of the test images")
axes.figure.set_size_inches(6.4, 5.2)
points = axes.scatter(
    codes[:, 0], codes[:, 1], c=digit_test, cmap="tab10", vmin=-0.5, vmax=9.5, s=6
)
angle = np.linspace(0, 2 * np.pi, 200)
for radius in (1, 2):
    axes.plot(radius * np.cos(angle), radius * np.sin(angle), color="black", linewidth=0.8)
axes.set_aspect("equal")
axes.figure.colorbar(points, ticks=range(10), label="digit")
print(f"median σ of a code: {(code_log_variance / 2).exp().median():.2f}")

# %% [markdown]
# **Digits nobody wrote**, from the prior: first with two latent variables, then with ten.
# The bound of the second is better by some 50 nats, its samples are sharper and more varied, and more of them are no digits at all.
# How can all of this be true? ([Think, then look](../../book/14_vae.md#vae-limits))

# %% tags=["demonstration"]
for Z, model in models.items():
    image_grid(generate(model, noise_source(7, Z)(20)).reshape(-1, 28, 28).numpy())

# %% [markdown]
# **From one digit to another.**
# Above, your line through the codes; below, the same two images faded into each other.

# %% tags=["demonstration"]
two, six = (x_test[np.flatnonzero(digit_test == digit)[0]] for digit in (2, 6))
fade = torch.lerp(two, six, torch.linspace(0, 1, 10)[:, None])
line = interpolate(models[10], two, six, 10)
image_grid(torch.cat([line, fade]).reshape(-1, 28, 28).numpy())

# %% [markdown]
# **Walk through your plane.**
# The image on the right is decoded by your model while you move.
# Where do two digits meet, and what lives on the border?

# %% tags=["demonstration"]
LatentExplorer(lambda z: generate(models[2], torch.from_numpy(z)))

# %% [markdown]
# ## Where to go from here
#
# - Multiply the divergence by β = 4 and look at the plane again ([β-VAE](../../book/14_vae.md#vae-variants)).
# - Give a nearest-neighbour classifier the codes of 100 labelled images in place of their pixels: that is semi-supervised learning in three lines ([uses](../../book/14_vae.md#vae-uses)).
# - Train with the noise drawn once and for all. The bound hardly notices; the first check of task 7 does. Why is it wrong all the same?
