"""What other packages call the attributes of a result, so that a missing one can be answered with the name here."""

from __future__ import annotations

import re
from collections.abc import Mapping

# each with what to write here, of which a result has the first that it has an attribute for
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "llf": ("loglik",),
    "nobs": ("n", "n_events"),
    "params": ("coefficients['coefficient']",),
    "coef": ("coefficients['coefficient']",),
    "bse": ("coefficients['se']",),
    "std_errors": ("coefficients['se']",),
    "tvalues": ("coefficients['z']",),
    "zvalues": ("coefficients['z']",),
    "conf_int": ("irr[['low', 'high']]", "low and .high"),
    "confint": ("irr[['low', 'high']]", "low and .high"),
    "confidence_interval": ("irr[['low', 'high']]", "low and .high"),
    "cov_params": ("covariance_matrix",),
    "vcov": ("covariance_matrix",),
    "fittedvalues": ("fitted",),
    "resid": ("residuals",),
    "resid_pearson": ("residuals",),
    "scale": ("dispersion",),
    "df_resid": ("n - .n_parameters",),
    "t_test": ("contrast('before - after')",),
    "wald_test": ("joint_test(['before', 'after'])",),
    "f_test": ("joint_test(['before', 'after'])",),
    "get_prediction": ("predict(rows)",),
    "p": ("pvalue", "pvalues", "tidy()['p_value']"),
    "pval": ("pvalue", "pvalues", "tidy()['p_value']"),
    "p_value": ("pvalue", "pvalues", "tidy()['p_value']"),
    "pvalue": ("pvalues", "tidy()['p_value']"),
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
            return " and ".join(f".{part}.{text}" for part in parts)
    return ""


def _attribute(text: str) -> str:
    """Return the attribute with which a text such as "irr[['low', 'high']]" begins."""
    return re.split(r"[^a-z_]", text, maxsplit=1)[0]
