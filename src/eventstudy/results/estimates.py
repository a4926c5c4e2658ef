"""What follows from the estimates of a regression: joint tests, contrasts, extra events, predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, stats

from eventstudy.arguments import whole
from eventstudy.errors import ModelError
from eventstudy.numeric.joint import Reference, effective_blocks, quadratic_form
from eventstudy.numeric.likelihoods import LARGEST_LOG
from eventstudy.numeric.linear import conditioned, dependent_columns, weighted_gram
from eventstudy.numeric.separation import supremum
from eventstudy.results.combinations import CONSTANT, read_combination, unknown_term
from eventstudy.results.effects import Contrast, ExtraEvents, JointTest, Origin
from eventstudy.results.fitted import FittedCounts
from eventstudy.results.hypotheses import said_zero, terms_of

Floats = NDArray[np.float64]

ROUNDING = 1e-12  # share of the terms' own variances that a combination of them must leave
NO_ERROR = (
    "cannot be told from rounding: the rows behind it are fitted exactly, or large terms cancel; use "
    "covariance='model', or centre the terms"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Estimates(FittedCounts):
    """Logarithms of rate ratios with their covariance.

    Attributes
    ----------
    estimates : ndarray, shape (k,)
        Infinite where the data give no limit on one side.
    covariance_matrix : ndarray, shape (k, k)
        Of the estimates; nan for infinite ones.
    low, high : ndarray, shape (k,)
        Limits of the rate ratios.
    pvalues : ndarray, shape (k,)
        Two-sided, of H0: given the other terms the rate does not depend on this one; by name in ``irr["pvalue"]``.
    degrees : float or None
        Degrees of freedom of Student's t where it replaces the normal.
    n_anchors : mapping of str to int
        Anchors whose window reaches into the period, by term.
    baselines : mapping of str to ndarray, shape (n,)
        Counts expected without its effect, by term with a ratio of 0.
    """

    estimates: Floats = field(repr=False)
    covariance_matrix: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    pvalues: Floats = field(repr=False)
    degrees: float | None
    n_anchors: Mapping[str, int]
    baselines: Mapping[str, Floats] = field(repr=False)

    def _rate_of(self, mean: Floats) -> Floats:
        """Return the rate, to which ratios apply, from expected values."""
        return mean

    def _mean_of(self, rate: Floats) -> Floats:
        """Return expected values from rates."""
        return rate

    def joint_test(self, terms: str | Sequence[str]) -> JointTest:
        """Test that the coefficients of several terms are all zero.

        Parameters
        ----------
        terms : str or sequence of str
            All are tested. A factor as written in the formula, such as "C(year)", means all its terms in the model.
            "before = 0, after = 0" is read as the two terms.

        Raises
        ------
        ModelError
            If a term is not in the model or named twice, or the covariance of the terms is
            singular.

        Notes
        -----
        With finite estimates it is a Wald test with their joint covariance and the F reference of Hotelling's T
        squared. With G clusters that is ``(G - k) / (k (G - 1)) chi2`` on F(k, G - k). With errors from single rows or
        HAC the number of independent blocks is derived from the variance of the covariance under Poisson counts [1]_,
        so rare events and many terms cost degrees of freedom. With a model covariance the reference is chi-squared. A
        single term has its own test from the table of terms, also where that is exact for a window without any event.
        A chi-squared of k terms, as statsmodels prints, takes the covariance as known, so its p-value is smaller.

        A term without a finite estimate, such as a window without any event, has no such covariance. Several
        terms are then tested by the likelihood ratio, which treats events as independent; so is a single one without
        a p-value of its own.

        References
        ----------
        .. [1] Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and
           hypothesis testing in fixed effects models. Journal of Business & Economic Statistics 36(4), 672-683.
        """
        where = "joint_test"
        if not isinstance(terms, Iterable):
            raise ModelError(f"{where}: got {terms!r}; give a list of terms, such as ['before', 'after']")
        given = [terms] if isinstance(terms, str) else terms
        names = tuple(
            term
            for text in given
            for name in said_zero(str(text), self.terms, lambda unknown: self._place(unknown, where))
            for term in terms_of(name, self.terms)
        )
        which = [self._place(name, where) for name in names]
        if not which or len(set(which)) < len(which):
            raise ModelError(f"{where}: {', '.join(names) or 'no term'}; name at least one term, each once")
        if not np.isfinite(self.estimates[which] + np.diag(self.covariance_matrix)[which]).all():
            if len(which) == 1 and np.isfinite(self.pvalues[which[0]]):
                return JointTest.as_in_table(names, float(self.pvalues[which[0]]), self._origin())
            return self._likelihood_ratio(names, which)
        k, blocks = len(which), self._blocks(which)
        if blocks is not None and blocks - k + 1 <= 0:
            raise ModelError(
                f"{where}: {k} terms are too many for a joint test, as the errors are based on {blocks + 1:.0f} "
                "independent blocks (clusters, or runs with events); name fewer terms, or use longer bins"
            )
        chi2 = quadratic_form(self.estimates[which], self.covariance_matrix[np.ix_(which, which)])
        if chi2 is None:
            raise ModelError(
                f"{where}: the covariance of the {k} terms is singular; name fewer terms, or use covariance='model'"
            )
        words = "Wald" if blocks is None else "Wald, as Hotelling's T squared"
        if k == 1:
            words = "Wald, the term's own test squared"
        return JointTest.of(names, chi2, Reference(k, blocks), words, self._origin())

    def _likelihood_ratio(self, names: tuple[str, ...], which: list[int]) -> JointTest:
        design = self.design
        kept = np.delete(design.matrix, which, axis=1)
        without = supremum(self.fitting.counts, design.response, kept, np.log(design.exposure))
        gain = max(0.0, 2.0 * (self.loglik - without.fit.loglik))
        quasi = self.covariance.startswith("quasi")
        words = "likelihood ratio, independent events" + (" times the dispersion" if quasi else "")
        chi2 = gain / (max(1.0, self.dispersion) if quasi else 1.0)
        return JointTest.of(names, chi2, Reference(len(which), None), words, self._origin())

    def _blocks(self, which: list[int]) -> float | None:
        """Return the number of independent blocks behind the covariance of some terms, less one."""
        if self.degrees is not None:
            return self.degrees
        if self.fitting.max_lag is None or len(which) == 1:
            return None
        kept = np.isfinite(self.fitting.weights)
        weights, counts = self.fitting.weights[kept], self.fitting.counts.where(kept)
        order = np.argsort(~np.isfinite(self.estimates), kind="stable")
        rows = self.design.matrix[kept][:, order]
        spare = dependent_columns(counts.project(rows, weights))
        rows, order = np.delete(rows, spare, axis=1), np.delete(order, spare)
        chosen = [int(np.flatnonzero(order == k)[0]) for k in which]
        terms, back = conditioned(rows)
        matrix = counts.project(terms, weights)
        of_terms = np.eye(order.size) if back is None else back.T
        influence = matrix @ linalg.inv(weighted_gram(matrix, weights)) @ of_terms[:, chosen]
        places = None if self.design.places is None else self.design.places[kept]
        return effective_blocks(influence, weights, places, self.fitting.max_lag)

    def contrast(self, combination: str) -> Contrast:
        """Return a combination of terms as a ratio of rates, with interval and p-value.

        Parameters
        ----------
        combination : str
            A sum of terms, such as "before - after", or an equation, "before = after": is the rate before as high as
            that after? Terms may be multiplied by numbers and stand in brackets, as in "(before + during) / 2 = after".

        Returns
        -------
        Contrast
            The terms as they stand, for an equation its left side minus its right side.

        Raises
        ------
        ModelError
            If it is not such a combination, compares with a number other than 0, or a term in it has no finite estimate
            and standard error.

        Examples
        --------
        >>> import eventstudy as es
        >>> events = es.Events([1, 4, 6, 9], es.Period(0, 10))
        >>> table = es.count_table(events, es.Events([7]), {"before": es.Window(-4, 0), "after": es.Window(1, 3)})
        >>> result = es.poisson_regression(table, "count ~ before + after", covariance="model")
        >>> round(result.contrast("before - after").ratio, 6)  # 2 events in 4 days over 1 in 2
        1.0
        """
        times = self._combination(combination)
        which = [self._place(name, "contrast") for name in times]
        factors = np.array(list(times.values()))
        if not factors.any():
            raise ModelError(f"contrast: nothing is left of {combination!r}; name terms that do not cancel")
        for k in which:
            if not np.isfinite(self.estimates[k] + self.covariance_matrix[k, k]):
                raise ModelError(
                    f"contrast: {self.terms[k]!r} has no finite estimate and standard error; leave it out"
                )
        estimate = float(factors @ self.estimates[which])
        error = self._errors(factors[None], np.array(which))[0]
        if np.isnan(error):
            raise ModelError(f"contrast: the error of {combination!r} {NO_ERROR}")
        se = float(error)
        reference = stats.norm() if self.degrees is None else stats.t(self.degrees)
        half = float(reference.ppf(0.5 + self.confidence_level / 2.0)) * se
        low, ratio, high = (float(np.exp(estimate + side)) for side in (-half, 0.0, half))
        pvalue = 2.0 * float(reference.sf(abs(estimate) / se))
        return Contrast(
            combination=" ".join(combination.split()),
            estimate=estimate,
            se=se,
            ratio=ratio,
            low=low,
            high=high,
            pvalue=pvalue,
            confidence_level=self.confidence_level,
            origin=self._origin().called(f"contrast({combination!r})"),
        )

    def _combination(self, text: str) -> dict[str, float]:
        """Return the coefficient of each term in a combination, having checked it."""
        times = read_combination(text, self.terms) if isinstance(text, str) else None
        if times is None:
            if isinstance(text, str) and (unknown := unknown_term(text, self.terms)):
                self._place(unknown, "contrast")
            raise ModelError(
                f"contrast: cannot read {text!r}; write one sum of terms such as 'before - after', or one equation "
                "such as 'before = after'; joint_test tests several terms together; the terms are "
                f"{', '.join(self.terms)}"
            )
        if times.pop(CONSTANT, 0.0):
            raise ModelError(
                f"contrast: {text!r} compares with a number, and coefficients are logarithms of rate ratios; write the "
                "terms alone, and look whether the interval of their ratio holds the ratio you mean"
            )
        return times

    def _origin(self) -> Origin:
        """Return what effects of terms say about the regression they come from."""
        return Origin(about=self._about(), source=self.provenance)

    def extra_per_anchor(self, term: str, n_anchors: int | None = None) -> ExtraEvents:
        """Return how many events a term adds for each anchor.

        Parameters
        ----------
        term : str
        n_anchors : int, optional
            By default the anchors whose window reaches into the period, as `count_table` counted them.

        Notes
        -----
        The events expected without the effect, times the rate ratio minus one. The limits are those of
        the rate ratio; the expected number is treated as known, as it is estimated from most of the days.

        Raises
        ------
        ModelError
            If the term is not in the model, or the number of anchors is not known.
        """
        k = self._place(term, "extra_per_anchor")
        number = self.n_anchors.get(term)
        if n_anchors is not None:
            number = whole(
                n_anchors,
                "extra_per_anchor",
                "n_anchors",
                least=1,
                fix="give the number of anchors",
                error=ModelError,
            )
        if not number:
            raise ModelError(
                f"extra_per_anchor: the number of anchors behind {term!r} is not known; give n_anchors"
            )
        x = self.design.matrix[:, k]
        if term in self.baselines:
            base = self._rate_of(self.baselines[term])
        elif np.isfinite(self.estimates[k]):
            base = self._rate_of(self.fitted) * np.exp(-self.estimates[k] * x)
        else:
            raise ModelError(
                f"extra_per_anchor: the ratio of {term!r} is infinite; there is no rate to compare with"
            )
        extra, low, high = (
            float((self._mean_of(base * ratio**x) - self._mean_of(base)).sum()) / number
            for ratio in (float(np.exp(self.estimates[k])), float(self.low[k]), float(self.high[k]))
        )
        return ExtraEvents(
            term=term,
            extra=extra,
            low=low,
            high=high,
            n_anchors=number,
            confidence_level=self.confidence_level,
            events_label=self.events_label,
            origin=self._origin().called(f"extra_per_anchor({term!r}, {number})"),
        )

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the events expected on other rows, with the confidence interval of that mean.

        Parameters
        ----------
        rows : DataFrame
            A row per time, with ``days`` and the columns of the formula, as `count_table` makes them; the counts are
            not needed.

        Returns
        -------
        DataFrame
            ``expected``, ``low`` and ``high`` with the index of `rows`. The interval is that of the mean, from the
            covariance of the estimates; single counts vary more.

        Raises
        ------
        ModelError
            If a column is missing, a row has a level or value about which the fitted rows say nothing, or depends on a
            term without a finite estimate and standard error.
        """
        matrix, exposure = self.design.new_rows(rows, "predict")
        unknown = ~(np.isfinite(self.estimates) & np.isfinite(np.diag(self.covariance_matrix)))
        touched = (np.abs(matrix[:, unknown]) > 1e-9).any(axis=0)
        if touched.any():
            name = self.terms[int(np.flatnonzero(unknown)[touched.argmax()])]
            raise ModelError(
                f"predict: {name!r} has no finite estimate and standard error; leave out rows that have it"
            )
        known = matrix[:, ~unknown]
        eta = known @ self.estimates[~unknown] + np.log(exposure)
        errors = self._errors(known, np.flatnonzero(~unknown))
        if np.isnan(errors).any():
            raise ModelError(f"predict: the error of row {int(np.isnan(errors).argmax()) + 1} {NO_ERROR}")
        reference = stats.norm() if self.degrees is None else stats.t(self.degrees)
        half = reference.ppf(0.5 + self.confidence_level / 2.0) * errors
        far = np.flatnonzero(eta + half > LARGEST_LOG)
        if far.size:
            raise ModelError(
                f"predict: the mean of row {far[0] + 1} overflows; give values like those fitted"
            )
        means = [self._mean_of(np.exp(value)) for value in (eta, eta - half, eta + half)]
        return pd.DataFrame(dict(zip(("expected", "low", "high"), means, strict=True)), index=rows.index)

    def _errors(self, combinations: Floats, which: NDArray[np.int64]) -> Floats:
        """Return standard errors of combinations of terms, shape (m,); nan where rounding is all that is left.

        `combinations`, shape (m, k): factors of the terms `which`.
        """
        covariance = self.covariance_matrix[np.ix_(which, which)]
        variances = np.einsum("ij,jk,ik->i", combinations, covariance, combinations)
        apart = combinations**2 @ np.diag(covariance)  # if the terms were independent
        return np.sqrt(np.where((variances > ROUNDING * apart) | (apart == 0.0), variances, np.nan))

    def _place(self, term: str, where: str) -> int:
        if term not in self.terms:
            said = next((text for text in self.design.left_out if text.startswith(f"{term}: ")), "")
            if said:
                raise ModelError(f"{where}: {said}; name a term that is in the model")
            raise ModelError(f"{where}: no term {term!r}; the terms are {', '.join(self.terms)}")
        return self.terms.index(term)
