"""The global envelope against the definition of its measure, written out loop by loop."""

import numpy as np
import pytest

from eventstudy.numeric.envelopes import global_envelope, lexicographic

LEVELS = (0.95, 0.9, 0.8, 0.75, 0.5)


def extreme_rank_lengths(curves):
    """For each curve the number of curves more extreme than it; `curves` is a list of rows."""
    n, places = len(curves), range(len(curves[0]))
    vectors = []
    for curve in curves:
        depths = []
        for k in places:
            below = sum(other[k] < curve[k] for other in curves)
            same = sum(other[k] == curve[k] for other in curves)
            mean_rank = below + (same + 1) / 2
            depths.append(min(mean_rank, n + 1 - mean_rank))
        vectors.append(sorted(depths))
    return [sum(other < vector for other in vectors) for vector in vectors]


def hull(curves):
    return [min(values) for values in zip(*curves, strict=True)], [
        max(values) for values in zip(*curves, strict=True)
    ]


def holds(bounds, curve):
    return all(low <= value <= high for low, value, high in zip(bounds[0], curve, bounds[1], strict=True))


def closed_measures(curves):
    """For each curve the level of the narrowest hull that holds it: hulls of the curves at each level and above."""
    raw = extreme_rank_lengths(curves)
    hulls = {
        level: hull([c for c, own in zip(curves, raw, strict=True) if own >= level]) for level in set(raw)
    }
    return [max(level for level, bounds in hulls.items() if holds(bounds, curve)) for curve in curves]


def by_measure(curves, measures, observed, confidence_level):
    """P-value and band of a measure: the hull of the curves from the critical measure upwards."""
    n = len(curves)
    pvalue = sum(own <= measures[observed] for own in measures) / n
    allowed = (1 - confidence_level) * n + 1e-9
    critical = max(level for level in measures if sum(own < level for own in measures) <= allowed)
    return pvalue, hull([c for c, own in zip(curves, measures, strict=True) if own >= critical])


def tied_curves(rng):
    n, k = int(rng.integers(1, 26)), int(rng.integers(1, 7))
    return rng.integers(0, int(rng.integers(1, 7)), (n, k))


@pytest.mark.parametrize("seed", range(80))
def test_pvalue_and_band_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    curves = tied_curves(rng)
    measures = closed_measures(curves.tolist())
    observed = int(rng.integers(len(curves)))
    for level in LEVELS:
        envelope = global_envelope(curves.T.copy(), curves[observed], level)
        pvalue, (lower, upper) = by_measure(curves.tolist(), measures, observed, level)
        assert envelope.pvalue == pvalue
        assert envelope.lower.tolist() == lower
        assert envelope.upper.tolist() == upper


@pytest.mark.parametrize("seed", range(40))
def test_without_ties_they_are_those_of_the_extreme_rank_length(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(2, 40)), int(rng.integers(1, 6))
    curves = rng.permuted(np.tile(np.arange(n) * 3, (k, 1)), axis=1).T
    measures = extreme_rank_lengths(curves.tolist())
    for level in LEVELS:
        envelope = global_envelope(curves.T, curves[0], level)
        pvalue, (lower, upper) = by_measure(curves.tolist(), measures, 0, level)
        assert (envelope.pvalue, envelope.lower.tolist(), envelope.upper.tolist()) == (pvalue, lower, upper)


def leaves(envelope, curve):
    return bool(((curve < envelope.lower) | (curve > envelope.upper)).any())


def test_pvalue_and_picture_agree_where_those_of_the_plain_measure_do_not():
    """Ties within lags put a curve that the plain measure rejects back inside the hull of the others."""
    rng = np.random.default_rng(20240229)
    disagreements = 0
    for _ in range(60):
        curves = tied_curves(rng)
        raw = extreme_rank_lengths(curves.tolist())
        for level in LEVELS:
            for observed, curve in enumerate(curves):
                envelope = global_envelope(curves.T.copy(), curve, level)
                assert leaves(envelope, curve) == (envelope.pvalue <= 1 - level + 1e-9)
                pvalue, bounds = by_measure(curves.tolist(), raw, observed, level)
                disagreements += holds(bounds, curve) == (pvalue <= 1 - level + 1e-9)
    assert disagreements > 0


@pytest.mark.parametrize("seed", range(20))
def test_any_curve_in_the_place_of_the_observed_one_keeps_the_level(seed):
    curves = tied_curves(np.random.default_rng(seed))
    pvalues = [global_envelope(curves.T.copy(), curve, 0.95).pvalue for curve in curves]
    assert min(pvalues) > 0.0
    for level in set(pvalues):
        assert sum(p <= level for p in pvalues) / len(curves) <= level + 1e-12


def test_a_curve_that_stands_out_at_one_place_by_hand():
    """Nineteen flat curves and one with a peak: only its p-value is 1/20, and the band is flat."""
    curves = np.zeros((20, 5), int)
    curves[7, 3] = 9
    peak, flat = (global_envelope(curves.T, curves[i], 0.95) for i in (7, 0))
    assert peak.pvalue == 0.05
    assert flat.pvalue == 1.0
    assert peak.upper.tolist() == [0] * 5
    assert leaves(peak, curves[7])
    assert not leaves(flat, curves[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.uint64])
def test_lexicographic_order_is_that_of_lists(dtype):
    rng = np.random.default_rng(5)
    top = np.iinfo(dtype).max
    for k in (1, 3, 4, 9, 20):
        rows = rng.choice(np.array([0, 1, 2, top - 1, top], dtype), (200, k), p=[0.9, 0.04, 0.02, 0.02, 0.02])
        lists = rows.tolist()
        assert lexicographic(rows).tolist() == [sum(other < row for other in lists) for row in lists]
