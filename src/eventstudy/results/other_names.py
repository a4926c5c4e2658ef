"""What other packages call the attributes of a result, so that a missing one can be answered with the name here."""

from __future__ import annotations

import re
from collections.abc import Mapping

LIMITS = (
    "tidy()[['conf_low', 'conf_high']] (logarithms, as in statsmodels; irr has the limits of the ratios)",
    "low and .high",
)
HYPOTHESES = (
    "contrast('before = after') and .joint_test(['before', 'after']) (one equation; several terms that are all zero)",
)
# each with what to write here, of which a result has the first that it has an attribute for, and in brackets what it is
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "llf": ("loglik",),
    "nobs": ("n", "n_events"),
    "params": ("coefficients['coefficient']",),
    "coef": ("coefficients['coefficient']",),
    "bse": ("coefficients['se']",),
    "std_errors": ("coefficients['se']",),
    "tvalues": ("coefficients['z']",),
    "zvalues": ("coefficients['z']",),
    "conf_int": LIMITS,
    "confint": LIMITS,
    "confidence_interval": LIMITS,
    "cov_params": ("covariance_matrix",),
    "vcov": ("covariance_matrix",),
    "fittedvalues": ("fitted",),
    "resid": ("residuals (Pearson residuals: counts minus fitted, over the root of their variance)",),
    "resid_pearson": ("residuals",),
    "scale": ("dispersion (Pearson's, of the fit; statsmodels' scale of a Poisson fit is 1)",),
    "df_resid": ("n - .n_parameters",),
    "t_test": HYPOTHESES,
    "wald_test": HYPOTHESES,
    "f_test": HYPOTHESES,
    "get_prediction": ("predict(rows)",),
    "p": ("pvalue", "irr['pvalue']", "pvalues", "tidy()['p_value']"),
    "pval": ("pvalue", "irr['pvalue']", "pvalues", "tidy()['p_value']"),
    "p_value": ("pvalue", "irr['pvalue']", "pvalues", "tidy()['p_value']"),
    "pvalue": ("irr['pvalue']", "pvalues", "tidy()['p_value']"),
    "pvalues": ("pvalue", "tidy()['p_value']"),
    "null_dist": ("null_distribution",),
    "to_dataframe": ("to_frame()",),
    "summary2": ("summary()",),
}


def name_here(kind: type, other: str, parts: Mapping[str, type]) -> str:
    """Return what to write in place of a name that a result lacks; "" if there is nothing.

    Parameters
    ----------
    kind : type
        The class of the result.
    other : str
    parts : mapping of str to type
        The class of each attribute of the result that holds a regression, which may have what it lacks itself.
    """
    for text in (other, *OTHER_NAMES.get(other, ())):
        name = _attribute(text)
        if text != other and hasattr(kind, name):
            return f".{text}"
        if parts and all(hasattr(part, name) for part in parts.values()):
            written, space, meaning = text.partition(" (")
            return (
                " and ".join(f".{part}.{written.replace(' .', f' .{part}.')}" for part in parts)
                + space
                + meaning
            )
    return ""


def _attribute(text: str) -> str:
    """Return the attribute that a text such as "low and .high" needs."""
    return "irr" if text == LIMITS[0] else re.split(r"[^a-z_]", text, maxsplit=1)[0]
