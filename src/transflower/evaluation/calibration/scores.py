"""Proper scores of samples.

Tilmann Gneiting and Adrian Raftery, "Strictly proper scoring rules, prediction, and estimation", 2007. Both scores are
the fair (unbiased) variants: their mean does not depend on the number of samples. Of a forecast of one value they are
its absolute error, or its distance.

Shape letters: S samples, V columns.
"""

import numpy as np
from jaxtyping import Float


def crps(samples: Float[np.ndarray, "*B S V"], truth: Float[np.ndarray, "*B V"]) -> Float[np.ndarray, "*B V"]:
    """Continuous ranked probability score of each column: mean |x - y| - 1/2 mean |x - x'| over pairs of samples.

    Example:
        >>> crps(np.array([[0.0], [2.0]]), np.array([1.0])).item()  # 1 - 2 / 2
        0.0
    """
    count = samples.shape[-2]
    error = np.abs(samples - truth[..., None, :]).mean(-2)
    if count < 2:
        return error
    # Sorted, sample i is the larger one of i pairs, and the smaller one of count - 1 - i.
    weights = 2 * np.arange(count) - count + 1
    spread = np.einsum("s,...sv->...v", weights, np.sort(samples, axis=-2)) / (count * (count - 1))
    return error - spread


def energy_score(samples: Float[np.ndarray, "*B S V"], truth: Float[np.ndarray, "*B V"]) -> Float[np.ndarray, "*B"]:
    """Energy score of the whole vector: mean ||x - y|| - 1/2 mean ||x - x'|| over pairs of samples.

    Example:
        >>> energy_score(np.array([[3.0, 4.0]]), np.zeros(2)).item()
        5.0
    """
    count = samples.shape[-2]
    error = np.linalg.norm(samples - truth[..., None, :], axis=-1).mean(-1)
    if count < 2:
        return np.asarray(error)
    products = samples @ samples.swapaxes(-1, -2)
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    distances = np.sqrt(np.maximum(squares[..., :, None] + squares[..., None, :] - 2 * products, 0))
    return np.asarray(error - distances.sum((-2, -1)) / (2 * count * (count - 1)))


def rank_uniform(
    samples: Float[np.ndarray, "*B S V"], truth: Float[np.ndarray, "*B V"], generator: np.random.Generator
) -> Float[np.ndarray, "*B V"]:
    """The rank of the truth among the samples, from 0 to 1: uniform where both have one distribution.

    Within its step of 1 / (S + 1), and among samples that equal it, its place is drawn.
    """
    below = (samples < truth[..., None, :]).sum(-2)
    equal = (samples == truth[..., None, :]).sum(-2)
    return (below + generator.random(truth.shape) * (equal + 1)) / (samples.shape[-2] + 1)
