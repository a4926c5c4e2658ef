"""Checks of fitted counts: dispersion and serial correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft, stats

Floats = NDArray[np.float64]

FEWEST = 10  # degrees of freedom below which a dispersion is uninformative


@dataclass(frozen=True, slots=True)
class DispersionTest:
    """Test of Cameron and Trivedi that the variance exceeds the mean.

    H0: the variance equals the mean. One-sided.

    `alpha`: estimated excess: the variance is ``mean + alpha * mean`` ("NB1") or ``mean + alpha * mean**2``
    ("NB2"). `pvalue`: of the standard normal.
    """

    alpha: float
    z: float
    pvalue: float
    form: str


def dispersion_test(response: Floats, fitted: Floats, form: str = "NB1") -> DispersionTest:
    """Regress ``((y - mean)**2 - y) / mean`` without constant on 1 (NB1) or on the mean (NB2) [1]_.

    `response`, `fitted`: shape (n,).

    .. [1] Cameron, A. C. & Trivedi, P. K. (1990). Regression-based tests for overdispersion in the Poisson
       model. Journal of Econometrics 46(3), 347-364.
    """
    excess = ((response - fitted) ** 2 - response) / fitted
    on = np.ones_like(fitted) if form == "NB1" else fitted
    square = float(on @ on)
    alpha = float(on @ excess) / square
    left = excess - alpha * on
    error = float(np.sqrt(left @ left / (left.size - 1) / square))
    z = alpha / error if error > 0 else 0.0
    return DispersionTest(alpha, z, float(stats.norm.sf(z)), form)


def dispersion_of(
    response: Floats, fitted: Floats, variances: Floats, *, n_parameters: int
) -> dict[str, float]:
    """Return the Pearson dispersion of counts and its tests; rows without variance are left out."""
    count, expected, variance = (values[variances > 0] for values in (response, fitted, variances))
    df = count.size - n_parameters
    if df < FEWEST:
        unknown = ("dispersion", "alpha", "pvalue", "alpha_nb2", "pvalue_nb2")
        return {"n": count.size} | dict.fromkeys(unknown, float("nan"))
    linear, quadratic = (dispersion_test(count, expected, form) for form in ("NB1", "NB2"))
    return {
        "n": count.size,
        "dispersion": float(((count - expected) ** 2 / variance).sum()) / df,
        "alpha": linear.alpha,
        "pvalue": linear.pvalue,
        "alpha_nb2": quadratic.alpha,
        "pvalue_nb2": quadratic.pvalue,
    }


def block_sums(days: NDArray[np.int64], step: str, *series: Floats) -> tuple[Floats, ...]:
    """Return sums of series over each "week" (from Monday), "month" or "year" that holds any of their days."""
    _, block = np.unique(_labels(days, step), return_inverse=True)
    return tuple(np.bincount(block, values).astype(float) for values in series)


def calendar_starts(days: NDArray[np.int64], step: str) -> NDArray[np.datetime64]:
    """Return the first day of each "month" or "year" that holds any of the days."""
    unit = "Y" if step == "year" else "M"
    return np.unique(_labels(days, step)).astype(f"datetime64[{unit}]").astype("datetime64[D]")


def _labels(days: NDArray[np.int64], step: str) -> NDArray[np.int64]:
    if step == "week":  # day 0 was a Thursday
        return (days + 3) // 7
    return (
        days.astype("datetime64[D]").astype(f"datetime64[{'Y' if step == 'year' else 'M'}]").astype(np.int64)
    )


def autocorrelation(residuals: Floats, places: NDArray[np.int64], max_lag: int) -> pd.DataFrame:
    """Return the autocorrelation of residuals with Ljung-Box tests.

    `residuals`: shape (n,). `places`, shape (n,): rising numbers of time steps; steps without a row are left
    out of the products.

    Returns a row per lag from 1: ``lag``, ``autocorrelation``, ``ljung_box`` (up to this lag) and its
    ``pvalue``.

    .. [1] Ljung, G. M. & Box, G. E. P. (1978). On a measure of lack of fit in time series models. Biometrika
       65(2), 297-303.
    """
    n = residuals.size
    line = np.zeros(int(places[-1] - places[0]) + 1)
    line[places - places[0]] = residuals - residuals.mean()
    size = fft.next_fast_len(line.size + max_lag, real=True)
    power = np.abs(fft.rfft(line, size)) ** 2
    products = fft.irfft(power, size)[: max_lag + 1]
    r = products[1:] / products[0]
    lags = np.arange(1, max_lag + 1)
    box = n * (n + 2) * np.cumsum(r**2 / (n - lags))
    return pd.DataFrame(
        {"lag": lags, "autocorrelation": r, "ljung_box": box, "pvalue": stats.chi2.sf(box, lags)}
    )
