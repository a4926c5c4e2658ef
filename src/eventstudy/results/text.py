"""How results print themselves."""

from __future__ import annotations

import textwrap


def lines(title: str, rows: list[tuple[str, str]], width: int = 100) -> str:
    """Return a title and aligned rows of names and values, long values wrapped."""
    pad = max(len(name) for name, _ in rows) + 2
    out = [title]
    for name, value in rows:
        wrapped = textwrap.wrap(value, max(40, width - pad - 2)) or [""]
        out.append(f"  {name:<{pad}}{wrapped[0]}")
        out += [" " * (pad + 2) + more for more in wrapped[1:]]
    return "\n".join(out)


def pvalue_text(pvalue: float) -> str:
    """Return a p-value with three decimals, or two significant digits where it is smaller than 0.001."""
    return f"{pvalue:.3f}" if pvalue >= 0.001 else f"{pvalue:.2g}"
