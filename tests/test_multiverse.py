"""The multiverse: every universe once and in order, refusals in the table, the range, and a planted trap."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.multiverse import multiverse, same_question
from evaluation.multiverse_grid import Choice, Grid, Misleading, Option, Universe, kept, read_grid
from evaluation.refusals import REASONS
from evaluation.survival.kaplan_meier import CurveEstimate


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


def test_a_grid_is_read_from_its_file_and_a_choice_that_is_a_question_makes_all_its_options_so(tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text(
        "a:\n  together: 1\n  choices:\n"
        "    b: {title: {nl: b, en: b}, question: true, options: {c: {title: {nl: c, en: c}, needs: [d], keep: e}}}\n"
        "    f: {title: {nl: f, en: f}, options: {g: {title: {nl: g, en: g}},\n"
        "        h: {title: {nl: h, en: h}, question: true, unit: working_days}}}\n"
        "  misleading: [{when: {f: [h]}, reason: {nl: r, en: r}}]\n"
    )
    grid = read_grid("a", tmp_path / "g.yaml")
    assert grid.choices[0].options == (Option("c", word("c"), ("d",), "e", question=True),)
    assert [(o.question, o.unit) for o in grid.choices[1].options] == [(False, None), (True, "working_days")]
    assert (grid.together, grid.misleading[0].when) == (1, {"f": ("h",)})
    with pytest.raises(WrongUse, match=r"geen rooster nergens\. Wel: a"):
        read_grid("nergens", tmp_path / "g.yaml")


def test_with_at_most_one_choice_made_differently_there_is_a_universe_for_each_and_no_more() -> None:
    star = Grid(GRID.choices, GRID.misleading, together=1)
    found = multiverse(star, number, has=lambda name: True)
    assert list(zip(found.table["clock"], found.table["basis"], strict=True)) == [
        ("gross", "all"), ("gross", "closed"), ("gross", "opened"), ("net", "all")
    ]  # fmt: skip
    other = multiverse(star, number, has=lambda name: True, headline={"clock": "net", "basis": "all"})
    assert list(zip(other.table["clock"], other.table["basis"], strict=True)) == [
        ("gross", "all"), ("net", "all"), ("net", "closed"), ("net", "opened")
    ]  # fmt: skip


def test_an_option_with_a_unit_of_its_own_is_run_by_itself_only() -> None:
    days = Choice(
        "days", word("days"), (Option("calendar", word("c")), Option("working", word("w"), unit="working_days"))
    )
    found = multiverse(Grid((*GRID.choices, days), GRID.misleading), number, has=lambda name: True)
    working = found.table[found.table["days"] == "working"]
    assert working[["clock", "basis"]].to_numpy().tolist() == [["gross", "all"]]
    assert len(found.table) == 6 + 1


def test_who_takes_another_option_of_a_question_asks_another_question_unless_the_headline_takes_it_too() -> None:
    clock = Choice(
        "clock", word("clock"), (Option("gross", word("g"), question=True), Option("net", word("n"), question=True))
    )
    basis = Choice("basis", word("basis"), (Option("all", word("a")), Option("closed", word("c")),
                                            Option("opened", word("o"), question=True)))  # fmt: skip
    grid = Grid((clock, basis))
    table = multiverse(grid, lambda universe: say(1.0), has=lambda name: True).table
    assert same_question(grid, table).tolist() == [True, True, False, False, False, False]
    chosen = {"clock": "net", "basis": "opened"}
    other = multiverse(grid, lambda universe: say(1.0), has=lambda name: True, headline=chosen).table
    assert same_question(grid, other).tolist() == [False, False, False, True, True, True]
    gone = multiverse(GRID, number, has=lambda name: name != "suspensions", headline={"clock": "net", "basis": "all"})
    assert not same_question(GRID, gone.table).any()


def test_the_number_of_ends_behind_an_estimate_is_kept_where_the_estimator_counts_them() -> None:
    class Bare:
        estimate, low, high, refusal, n = 3.0, None, None, None, 12

    assert multiverse(Grid(()), lambda universe: say(7.0), has=lambda name: True).table["events"].tolist() == [30]
    assert multiverse(Grid(()), lambda universe: Bare(), has=lambda name: True).table["events"].isna().all()


def test_a_universe_keeps_the_rows_that_all_its_options_keep() -> None:
    cases = pd.DataFrame({"big": [True, True, False], "mine": [True, False, False]})
    grid = Grid((
        Choice("small", word("small"), (Option("in", word("i")), Option("out", word("o"), keep="big"))),
        Choice("kind", word("kind"), (Option("all", word("a")), Option("mine", word("m"), keep="mine"))),
    ))  # fmt: skip
    lengths = {
        (small, kind): len(kept(cases, grid, {"small": small, "kind": kind}))
        for small in ("in", "out")
        for kind in ("all", "mine")
    }
    assert lengths == {("in", "all"): 3, ("in", "mine"): 1, ("out", "all"): 2, ("out", "mine"): 1}
