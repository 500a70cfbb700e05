"""The multiverse: every universe once and in order, refusals in the table, the range, and a planted trap."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.multiverse import Choice, Grid, Misleading, Option, Universe, multiverse, read_grid, universe_rows
from evaluation.refusals import REASONS
from evaluation.survival.kaplan_meier import CurveEstimate, kaplan_meier, quantile


def word(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


def choice(key: str, *options: str, needs: dict[str, tuple[str, ...]] | None = None) -> Choice:
    return Choice(key, word(key), tuple(Option(o, word(o), (needs or {}).get(o, ())) for o in options))


def say(estimate: float | None, refusal: str | None = None) -> CurveEstimate:
    ends = (None, None) if estimate is None else (estimate - 1, estimate + 2)
    return CurveEstimate(estimate, *ends, 0.95, "", 40, 30, refusal=refusal)


GRID = Grid(
    (choice("clock", "gross", "net", needs={"net": ("suspensions",)}), choice("basis", "all", "closed", "opened")),
    (Misleading({"basis": ("closed",)}, {"nl": "te kort", "en": "too short"}),),
)
NUMBERS = {("gross", "all"): 200.0, ("gross", "opened"): 190.0, ("net", "all"): 150.0, ("net", "opened"): 200.0}


def number(universe: Universe) -> CurveEstimate:
    return say(NUMBERS[universe["clock"], universe["basis"]])


def test_every_universe_stands_in_the_table_once_in_the_order_of_the_grid() -> None:
    found = multiverse(GRID, number, has=lambda name: True)
    assert list(zip(found.table["clock"], found.table["basis"], strict=True)) == [
        ("gross", "all"), ("gross", "closed"), ("gross", "opened"), ("net", "all"), ("net", "closed"), ("net", "opened")
    ]  # fmt: skip
    assert found.table["headline"].tolist() == [True] + [False] * 5
    assert found.table["estimate"].dropna().tolist() == [200, 190, 150, 200]
    assert (found.low, found.high, found.outer_low, found.outer_high) == (150, 200, 149, 202)
    assert (found.headline, found.below, found.equal, found.above) == (200, 2, 2, 0)
    assert (found.said, found.refused) == (4, 2)


def test_a_universe_that_misleads_is_refused_in_the_table_and_its_number_is_never_made() -> None:
    asked = []

    def watched(universe: Universe) -> CurveEstimate:
        asked.append(dict(universe))
        return number(universe)

    table = multiverse(GRID, watched, has=lambda name: True).table
    refused = table[table["basis"] == "closed"]
    assert len(refused) == 2
    assert refused["misleading"].all()
    assert refused[["estimate", "low", "high"]].isna().all(axis=None)
    assert (
        refused[["refusal", "reason_nl", "reason_en"]].to_numpy().tolist()
        == [["misleading", "te kort", "too short"]] * 2
    )
    assert all(universe["basis"] != "closed" for universe in asked)
    assert len(asked) == 4


def test_what_the_delivery_cannot_give_is_left_out_and_named() -> None:
    found = multiverse(GRID, number, has=lambda name: name != "suspensions")
    assert found.table["clock"].unique().tolist() == ["gross"]
    assert found.left_out.to_dict("records") == [{"choice": "clock", "option": "net", "needs": "suspensions"}]
    assert (found.low, found.high) == (190, 200)
    # the headline itself may be what is left out
    gone = multiverse(GRID, number, has=lambda name: name != "suspensions", headline={"clock": "net", "basis": "all"})
    assert (gone.headline, gone.below, gone.above) == (None, None, None)
    assert gone.low == 190


def test_a_refusal_of_the_estimator_keeps_its_reason_and_takes_no_part_in_the_range() -> None:
    found = multiverse(GRID, lambda u: say(None, "not_reached") if u["clock"] == "net" else number(u),
                       has=lambda name: True)  # fmt: skip
    net = found.table[(found.table["clock"] == "net") & ~found.table["misleading"]]
    assert net["refusal"].tolist() == ["not_reached"] * 2
    assert net["reason_nl"].tolist() == [REASONS["not_reached"]["nl"]] * 2
    assert net["n"].tolist() == [40, 40]
    assert (found.low, found.high) == (190, 200)


def test_no_number_anywhere_has_a_defined_answer_and_a_number_that_is_none_is_refused() -> None:
    for nothing in (say(None, "too_few"), say(None), say(np.nan), say(np.inf)):
        found = multiverse(GRID, lambda universe, said=nothing: said, has=lambda name: True)
        assert (found.low, found.high, found.headline, found.below, found.said) == (None, None, None, None, 0)
        assert found.table["refusal"].notna().all()
    none = multiverse(GRID, number, has=lambda name: False, headline={"clock": "gross", "basis": "opened"})
    assert (none.below, none.equal, none.above) == (0, 1, 1)


def test_without_choices_there_is_one_universe() -> None:
    found = multiverse(Grid(()), lambda universe: say(7.0), has=lambda name: True)
    assert (found.said, found.low, found.high, found.headline, found.equal) == (1, 7, 7, 7, 1)


def test_two_runs_give_the_same_table() -> None:
    one, other = (multiverse(GRID, number, has=lambda name: True) for _run in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)


@pytest.mark.parametrize(
    ("grid", "headline", "message"),
    [
        (Grid((choice("a", "x"), choice("a", "y"))), None, "twee keer: a"),
        (Grid((choice("a", "x", "x"),)), None, "twee keer: a"),
        (Grid((choice("estimate", "x"),)), None, "zo heten: estimate"),
        (Grid((choice("a", "x"),), (Misleading({"a": ("z",)}, word("r")),)), None, "niet in het rooster: a=z"),
        (Grid((choice("a", "x"),)), {"a": "z"}, "niet in het rooster: a=z"),
        (Grid((choice("a", "x"), choice("b", "y"))), {"a": "x"}, "geen keuze voor: b"),
    ],
)
def test_a_grid_that_contradicts_itself_is_refused(grid: Grid, headline: Universe | None, message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        multiverse(grid, lambda universe: say(1.0), has=lambda name: True, headline=headline)


def test_an_unknown_refusal_key_is_told() -> None:
    with pytest.raises(WrongUse, match="zomaar"):
        multiverse(GRID, lambda universe: say(None, "zomaar"), has=lambda name: True)


def test_the_declared_grid_of_durations_is_sound_and_speaks_both_languages(tmp_path: Path) -> None:
    grid = read_grid("duration")
    for part in (*grid.choices, *(option for declared in grid.choices for option in declared.options)):
        assert set(part.title) == {"nl", "en"}, part.key
    assert all(set(rule.reason) == {"nl", "en"} for rule in grid.misleading)
    found = multiverse(grid, lambda universe: say(100.0), has=lambda name: True)
    assert len(found.table) == 4 * 3 * 2 * 2 * 3 * 2 * 2 * 2
    assert found.table.loc[found.table["basis"].isin(["afgesloten", "openstaand"]), "misleading"].all()
    assert found.headline == 100
    with pytest.raises(WrongUse, match="geen rooster nergens"):
        read_grid("nergens")
    (tmp_path / "g.yaml").write_text(
        "a:\n  choices:\n    b: {title: {nl: b, en: b}, options: {c: {title: {nl: c, en: c}}}}\n"
    )
    assert read_grid("a", tmp_path / "g.yaml").choices[0].options[0].key == "c"


def _delivery(seed: int = 1, n: int = 3000) -> pd.DataFrame:
    """Cases opened over six years, seen from the third on; median duration 150 days."""
    rng = np.random.default_rng(seed)
    opened, time = rng.integers(0, 2190, n), np.ceil(150 * rng.weibull(1.2, n) / np.log(2) ** (1 / 1.2))
    until = np.minimum(opened + time, 2190)
    cases = pd.DataFrame(
        {"meld_besl_gross_calendar": until - opened, "meld_besl_gross_calendar_entry": np.maximum(730 - opened, 0),
         "closed": opened + time <= 2190, "opened_in_period": opened >= 730, "in_large_unit": rng.random(n) < 0.9,
         "disciplinary": rng.random(n) < 0.8}
    ).assign(open=lambda rows: ~rows["closed"])  # fmt: skip
    return cases[until >= 730]


CLOCK = ("stage", "suspension", "days")
GROSS = {"basis": "alle", "stage": "meld_besl", "suspension": "gross", "days": "calendar", "same_day": "half_day",
         "small_units": "kept", "kind": "disciplinary", "late_entry": "used"}  # fmt: skip


def test_the_median_is_the_same_in_every_sound_universe_and_wrong_in_those_that_mislead() -> None:
    cases, grid = _delivery(), read_grid("duration")

    def median(universe: Universe) -> CurveEstimate:
        if (universe["stage"], universe["suspension"], universe["days"]) != ("meld_besl", "gross", "calendar"):
            return say(None, "absent")
        rows = universe_rows(cases, grid, universe, clock=CLOCK)
        return quantile(kaplan_meier(rows["duration"], rows["event_observed"], entry=rows["entry"]), 0.5, level=0.95)

    found = multiverse(grid, median, has=lambda name: name not in ("steps", "suspensions"))
    assert found.left_out["option"].tolist() == ["opdr_besl", "kenn_besl", "net"]
    assert found.low > 140
    assert found.high < 160
    assert found.below + found.equal + found.above == found.said
    # what the table refuses is refused for a reason: the numbers would have been
    assert median({**GROSS, "basis": "afgesloten"}).estimate < 150
    assert median({**GROSS, "late_entry": "ignored"}).estimate > found.headline


def test_the_rows_of_a_universe_by_hand() -> None:
    cases = pd.DataFrame(
        {"a_b_c": [0.0, 5.0, 9.0, np.nan, 4.0], "a_b_c_entry": [0.0, 2.0, 0.0, 0.0, 6.0],
         "closed": [True, True, False, True, True], "big": [True, True, False, True, True]}
    )  # fmt: skip
    small = Choice("small", word("small"), (Option("kept", word("k")), Option("out", word("o"), keep="big")))
    parts = [choice("x", "a"), choice("y", "b"), choice("z", "c")]
    grid = Grid((*parts, small, choice("same_day", "half_day", "whole_day", "left_out"),
                 choice("late_entry", "used", "ignored")))  # fmt: skip
    universe = {"x": "a", "y": "b", "z": "c", "small": "kept", "same_day": "half_day", "late_entry": "used"}

    def rows(**other: str) -> list[list[float]]:
        return (
            universe_rows(cases, grid, {**universe, **other}, clock=("x", "y", "z")).astype(float).to_numpy().tolist()
        )

    assert rows() == [[0, 1, 0], [5, 1, 2], [9, 0, 0]]
    assert rows(small="out") == [[0, 1, 0], [5, 1, 2]]
    assert rows(same_day="whole_day") == [[1, 1, 0], [5, 1, 2], [9, 0, 0]]
    assert rows(same_day="left_out") == [[5, 1, 2], [9, 0, 0]]
    assert rows(late_entry="ignored") == [[0, 1, 0], [5, 1, 0], [9, 0, 0]]
    without = universe_rows(cases.drop(columns="a_b_c_entry"), grid, universe, clock=("x", "y", "z"))
    assert without["entry"].tolist() == [0, 0, 0, 0]
