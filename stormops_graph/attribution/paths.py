"""Credits of journeys that are given as path strings, such as `ga4 > email > call`.

Invariant: equal paths are one chain with their counts, so the cost is that of the distinct paths. Path strings have
no times, so there is no time decay here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Chains, Floats, Ints, offsets_of, sums, transitions
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.errors import InputError
from stormops_graph.settings import AttributionSettings

Counts = Sequence[float] | NDArray[Any]


def paths(
    strings: Sequence[str] | pa.Array,
    conversions: Counts,
    nulls: Counts,
    separator: str = ">",
    options: AttributionSettings | None = None,
) -> dict[str, dict[str, float]]:
    """Model → channel → conversions credited, for every model that needs no times.

    `conversions` and `nulls` are how many journeys took each path and converted, or did not.
    Raises InputError for a path without a channel, a negative count, or lists of unequal length.
    """
    options = options or AttributionSettings()
    chains = path_chains(strings, conversions, nulls, separator)
    total = float(chains.conversions.sum())
    if total == 0:
        return {}
    everywhere = np.zeros(chains.size, dtype=np.int64)
    credit = {"markov": markov.shares(transitions(chains, everywhere, 1)[0]) * total}
    converting, _ = chains.converting()
    for model, weight in touch_weights(converting, options).items():
        amounts = weight * converting.conversions[converting.owner]
        credit[model] = sums(converting, amounts, everywhere, 1)[0]
    alpha = options.hybrid_alpha
    credit["hybrid"] = alpha * credit["markov"] + (1 - alpha) * credit["shapley"]
    return {model: dict(zip(chains.names, values.tolist(), strict=True)) for model, values in credit.items()}


def path_chains(strings: Sequence[str] | pa.Array, conversions: Counts, nulls: Counts, separator: str) -> Chains:
    """Chains of path strings; spaces around a channel do not count. Raises InputError as `paths` does."""
    found = strings if isinstance(strings, pa.Array) else pa.array(strings, pa.string())
    counted = [np.asarray(count, dtype=np.float64) for count in (conversions, nulls)]
    if any(len(count) != len(found) for count in counted):
        raise InputError("paths, conversions and nulls are not of equal length")
    if any(not np.all(count >= 0) for count in counted):
        raise InputError("a path has a count that is negative or not a number")
    distinct = pc.dictionary_encode(found)
    row = _codes(distinct)
    converted, not_converted = (np.bincount(row, count, minlength=len(distinct.dictionary)) for count in counted)
    names, states, lengths = _tokens(distinct.dictionary, separator)
    return Chains(names, states, offsets_of(lengths), _floats(converted), _floats(not_converted))


def _tokens(distinct: pa.Array, separator: str) -> tuple[tuple[str, ...], Ints, Ints]:
    """Names, states of all paths one after another, and the number of states in each path."""
    split = pc.split_pattern(distinct, separator)
    spelled = pc.dictionary_encode(split.flatten())
    trimmed = pc.dictionary_encode(pc.utf8_trim_whitespace(spelled.dictionary))
    names = trimmed.dictionary.to_pylist()
    if "" in names:
        raise InputError("a path has no channel between two separators, or none at all", "leave such paths out")
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    states = rank[_codes(trimmed)][_codes(spelled)]
    lengths = np.from_dlpack(pc.list_value_length(split)).astype(np.int64)
    return tuple(names[i] for i in order), states, lengths


def _codes(encoded: pa.DictionaryArray) -> Ints:
    if encoded.indices.null_count:
        raise InputError("a path is missing", "leave such paths out")
    return np.from_dlpack(encoded.indices).astype(np.int64)


def _floats(counts: NDArray[Any]) -> Floats:
    return counts.astype(np.float64)
