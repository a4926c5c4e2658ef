"""What goes wrong while a report is built: nothing is lost, nothing is half written, one clear line is said."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reports_built import outputs, silent

from eventstudy.errors import ReportError
from eventstudy.replacing import replaced
from eventstudy.report import run as running
from eventstudy.report.__main__ import main
from eventstudy.report.build import build
from eventstudy.report.lock import alone
from eventstudy.report.project import open_project

PROJECT = Path(__file__).parent / "report_project"
COMMAND = [sys.executable, "-m", "eventstudy.report"]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def change_words(project):
    """Change what no notebook runs for, so that the report is written anew."""
    bibliography = project / "notebooks" / "references.bib"
    bibliography.write_text(bibliography.read_text(encoding="utf-8").replace("Doe", "Dow"), encoding="utf-8")


# The disk


def test_files_that_may_not_grow_stop_the_report_in_one_line_and_the_old_one_stays(project):
    """The system refuses every file above 20 kB, as it does on a full disk, in a process of its own."""
    before = outputs(project)
    change_words(project)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run([*COMMAND, str(project)], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert outputs(project) == before
    assert build(project, say=silent)
    assert "Dow 2001" in (project / "reports" / "bells-before-tea.html").read_text(encoding="utf-8")


def test_a_full_disk_is_named(project, monkeypatch):
    before = outputs(project)
    change_words(project)

    def full(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("shutil.copytree", full)
    with pytest.raises(
        ReportError, match=r"figures: No space left on device; correct that, and run it again"
    ):
        build(project, say=silent)
    assert outputs(project) == before


def test_a_new_file_takes_the_place_of_the_old_one_only_when_it_is_whole(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")

    def fail():
        with replaced(path) as new:
            new.write_text("ne", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text(encoding="utf-8") == "old"


# Killed

KILLED = """
import os, signal, sys
from pathlib import Path
from eventstudy.report.build import build
left, replace = [int(sys.argv[2])], os.replace
def replace_some(source, target):
    if target.parent.name != "executed":
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
    replace(source, target)
os.replace = replace_some
build(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moved", [0, 3])
def test_after_a_kill_while_outputs_are_moved_the_next_run_writes_them_all(project, moved):
    change_words(project)
    done = subprocess.run([sys.executable, "-c", KILLED, str(project), str(moved)], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert build(project, say=silent)
    found = outputs(project)
    assert not build(project, say=silent)
    (project / "build" / "inputs.txt").unlink()
    assert build(project, say=silent)
    assert outputs(project) == found


# What is kept in build/


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"key": 1}'],
    ids=["empty", "cut short", "not text", "a list", "no outputs"],
)
def test_kept_notebooks_that_cannot_be_read_are_run_again(project, monkeypatch, content):
    for file in (project / "build" / "executed").iterdir():
        file.write_bytes(content)
    run = []

    def execute(source, **_):
        run.append(source.name)
        return running.read_notebook(source)

    monkeypatch.setattr(running, "execute", execute)
    notebooks = running.run_notebooks(open_project(project), project / "build", silent)
    assert sorted(run) == ["01-bells.py", "02-tea.py"]
    assert len(notebooks) == 2


def test_when_one_notebook_fails_those_done_are_kept_and_run_no_more(project, monkeypatch):
    shutil.rmtree(project / "build" / "executed")
    run = []

    def execute(source, **_):
        run.append(source.name)
        if source.name == "02-tea.py" and len(run) < 3:
            time.sleep(0.5)  # the other one ends first
            raise ReportError("notebooks/02-tea.py:cell 2: no tea; make some")
        return running.read_notebook(source)

    monkeypatch.setattr(running, "execute", execute)
    with pytest.raises(ReportError, match="no tea"):
        running.run_notebooks(open_project(project), project / "build", silent)
    running.run_notebooks(open_project(project), project / "build", silent)
    assert sorted(run) == ["01-bells.py", "02-tea.py", "02-tea.py"]


# Edits in the meantime


def slow(words, marker):
    """Return a notebook that says when it runs, waits, and reads a table."""
    return (
        f"# %% [markdown]\n# # {words}\n\n# %%\nimport time\nfrom pathlib import Path\n"
        f"Path({str(marker)!r}).touch()\n"
        f"while not Path({str(marker) + '.go'!r}).exists():\n    time.sleep(0.05)\n"
        "print(Path('../data/raw/extra.csv').read_text())\n"
    )


@pytest.fixture
def waiting(project, tmp_path, monkeypatch):
    """The project with a notebook that waits, and a report of it that has begun."""
    marker = tmp_path / "runs"
    (project / "data" / "raw" / "extra.csv").write_text("sound", encoding="utf-8")
    (project / "notebooks" / "02-tea.py").write_text(slow("Tea", marker), encoding="utf-8")
    report = subprocess.Popen(
        [*COMMAND, str(project)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    yield project, marker, report
    report.kill()
    report.communicate()


@pytest.mark.parametrize("edited", ["data/raw/extra.csv", "notebooks/plan.toml", "notebooks/helper.py"])
def test_an_edit_that_is_taken_back_while_notebooks_run_is_seen(waiting, edited):
    project, marker, report = waiting
    before = outputs(project)
    wait_for(marker.exists)
    file = project / edited
    was = file.read_bytes() if file.exists() else None
    file.write_bytes(b"changed")
    Path(f"{marker}.go").touch()
    if was is not None:
        file.write_bytes(was)
    said = report.communicate(timeout=60)[1]
    assert report.returncode == 2
    assert said == f"{edited}: changed while the report was made; run it again\n"
    assert outputs(project) == before
    assert not (project / "build" / "executed" / "02-tea.json").exists() or "changed" not in (
        project / "build" / "executed" / "02-tea.json"
    ).read_text(encoding="utf-8")


def test_a_notebook_that_waits_its_turn_is_run_as_it_was_when_the_report_began(project, monkeypatch):
    shutil.rmtree(project / "build" / "executed")
    sound = (project / "notebooks" / "02-tea.py").read_text(encoding="utf-8")
    given = {}

    def execute(source, *, notebook, **_):
        (project / "notebooks" / "02-tea.py").write_text(sound + "\n# %%\n1 / 0\n", encoding="utf-8")
        given[source.name] = [cell["source"] for cell in notebook["cells"]]
        return notebook

    read = running.read_notebook(project / "notebooks" / "02-tea.py")
    monkeypatch.setattr(running, "execute", execute)
    running.run_notebooks(open_project(project), project / "build", silent)
    assert given["02-tea.py"] == [cell["source"] for cell in read["cells"]]


def test_a_module_beside_the_notebooks_is_part_of_their_keys(project):
    (project / "notebooks" / "helper.py").write_text("FACTOR = 2", encoding="utf-8")
    found = open_project(project)
    assert project / "notebooks" / "helper.py" in found.shared_inputs
    checkpoints = project / "notebooks" / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "helper-checkpoint.py").touch()
    assert [path.name for path in found.shared_inputs if path.suffix == ".py"] == ["helper.py"]


# Leftovers


def test_what_a_killed_report_has_left_is_swept_and_nothing_else(project):
    change_words(project)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    mine = project / "reports" / ".notes.new"
    stays = project / "reports" / f".numbers.json.{os.getppid()}-0123abcd.new"
    left = [
        project / "reports" / "figures" / f".bells.svg.{gone.pid}-0123abcd.new",
        project / "build" / "executed" / f".02-tea.json.{gone.pid}-0123abcd.new",
        project / "reports" / f".numbers.json.{os.getpid()}-0123abcd.new",
    ]
    for path in (mine, stays, *left):
        path.write_text("half", encoding="utf-8")
    build(project, say=silent)
    assert mine.exists()
    assert stays.exists(), "its process runs, so it may be at work"
    assert not [path for path in left if path.exists()]


def test_an_order_to_end_stops_the_kernels_says_one_line_and_leaves_no_folder(waiting, tmp_path):
    project, marker, report = waiting
    before = outputs(project)
    wait_for(marker.exists)
    report.send_signal(signal.SIGTERM)
    said = report.communicate(timeout=60)[1]
    assert report.returncode == 143
    assert said == "ended; finished parts are kept, run it again to continue\n"
    assert outputs(project) == before


# Several at once, and Ctrl-C


def test_two_reports_of_one_folder_do_not_run_at_once(project, capsys):
    change_words(project)
    before = outputs(project)
    with alone(project / "build"):
        assert main([str(project)]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith(
        "another report of this folder is being built; wait until it is done, and run it again"
    )
    assert len(said.splitlines()) == 1
    assert outputs(project) == before
    assert main([str(project)]) == 0


def test_a_process_that_is_killed_leaves_no_lock_behind(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from eventstudy.report.lock import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ReportError, match="another report"), alone(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with alone(tmp_path):
            pass


def test_ctrl_c_stops_the_kernels_says_one_line_and_leaves_the_old_report(project):
    before = outputs(project)
    marker = project / "pid.txt"
    (project / "notebooks" / "02-tea.py").write_text(
        "# %% [markdown]\n# # Tea\n\n# %%\nimport os, time\nfrom pathlib import Path\n"
        f"Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(120)\n",
        encoding="utf-8",
    )

    def heed():  # a job in the background inherits that it ignores Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        [*COMMAND, str(project)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed,
    ) as report:
        wait_for(lambda: marker.exists() and marker.read_text())
        report.send_signal(signal.SIGINT)
        said = report.communicate(timeout=60)[1]
    assert report.returncode == 130
    assert said == "stopped; finished parts are kept, run it again to continue\n"
    kernel = int(marker.read_text(encoding="utf-8"))
    wait_for(lambda: not alive(kernel))
    assert outputs(project) == before


# Where and in which language


@pytest.mark.slow
def test_another_place_another_language_and_another_clock_give_the_same_bytes(built, tmp_path):
    """A folder with spaces and letters that ASCII lacks, the C locale, and a time zone a day ahead of others."""
    root = tmp_path / "Bücher & Tee" / "проект"
    shutil.copytree(PROJECT, root)
    strange = {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Apia", "PYTHONHASHSEED": "7"}
    done = subprocess.run([*COMMAND, str(root)], capture_output=True, text=True, env=os.environ | strange)
    assert done.returncode == 0, done.stderr
    assert outputs(root) == outputs(built)


def test_a_locale_that_lacks_the_letters_of_the_path_is_named(tmp_path):
    root = tmp_path / "проект"
    root.mkdir()
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, str(root)], capture_output=True, text=True, env=os.environ | plain)
    assert done.returncode == 2
    assert done.stderr.endswith("has letters that this locale lacks; set PYTHONUTF8=1\n")


def test_a_folder_that_is_not_there_or_holds_no_study_gives_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none'}: there is no such folder; check the path\n"
    assert main([str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_the_report_extra_one_line_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eventstudy.report.command.find_spec", lambda name: None if name == "typst" else name)
    assert main([str(tmp_path)]) == 2
    assert (
        capsys.readouterr().err
        == "report: typst not installed; run pip install 'eventstudy-timing[report]'\n"
    )


def test_what_is_kept_is_plain_json(built):
    """So that it can be read, and cannot run anything when it is."""
    for file in (built / "build" / "executed").iterdir():
        assert set(json.loads(file.read_text(encoding="utf-8"))) == {"key", "seconds", "outputs"}
