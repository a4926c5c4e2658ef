"""The efficient score of a Poisson coefficient when the columns of the anchors move relative to all the rest.

One fit without the anchors' columns serves every move: a move only changes which day of the anchors meets
which day of the counts. Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, linalg

from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.separation import supremum
from eventstudy.strata import Strata

Floats = NDArray[np.float64]

NO_INFORMATION = 1e-10  # share of a column's information, given the others, below which there is none


@dataclass(frozen=True, slots=True, eq=False)
class EfficientScore:
    """Score statistics of one column of the anchors, given the others and the nuisance terms.

    - `residual`, `weight`, shape (n,): count minus its expectation without the anchors, and that expectation.
    - `nuisance`, shape (n, k): nuisance terms times the weight, orthonormal with respect to the weight.
    - `anchor`, shape (n, a): columns of the anchors.
    - `tested`: index of the one tested.
    """

    residual: Floats
    weight: Floats
    nuisance: Floats
    anchor: Floats
    tested: int

    @classmethod
    def of(
        cls, response: Floats, nuisance: Floats, offset: Floats, anchor: Floats, tested: int
    ) -> EfficientScore:
        """Fit the counts without the anchors and prepare the score."""
        found = supremum(PoissonCounts(), response, nuisance, offset)
        rows = np.ones(response.size, bool) if found.separation is None else ~found.separation.rows
        weight = np.zeros(response.size)
        weight[rows] = found.fit.state.mean
        used = nuisance[:, found.columns]
        half = linalg.cholesky(found.fit.information, lower=True)
        whitened = linalg.solve_triangular(half, used.T, lower=True).T * weight[:, None]
        return cls(response - weight, weight, whitened, anchor, tested)

    def observed(self) -> float:
        """Return the statistic with nothing moved."""
        return float(self.moved(np.arange(self.residual.size)[None])[0])

    def moved(self, places: NDArray[np.int64]) -> Floats:
        """Return the statistic with the anchors' rows `places` matched to the rows of the counts, shape (size,).

        `places`: shape (size, n).
        """
        left, right = self._pairs()
        a = self.anchor.shape[1]
        columns = np.concatenate([self.anchor, self.anchor[:, left] * self.anchor[:, right]], axis=1)
        features = np.concatenate([self.residual[:, None], self.weight[:, None], self.nuisance], axis=1)
        active = np.asarray(self.anchor.any(axis=1))
        scores, information = np.empty((len(places), a)), np.empty((len(places), left.size))
        for number, place in enumerate(places):
            days = np.flatnonzero(active[place])  # on all other days the anchors' columns are 0
            sums = features[days].T @ columns[place[days]]
            scores[number] = sums[0, :a]
            shared = sums[2:, :a]
            information[number] = sums[1, a:] - (shared[:, left] * shared[:, right]).sum(axis=0)
        return self._statistic(scores, information)

    def all_shifts(self) -> Floats:
        """Return the statistic for every shift of the counts round the period, shape (n,); the first is the zero shift.

        Sums over days of products of two series, one of them shifted, are cross-correlations: one Fourier
        transform per series and one back per pair.
        """
        n, a = self.anchor.shape
        left, right = self._pairs()
        columns = fft.rfft(
            np.concatenate([self.anchor, self.anchor[:, left] * self.anchor[:, right]], axis=1).T
        )
        of_residual, of_weight = np.conj(fft.rfft(self.residual)), np.conj(fft.rfft(self.weight))
        scores = fft.irfft(of_residual * columns[:a], n)
        information = fft.irfft(of_weight * columns[a:], n)
        for column in np.conj(fft.rfft(np.ascontiguousarray(self.nuisance.T))):
            shared = fft.irfft(column * columns[:a], n)
            information -= shared[left] * shared[right]
        return self._statistic(scores.T, information.T)

    def shift_table(self, strata: Strata) -> tuple[Floats, NDArray[np.int64]]:
        """Return all sums that the statistic needs, for every shift of each stratum.

        Returns `table`, shape (n, f): every shift of the first stratum, then of the second, and so on.
        Returns `first`, shape (s,): row of each stratum's first shift.
        """
        left, right = self._pairs()
        a, k = self.anchor.shape[1], self.nuisance.shape[1]
        columns = np.concatenate([self.anchor, self.anchor[:, left] * self.anchor[:, right]], axis=1).T
        table = np.empty((self.residual.size, a + left.size + k * a))
        slices = strata.slices(int(strata.edges[0]))
        for inside in slices:
            length = inside.stop - inside.start
            of_columns = fft.rfft(np.ascontiguousarray(columns[:, inside]))
            rows = [np.conj(fft.rfft(self.residual[inside])) * of_columns[:a]]
            rows.append(np.conj(fft.rfft(self.weight[inside])) * of_columns[a:])
            of_nuisance = np.conj(fft.rfft(np.ascontiguousarray(self.nuisance[inside].T)))
            rows.append((of_nuisance[:, None] * of_columns[:a]).reshape(k * a, -1))
            table[inside] = fft.irfft(np.concatenate(rows), length).T
        return table, np.array([inside.start for inside in slices])

    def from_sums(self, sums: Floats) -> Floats:
        """Return the statistic from sums over strata of rows of :meth:`shift_table`, shape (size, f)."""
        left, right = self._pairs()
        a = self.anchor.shape[1]
        shared = sums[:, a + left.size :].reshape(len(sums), -1, a)
        information = sums[:, a : a + left.size] - (shared[:, :, left] * shared[:, :, right]).sum(axis=1)
        return self._statistic(sums[:, :a], information)

    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs of columns whose product the information needs."""
        left, right = np.triu_indices(self.anchor.shape[1])
        return left.astype(np.int64), right.astype(np.int64)

    def _statistic(self, scores: Floats, information: Floats) -> Floats:
        """Return the tested column's one-step estimate over its standard error.

        The other columns are eliminated one by one; a column that leaves no information gives 0.

        `scores`: shape (size, a). `information`, shape (size, pairs): cleared of the nuisance terms.
        """
        a = self.anchor.shape[1]
        full = np.empty((a, a, len(scores)))
        for number, (i, j) in enumerate(zip(*self._pairs(), strict=True)):
            full[i, j] = full[j, i] = information[:, number]
        score = scores.T.copy()
        enough = NO_INFORMATION * np.abs(full[np.arange(a), np.arange(a)]).max(axis=1, keepdims=True)
        for j in range(a):
            if j == self.tested:
                continue
            usable = full[j, j] > enough[j]
            inverse = np.where(usable, 1.0 / np.where(usable, full[j, j], 1.0), 0.0)
            pivot, row = score[j].copy(), full[j].copy()
            for i in range(a):
                if i != j:
                    factor = row[i] * inverse
                    score[i] -= factor * pivot
                    full[i] -= factor * row
        variance = full[self.tested, self.tested]
        known = variance > enough[self.tested]
        return np.where(known, score[self.tested] / np.sqrt(np.where(known, variance, 1.0)), 0.0)


def signed_root(response: Floats, restricted: Floats, offset: Floats, tested: Floats) -> float:
    """Return the signed square root of the likelihood ratio of a column, by two fits.

    `response`, `offset`, `tested`: shape (n,). `restricted`, shape (n, k): the other columns.

    Unlike a coefficient over its standard error it is monotone up to an infinite estimate, so that a draw
    without any event in the window has the smallest value, not a middling one.
    """
    if not tested.any():
        return 0.0
    without = supremum(PoissonCounts(), response, restricted, offset)
    full = supremum(PoissonCounts(), response, np.concatenate([tested[:, None], restricted], axis=1), offset)
    gain = max(0.0, full.fit.loglik - without.fit.loglik)
    return float(np.nan_to_num(np.sign(full.coefficient(0))) * np.sqrt(2.0 * gain))
