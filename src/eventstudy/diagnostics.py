"""How well the spread and the order in time of counts fit their expected values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft, stats

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DispersionTest:
    """Test of Cameron and Trivedi that the variance exceeds the mean.

    H0: the variance equals the mean. One-sided.

    Attributes
    ----------
    alpha : float
        Estimated excess: the variance is ``mean + alpha * mean`` ("NB1") or ``mean + alpha * mean**2`` ("NB2").
    z : float
    pvalue : float
        Of the standard normal.
    form : {"NB1", "NB2"}
    """

    alpha: float
    z: float
    pvalue: float
    form: str


def dispersion_test(response: Floats, fitted: Floats, form: str = "NB1") -> DispersionTest:
    """Regress ``((y - mean)**2 - y) / mean`` without constant on 1 (NB1) or on the mean (NB2) [1]_.

    Parameters
    ----------
    response, fitted : ndarray, shape (n,)
    form : {"NB1", "NB2"}, default "NB1"

    References
    ----------
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


def block_dispersion(
    days: NDArray[np.int64],
    response: Floats,
    fitted: Floats,
    variances: Floats,
    *,
    step: str,
    n_parameters: int,
) -> float:
    """Return the Pearson dispersion of daily counts summed by "week" (from Monday) or "month".

    Daily counts of 0 and 1 hide what bursts do to sums.
    """
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    _, block = np.unique((days + 3) // 7 if step == "week" else months, return_inverse=True)
    left, variance = np.bincount(block, response - fitted), np.bincount(block, variances)
    left, variance = left[variance > 0], variance[variance > 0]
    df = left.size - n_parameters
    return float((left**2 / variance).sum() / df) if df > 0 else float("nan")


def calendar_sums(
    days: NDArray[np.int64], response: Floats, fitted: Floats, by: str
) -> tuple[NDArray[np.datetime64], Floats, Floats]:
    """Return first days of years or months, and the counts observed and expected in each."""
    unit = days.astype("datetime64[D]").astype(f"datetime64[{'Y' if by == 'year' else 'M'}]")
    starts, block = np.unique(unit, return_inverse=True)
    return starts, np.bincount(block, response).astype(float), np.bincount(block, fitted).astype(float)


def autocorrelation(residuals: Floats, places: NDArray[np.int64], max_lag: int) -> pd.DataFrame:
    """Return the autocorrelation of residuals with Ljung-Box tests.

    Parameters
    ----------
    residuals : ndarray, shape (n,)
    places : ndarray of int64, shape (n,)
        Rising numbers of time steps; steps without a row are left out of the products.
    max_lag : int

    Returns
    -------
    pandas.DataFrame
        A row per lag from 1: ``lag``, ``autocorrelation``, ``ljung_box`` (up to this lag) and its ``pvalue``.

    References
    ----------
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
