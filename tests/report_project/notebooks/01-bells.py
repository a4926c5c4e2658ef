# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Bells {#sec:bells}
#
# Bells ring before tea [@doe2001; see also @roe1999, pp. 3--4], as @fig:bells shows.[^1]
#
# $$
# \lambda(t) = \lambda_0 e^{\beta t}
# $$ {#eq:rate alt="the rate at time t is the base rate times e to the beta t"}
#
# The rate of @eq:rate rises with $t$.
#
# [^1]: Not all bells.

# %%
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

import eventstudy as es
from eventstudy import charts, hover
from eventstudy.figures import use_style
from eventstudy.numbers import Numbers
from eventstudy.tables import Table

# %% tags=["parameters"]
seed = 7

# %%
use_style()
numbers = Numbers()
bells = pd.read_csv("../data/raw/bells.csv")
provenance = SimpleNamespace(call="sum(bells)", seed=seed, data={"bells.csv": "0" * 64})
result = SimpleNamespace(total=int(bells["bells"].sum()), pvalue=0.0004, provenance=provenance)

# %%
#| label: fig:bells
#| caption: Bells by day. The line joins what was counted [@doe2001]; the rate is
#|   that of @eq:rate, with $\lambda_0 = 1$.
#| alt: Line chart of three days; bells rise from four to seven and fall to five.
#| note: *Source:* own counts.
fig, ax = plt.subplots()
ax.plot(bells["day"], bells["bells"], marker="o")
ax.set(xlabel="Day", ylabel=r"Bells, $\times 1$")
# %%
#| label: tbl:bells
#| caption: Bells by day, as in @fig:bells.
frame = bells.assign(
    change=[float("nan"), 3.0, -2.25], p=[0.5, 0.0001, 0.02], note=["a|b_c", "$5 * 2", "#@x"]
)
Table(frame, digits=2, p=("p",), note="A dash stands for no value; see @sec:bells.")

# %%
total = numbers.add("total", result.total, "d", source=result)
p = numbers.add("p-total", result.pvalue, "p=", source=result)
Markdown(f"There were {total} bells ({p}; @tbl:bells).")

# %% tags=["abstract"]
Markdown(f"**Yes.** There were {total} bells [@doe2001].")

# %% tags=["summary"]
Markdown(f"**Question.** Do bells ring before tea? **Answer.** Yes, {total} times (@tbl:bells) [@doe2001].")

# %%
#| label: fig:rings
#| caption: Bells around tea.
#| alt: Two rows, one for each tea, with a bell two days before the first.
rings = es.Events(["2024-01-08", "2024-01-20"], es.Period("2024-01-01", "2024-02-01"), label="bells")
teas = es.Events(["2024-01-10", "2024-01-30"], label="teas")
shown = {"lags": (-14, 15), "names": ["first <tea>", "second tea"]}
figure = charts.peri_anchor_raster(rings, teas, es.Window.before(7), **shown)
hover.peri_anchor_raster(rings, teas, es.Window.before(7), **shown)

# %% tags=["show-input"]
print("two", 1 + 1)

# %%
display(numbers)
