"""The progress bar where people see it: in the kernel of a notebook, without the widgets of Jupyter."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

CELL = """
import eventstudy as es

period = es.Period("2012-01-01", "2016-01-01")
series = es.SimulatedSeries(period, 60, 20)
es.type_one_error(
    {"nothing shared": series}, {"years": es.CalendarPermutation()}, [es.WindowExcess(es.Window.before(14))],
    levels=(0.05,), n_simulations=6_000, rng=1,
)
print("after")
"""
RUN = f"""
import json, nbformat
from nbclient import NotebookClient

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell({CELL!r})])
NotebookClient(book, timeout=300).execute()
print("OUT" + json.dumps([[o.output_type, o.get("name", ""), o.get("text", "")] for o in book.cells[0].outputs]))
"""


@pytest.mark.slow
def test_a_bar_in_a_notebook_goes_away_at_the_end_and_nothing_warns_of_widgets():
    environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN],
        env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    outputs = json.loads(done.stdout.split("OUT")[1])
    said = "".join(text for kind, name, text in outputs if name == "stderr")
    assert "Warning" not in said
    assert "data sets" in said  # the bar and its unit
    assert said.rsplit("\r", 2)[-2].strip() == ""  # wiped
    assert [text for _, name, text in outputs if name == "stdout"] == ["after\n"]
    assert {kind for kind, _, _ in outputs} == {"stream"}
