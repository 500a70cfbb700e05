"""Cases with suspensions, drawn at random, and the share on the net clock computed one net day at a time."""

import numpy as np
import pandas as pd

from evaluation.survival.cumulative_incidence import cumulative_incidence

NO_SPELLS = pd.DataFrame({"row": [], "start": [], "end": []})


def draw_cases(
    rng: np.random.Generator, n: int, *, late: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    """Return gross days, whether ended, entry and spells: short, overlapping, from before the opening, not ended."""
    length, last = rng.integers(0, 80, n), rng.integers(0, 120, n)
    gross, ended = np.minimum(length, last), length <= last
    entry = np.minimum(gross, np.where(rng.random(n) < 0.4, rng.integers(0, 30, n), 0)) if late else np.zeros(n)
    spells = []
    for row in np.flatnonzero(rng.random(n) < 0.4):
        for start in rng.integers(-5, 40, rng.integers(1, 3)):
            spells.append((row, start, np.inf if rng.random() < 0.15 else start + rng.integers(0, 50)))
    return gross, ended, entry, pd.DataFrame(spells, columns=["row", "start", "end"])


def passes_on(x: float, spells: list[tuple[float, float]]) -> float:
    """Return the gross day on which a net clock that shows x runs on."""
    net, day = 0.0, 0.0
    for start, end in sorted(spells):
        if end <= max(start, day):
            continue
        if net + max(start - day, 0.0) > x:
            break
        net += max(start - day, 0.0)
        day = end
    return day + x - net


def slowly(
    x: float, gross: np.ndarray, ended: np.ndarray, entry: np.ndarray, spells: pd.DataFrame
) -> tuple[float, float, float]:
    """Return the share ended within x net days, its error, and the share that passed: one Aalen-Johansen for one x."""
    time, how, begin = [], [], []
    for row in range(len(gross)):
        own = [tuple(spell) for spell in spells.loc[spells["row"] == row, ["start", "end"]].to_numpy()]
        until, passing = gross[row] + 0.5 * (gross[row] == entry[row]), passes_on(x, own)
        # Within a day: ends, then passes, then who goes out of view or comes into it.
        if ended[row] and until <= passing:
            one: tuple[float, str | None] = (until, "end")
        else:
            one = (passing + 0.1, "pass") if passing <= until else (until + 0.2, None)
        start = entry[row] + 0.2 * (entry[row] > 0)
        if one[0] > start:
            time.append(one[0])
            how.append(one[1])
            begin.append(start)
    found = cumulative_incidence(time, pd.Series(how, dtype=object), entry=begin)
    share = {name: float(found.incidence[name][-1]) if name in found.incidence else 0.0 for name in ("end", "pass")}
    error = float(found.standard_error["end"][-1]) if "end" in found.incidence else 0.0
    return share["end"], error, share["pass"]
