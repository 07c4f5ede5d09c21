"""Credits of journeys that are given as path strings, such as `ga4 > email > call`.

Invariant: equal paths are one chain with their counts (in each batch), so the cost is that of the distinct paths, and
the order of paths changes no bit. Path strings have no times, so there is no time decay here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Chains, Floats, Ints, offsets_of, transitions
from stormops_graph.attribution.touch_weights import summed_credits
from stormops_graph.errors import InputError
from stormops_graph.settings import AttributionSettings

UNIT = "\x1f"
"""Stands for a separator of several bytes: the control character for just that."""

BATCH = 131_072
"""Strings whose distinct ones are found together: in a table of many more, look-ups would miss the cache."""

SLICE = 16_384
"""Distinct paths cut at once: few enough for their bytes to stay in memory that is already there."""

NO_CHANNEL = ("a path has no channel between two separators, or none at all", "leave such paths out")

Counts = Sequence[float] | NDArray[Any]
Codes = NDArray[np.int32]


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
    steps = np.zeros((1, len(chains.names) + 1, len(chains.names) + 2))
    for part, _ in chains.parts():
        steps += transitions(part, np.zeros(part.size, dtype=np.int64), 1)
    credit = {"markov": markov.shares(steps[0]) * total, **summed_credits(chains, options)}
    alpha = options.hybrid_alpha
    credit["hybrid"] = alpha * credit["markov"] + (1 - alpha) * credit["shapley"]
    return {model: dict(zip(chains.names, values.tolist(), strict=True)) for model, values in credit.items()}


def path_chains(
    strings: Sequence[str] | pa.Array | pa.ChunkedArray, conversions: Counts, nulls: Counts, separator: str
) -> Chains:
    """Chains of path strings; spaces around a channel do not count. Raises InputError as `paths` does."""
    given = strings if isinstance(strings, pa.Array | pa.ChunkedArray) else pa.array(strings, pa.string())
    found = given if isinstance(given, pa.ChunkedArray) else pa.chunked_array([given])
    counted = [np.asarray(count, dtype=np.float64) for count in (conversions, nulls)]
    if any(len(count) != len(found) for count in counted):
        raise InputError("paths, conversions and nulls are not of equal length")
    if any(not np.all(count >= 0) for count in counted):
        raise InputError("a path has a count that is negative or not a number")
    known: dict[str, int] = {}
    states: list[Codes] = [np.zeros(0, np.int32)]
    lengths: list[Ints] = [np.zeros(0, np.int64)]
    totals: list[Floats] = [np.zeros((2, 0))]
    for begin in range(0, len(found), BATCH):
        distinct, row = _distinct(found.slice(begin, BATCH).cast(pa.string()))
        for cut in _cuts(distinct, separator, known):
            states.append(cut[0])
            lengths.append(cut[1])
        among = [count[begin : begin + BATCH] for count in counted]
        totals.append(np.stack([np.bincount(row, count, minlength=len(distinct)) for count in among]))
    if "" in known:
        raise InputError(*NO_CHANNEL)
    names = sorted(known)
    rank = np.empty(len(names), np.int64)
    rank[[known[name] for name in names]] = np.arange(len(names))
    converted, not_converted = np.concatenate(totals, axis=1)
    return Chains(
        tuple(names), rank[np.concatenate(states)], offsets_of(np.concatenate(lengths)), converted, not_converted
    )


def _distinct(strings: pa.ChunkedArray) -> tuple[pa.StringArray, Ints]:
    """The distinct strings and the number of each; chunks share one dictionary, which the last has whole."""
    encoded = pc.dictionary_encode(strings).chunks
    return encoded[-1].dictionary, np.concatenate([_codes(chunk) for chunk in encoded], dtype=np.int64)


def _cuts(distinct: pa.StringArray, separator: str, known: dict[str, int]) -> Iterator[tuple[Codes, Ints]]:
    """The paths cut into names, a slice at a time."""
    if len(separator.encode()) != 1:
        distinct, separator = pc.replace_substring(distinct, separator, UNIT), UNIT
    for begin in range(0, len(distinct), SLICE):
        yield _cut(distinct.slice(begin, SLICE), separator, known)


def _cut(strings: pa.StringArray, separator: str, known: dict[str, int]) -> tuple[Codes, Ints]:
    """Numbers of the names in these paths, and how many each path has; new names get the next numbers.

    A token is a slice of the paths' own bytes up to the next token, so it may end in a separator and spaces; only
    the few distinct ones are cleaned.
    """
    bounds = np.frombuffer(strings.buffers()[1], np.int32)[strings.offset : strings.offset + len(strings) + 1]
    text = np.frombuffer(strings.buffers()[2], np.uint8)[bounds[0] : bounds[-1]]
    paths_begin = bounds - bounds[0]
    if (paths_begin[1:] == paths_begin[:-1]).any():
        raise InputError(*NO_CHANNEL)
    separates = text == ord(separator)
    begins = np.zeros(len(text) + 1, np.bool_)
    begins[1:] = separates
    begins[paths_begin] = True  # the end too, so that the last token has one
    tokens_begin = np.flatnonzero(begins).astype(np.int32)
    if np.count_nonzero(separates) + len(bounds) != len(tokens_begin):  # two in one place: a path ends in a separator
        raise InputError(*NO_CHANNEL)
    lengths = np.diff(np.searchsorted(tokens_begin, paths_begin))
    tokens = pa.StringArray.from_buffers(len(tokens_begin) - 1, pa.py_buffer(tokens_begin), pa.py_buffer(text))
    spelled = pc.dictionary_encode(tokens)
    cleaned = [name.replace(separator, "").strip() for name in spelled.dictionary.to_pylist()]
    numbers = np.array([known.setdefault(name, len(known)) for name in cleaned], np.int32)
    return numbers[_codes(spelled)], lengths


def _codes(encoded: pa.DictionaryArray) -> Codes:
    if encoded.indices.null_count:
        raise InputError("a path is missing", "leave such paths out")
    codes: NDArray[Any] = np.from_dlpack(encoded.indices)
    return codes
