"""The command line: its forms, its filters, and its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from moirelib import __main__ as command_line
from moirelib import ledger
from moirelib.__main__ import main
from moirelib.ledger import Discrepancy, Evidence


def register(id: str, chapter: str, value: float = 0.0, finding: str = "") -> None:
    discrepancy = Discrepancy("left against right", value, 1e-9, "digits", slack="scale")
    add(id, chapter, lambda: Evidence(discrepancy), finding)


def add(id: str, chapter: str, check: Callable[[], Evidence], finding: str = "") -> None:
    check.__module__ = f"moirelib.chapters.{chapter}.claims"
    ledger.claim(id, "Eq.", kind="identity", statement="x = x", finding=finding)(check)


def run_here(*arguments: str) -> int:
    """Run in this process, where the claims of a test are registered."""
    return main(["verify", "--processes", "1", *arguments])


def environment(**changes: str) -> dict[str, str]:
    return os.environ | changes


def no_process_is_left(group: int, seconds: float = 60.0) -> bool:
    """Wait for the last of a group, which Python itself ends a moment after the first."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


VERIFY = [sys.executable, "-m", "moirelib", "verify"]


@pytest.mark.usefixtures("empty_ledger")
class TestStatus:
    def test_0_when_every_claim_stands(self, capsys: pytest.CaptureFixture[str]) -> None:
        register("kundu-1", "good")
        assert run_here() == 0
        assert "(holds as printed: 1); 0 fall short" in capsys.readouterr().out

    def test_1_when_a_claim_falls_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        register("kundu-1", "good")
        register("kundu-2", "bad", float("nan"))
        assert run_here() == 1
        assert "1 fall short" in capsys.readouterr().out
        assert run_here("--chapter", "good") == 0

    def test_3_when_a_check_raises(self, capsys: pytest.CaptureFixture[str]) -> None:
        def check() -> Evidence:
            raise ZeroDivisionError("no states")

        add("kundu-1", "bad", check)
        register("kundu-2", "bad", 1.0)
        assert run_here() == 3
        assert "kundu-1: the check raised ZeroDivisionError: no states" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--chapter", "goood"], "chapter must be one of 'good', got 'goood'"),
            (["--id", "ying-*"], "got 'ying-*', which matches none"),
            (["--paper", "ying"], "no claim of 'ying' is left"),
            (["--paper", "yin"], "invalid choice: 'yin'"),
            (["--verdict", "holds"], "invalid choice: 'holds'"),
            (["--processes", "0"], "must be at least 1, got 0"),
            (["--json", "--markdown"], "not allowed with"),
        ],
    )
    def test_2_when_called_wrongly(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
    ) -> None:
        register("kundu-1", "good")
        with pytest.raises(SystemExit) as stop:
            main(["verify", *arguments])
        assert stop.value.code == 2
        assert message in capsys.readouterr().err

    def test_130_when_interrupted_and_what_is_done_is_shown(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in (1, 2, 3):
            register(f"kundu-{number}", "good")

        def two_of_three(*_: object) -> Iterator[ledger.Result]:
            # Out of order: the row that waits for the one before it is shown in the end.
            yield from (ledger.run(c) for c in ledger.claims() if c.id != "kundu-2")
            raise KeyboardInterrupt

        monkeypatch.setattr(command_line, "_results", two_of_three)
        assert run_here() == 130
        out, err = capsys.readouterr()
        assert [line.split()[0] for line in out.splitlines() if "kundu" in line] == [
            "kundu-1",
            "kundu-3",
        ]
        assert "2 claims (holds as printed: 2)" in out
        assert "interrupted: 2 of 3 claims were run" in err


@pytest.mark.usefixtures("empty_ledger")
class TestFilters:
    @pytest.fixture(autouse=True)
    def four_claims(self, empty_ledger: None) -> None:
        register("kundu-10", "one")
        register("kundu-9", "two", 1.0, finding="no form closes")
        register("ying-A1", "two")
        register("ying-A2", "three")

    @pytest.mark.parametrize(
        ("arguments", "ids"),
        [
            # The order of the papers, not of the code.
            ([], ["kundu-9", "kundu-10", "ying-A1", "ying-A2"]),
            (["--paper", "ying"], ["ying-A1", "ying-A2"]),
            (["--chapter", "two"], ["kundu-9", "ying-A1"]),
            (["--paper", "ying", "--chapter", "two"], ["ying-A1"]),
            (["--id", "kundu-1*", "ying-A2"], ["kundu-10", "ying-A2"]),
            (["--id", "kundu-1*", "--id", "ying-A2"], ["kundu-10", "ying-A2"]),
            (["--verdict", "not reproduced"], ["kundu-9"]),
        ],
    )
    def test_filters(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], ids: list[str]
    ) -> None:
        assert run_here("--json", *arguments) == 0
        assert [record["id"] for record in json.loads(capsys.readouterr().out)] == ids
        assert run_here(*arguments) == 0
        rows = capsys.readouterr().out.splitlines()[2:-2]
        assert [row.split()[0] for row in rows] == ids

    def test_markdown_is_the_card(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run_here("--markdown") == 0
        assert capsys.readouterr().out.strip() == ledger.as_markdown(ledger.verify())

    def test_quiet_shows_only_what_falls_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        register("ying-A3", "three", 1.0)
        assert run_here("--quiet") == 1
        rows = [line for line in capsys.readouterr().out.splitlines() if "ying-" in line]
        assert all(row.startswith("ying-A3") for row in rows)
        assert len(rows) == 2


def test_a_command_is_required() -> None:
    with pytest.raises(SystemExit):
        main([])


def test_rows_come_in_order_from_two_processes_to_an_ascii_terminal() -> None:
    ids = ["ying-B1", "ying-B2", "ying-5", "ying-text-rotation"]
    run = subprocess.run(
        [*VERIFY, "--processes", "2", "--id", *ids],
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=True,
    )
    assert not run.stderr
    rows = run.stdout.decode("ascii").splitlines()[2:-2]
    assert [row.split()[0] for row in rows] == ["ying-5", "ying-B1", "ying-B2", ids[-1]]
    assert all("<=" in row for row in rows)


@pytest.mark.parametrize("form", ["--json", "--markdown"])
def test_other_forms_in_a_windows_code_page(form: str) -> None:
    run = subprocess.run(
        [*VERIFY, "--processes", "1", "--id", "ying-B2", form],
        env=environment(PYTHONIOENCODING="cp1252"),
        capture_output=True,
        check=True,
    )
    text = run.stdout.decode("cp1252")
    if form == "--json":
        assert json.loads(text)[0]["id"] == "ying-B2"
    else:
        assert "&#9998; holds as corrected" in text


def test_a_reader_that_leaves_is_no_error() -> None:
    with subprocess.Popen(
        [*VERIFY, "--processes", "1", "--id", "ying-5", "ying-6", "ying-7"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_every_process_and_keeps_the_rows() -> None:
    with subprocess.Popen(
        [*VERIFY, "--processes", "2", "--chapter", "boltzmann"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        # The head, its rule and the first claim; then the terminal's signal to the whole group.
        shown = "".join(process.stdout.readline() for _ in range(3))
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate()
    assert process.returncode == 130
    assert "ying-5 " in shown
    assert "0 fall short" in rest
    assert errors.startswith("interrupted: ")
    assert "Traceback" not in errors
    assert no_process_is_left(process.pid)
