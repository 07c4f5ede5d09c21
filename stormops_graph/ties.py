"""Ties: what hangs together, directly or through others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def connect(size: int, left: Numbers, right: Numbers) -> Numbers:
    """Of each number below `size`, the smallest that it is tied to, directly or through others."""
    label = np.arange(size, dtype=np.int64)
    while left.size:
        smaller = np.minimum(label[left], label[right])
        np.minimum.at(label, label[left], smaller)
        np.minimum.at(label, label[right], smaller)
        while not np.array_equal(label, further := label[label]):
            label = further
        apart = label[left] != label[right]
        left, right = left[apart], right[apart]
    return label
