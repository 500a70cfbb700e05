"""Programs that are given the same tasks in turn, each in a process that stays alive.

Only the standard library: a script that imports this also runs inside the environments of
other programs, which lack most of ours.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any


def started(commands: Mapping[str, Sequence[str]]) -> dict[str, subprocess.Popen[str]]:
    """Start every program; each reads a task number a line, and answers with a line of JSON."""
    return {
        name: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True)
        for name, command in commands.items()
    }  # fmt: skip


def ask(tool: subprocess.Popen[str], task: int) -> dict[str, Any] | None:
    """Return the answer to one task; None when the program has none, or has stopped."""
    if tool.poll() is not None:
        return None
    assert tool.stdin and tool.stdout
    print(task, file=tool.stdin, flush=True)
    while line := tool.stdout.readline():
        if line.startswith(("{", "null")):  # a tool may greet its user first
            return json.loads(line)
    return None


def in_turn(
    tools: Mapping[str, subprocess.Popen[str]], task: int, *, repeat: int, long: float = 60.0
) -> dict[str, list[dict[str, Any]]]:
    """Return the answers of every program, asked in turn; the first round only warms up.

    A task that takes more than `long` seconds is run once.
    """
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in tools}
    for turn in range(repeat + 1):
        for name, tool in tools.items():
            if turn and runs[name] and runs[name][0]["seconds"] > long:
                continue  # its first run is its only one
            found = ask(tool, task)
            if found and (turn or found["seconds"] > long):
                runs[name].append(found)
    return runs


def check_memory(peaks: Mapping[int, float], *, what: str, least: int, steepest: float) -> None:
    """Print how the peak grows; stop where, from `least` on, it grows much faster than the size of the data."""
    print()
    enough = {size: peak for size, peak in sorted(peaks.items()) if peak >= 1}
    for (fewer, less), (more, most) in pairwise(enough.items()):
        print(
            f"memory from {fewer:,} to {more:,} {what}: {most / less:.1f} times for {more / fewer:g} times the {what}"
        )
        if fewer >= least and (most / less) / (more / fewer) > steepest:
            raise SystemExit(f"memory grows faster than the {what}")


def fails(command: Sequence[str]) -> bool:
    """Tell whether a command cannot be run to a good end."""
    return bool(subprocess.run(command, capture_output=True).returncode)
