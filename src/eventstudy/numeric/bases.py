"""Bases of one variable: orthogonal polynomials and B-splines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

Floats = NDArray[np.float64]


def orthogonal_polynomials(x: Floats, degree: int) -> Floats:
    """Return orthonormal polynomials of degree 1 to `degree`, shape (n, degree).

    By the three-term recurrence, in agreement with R's ``poly``.

    >>> orthogonal_polynomials(np.array([0.0, 1.0, 2.0]), 1)[:, 0].round(3)
    array([-0.707,  0.   ,  0.707])
    """
    monic = np.ones((x.size, degree + 1))
    squares = np.ones(degree + 1) * x.size
    for k in range(1, degree + 1):
        centre = (x * monic[:, k - 1] ** 2).sum() / squares[k - 1]
        monic[:, k] = (x - centre) * monic[:, k - 1]
        if k > 1:
            monic[:, k] -= squares[k - 1] / squares[k - 2] * monic[:, k - 2]
        squares[k] = (monic[:, k] ** 2).sum()
    return monic[:, 1:] / np.sqrt(squares[1:])


def spline_basis(x: Floats, df: int, degree: int) -> Floats:
    """Return a B-spline basis without its first function, shape (n, df), as R's ``bs(x, df, degree=degree)``.

    The ``df - degree`` inner knots are quantiles of `x`; the outer ones are its ends.
    """
    inner = np.quantile(x, np.linspace(0.0, 1.0, df - degree + 2)[1:-1])
    knots = np.concatenate([np.repeat(x.min(), degree + 1), inner, np.repeat(x.max(), degree + 1)])
    return np.asarray(BSpline.design_matrix(x, knots, degree).toarray())[:, 1:]
