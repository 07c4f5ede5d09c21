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

UNIT = "\x1f"
"""Stands for a separator of several bytes: the control character for just that."""

NO_CHANNEL = ("a path has no channel between two separators, or none at all", "leave such paths out")

Counts = Sequence[float] | NDArray[Any]


def paths(
    strings: Sequence[str] | pa.Array | pa.ChunkedArray,
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
    counts = np.repeat(converting.conversions, converting.lengths)
    for model, weight in touch_weights(converting, options).items():
        credit[model] = sums(converting, weight * counts, converting.states, 1)[0]
    alpha = options.hybrid_alpha
    credit["hybrid"] = alpha * credit["markov"] + (1 - alpha) * credit["shapley"]
    return {model: dict(zip(chains.names, values.tolist(), strict=True)) for model, values in credit.items()}


def path_chains(
    strings: Sequence[str] | pa.Array | pa.ChunkedArray, conversions: Counts, nulls: Counts, separator: str
) -> Chains:
    """Chains of path strings; spaces around a channel do not count. Raises InputError as `paths` does."""
    given = strings if isinstance(strings, pa.Array | pa.ChunkedArray) else pa.array(strings, pa.string())
    found = (given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given).cast(pa.string())
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


def _tokens(distinct: pa.StringArray, separator: str) -> tuple[tuple[str, ...], Ints, Ints]:
    """Names, states of all paths one after another, and the number of states in each path.

    A token is a slice of the paths' own bytes up to the next token, so it may end in a separator and spaces; only
    the few distinct ones are cleaned.
    """
    if len(separator.encode()) != 1:
        distinct, separator = pc.replace_substring(distinct, separator, UNIT), UNIT
    offsets, text = _buffers(distinct)
    separates = text == ord(separator)
    begins = np.zeros(len(text) + 1, dtype=np.bool_)
    begins[1:] = separates
    begins[offsets] = True  # the end too, so that the last token has one
    bounds = np.flatnonzero(begins).astype(np.int32)
    lengths = np.add.reduceat(separates, offsets[:-1], dtype=np.int64) + 1 if len(distinct) else np.zeros(0, np.int64)
    if lengths.sum() != len(bounds) - 1:
        raise InputError(*NO_CHANNEL)
    slices = pa.StringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), distinct.buffers()[2])
    spelled = pc.dictionary_encode(slices)
    found = [name.replace(separator, "").strip() for name in spelled.dictionary.to_pylist()]
    names = sorted(set(found))
    if "" in names:
        raise InputError(*NO_CHANNEL)
    rank = np.array([names.index(name) for name in found], dtype=np.int64)
    return tuple(names), rank[_codes(spelled)], lengths


def _buffers(strings: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Where each string begins and the last one ends, and the bytes of all."""
    _, offsets, text = strings.buffers()
    if not len(strings):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return bounds, np.frombuffer(text, np.uint8)[: bounds[-1]]


def _codes(encoded: pa.DictionaryArray) -> Ints:
    if encoded.indices.null_count:
        raise InputError("a path is missing", "leave such paths out")
    return np.from_dlpack(encoded.indices).astype(np.int64)


def _floats(counts: NDArray[Any]) -> Floats:
    return counts.astype(np.float64)
