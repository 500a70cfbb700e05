"""The simulation study in short: planted truths come back, wrong methods are seen to fail, and the rule for it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pytest
from validate import agreement, changes, curves, example_studies, regression, stock, units
from validate.performance import Effort, Found, Quantity, Reason, Row, Study, measured
from validate.reasons import REASONS, reason_for
from validate.running import table
from validate.studies import STUDIES
from validate.written import NOT_EXPLAINED, NOT_RUN, SHOWN, as_frame, as_markdown, standing, unexpected

from evaluation.survival.kaplan_meier import kaplan_meier

SHORT = Effort(chunks=1)
QUICK = (*regression.STUDIES, *changes.STUDIES, *stock.STUDIES, *curves.STUDIES)


def _rows(studies: Sequence[Study], repetitions: int) -> list[Row]:
    return table(studies, repetitions=repetitions, effort=SHORT)


def _is_sane(row: Row) -> None:
    """Fail when a row is far off: what a few repetitions can tell from chance."""
    place = f"{row.section}: {row.quantity}: {row}"
    if row.quantity.endswith(("5 %", "1 %", "limits", "above nought by its interval")):
        assert row.mean is not None and row.truth is not None and row.mean <= row.truth + 0.15, place
        return
    if row.verdict == "holds":
        return
    assert row.bias is not None and row.bias_error is not None and row.empirical_error is not None, place
    assert abs(row.bias) <= max(5 * row.bias_error, 0.5 * row.empirical_error), place
    if row.coverage is not None and row.coverage_error is not None:
        assert row.coverage >= 0.75 and row.coverage + 5 * max(row.coverage_error, 0.03) >= 0.95, place


@pytest.fixture(scope="module")
def made_up() -> list[Row]:
    return _rows(QUICK, 25)


def test_made_up_processes_give_their_truth_back(made_up: list[Row]) -> None:
    right = [row for row in made_up if not row.section.startswith("Wrong")]
    assert len(right) > 60
    for row in right:
        if not row.reason:
            _is_sane(row)


def test_wrong_methods_are_seen_to_fail(made_up: list[Row]) -> None:
    wrong = {row.quantity: row for row in made_up if row.section.startswith("Wrong")}
    assert set(wrong) == {
        "median of closed cases only",
        "median, late entry ignored",
        "one minus Kaplan-Meier with two ways to end",
        "log hazard ratio, complex, 80 clusters, errors of the model",
    }
    assert all(row.verdict != "holds" for row in wrong.values())
    # each in the direction in which it is known to be wrong
    assert wrong["median of closed cases only"].bias < -10  # type: ignore[operator]
    assert wrong["median, late entry ignored"].bias > 10  # type: ignore[operator]
    assert wrong["one minus Kaplan-Meier with two ways to end"].bias > 0.15  # type: ignore[operator]


def test_an_estimator_that_breaks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    late = [study for study in curves.STUDIES if study.name == "curve, late entry"]
    monkeypatch.setattr(curves, "kaplan_meier", lambda days, ended, entry: kaplan_meier(days, ended))
    failing = [row.quantity for row in unexpected(_rows(late, 12))]
    assert {"median (days)", "share within 180 days", "mean days within 365"} <= set(failing)


def test_the_example_gives_its_planted_truth_back() -> None:
    for row in _rows(example_studies.STUDIES[:1], 8):
        if not row.reason:
            _is_sane(row)


def test_units_come_out_with_the_spread_that_was_planted() -> None:
    for row in _rows(units.STUDIES, 10):
        if not row.reason:
            _is_sane(row)


def test_readers_come_out_with_the_agreement_that_was_planted() -> None:
    rows = _rows(agreement.STUDIES, 12)
    for row in rows:
        if not row.reason and not row.section.startswith("Wrong"):
            _is_sane(row)
    wrong = [row for row in rows if row.section.startswith("Wrong")]
    # what readers found lies below a true share of 70 %; one chance for all items takes their differences for agreement
    assert [row.quantity for row in wrong] == [agreement.TAKEN_FOR_TRUE, agreement.ONE_CHANCE]
    assert wrong[0].bias is not None and wrong[0].bias < -0.02
    assert wrong[1].bias is not None and wrong[1].bias > 0.01


def _verdict(estimates: np.ndarray, *, error: float, kind: str = "interval", truth: float = 0.0) -> str:
    items = [[Found(float(one), float(one) - 1.96 * error, float(one) + 1.96 * error)] for one in estimates]
    return measured("", Quantity("", "", truth, kind), items).verdict  # type: ignore[arg-type]


def test_a_verdict_sees_bias_and_intervals_of_the_wrong_width() -> None:
    draws = np.random.default_rng(1).normal(0, 1, 1000)
    assert _verdict(draws, error=1.0) == "holds"
    assert _verdict(draws + 0.2, error=1.0) == "biased"
    assert _verdict(draws, error=0.8) == "too narrow"
    assert _verdict(draws, error=1.4) == "too wide"
    assert _verdict(draws + 5, error=1.0) == "biased, too narrow"


def test_a_bias_within_monte_carlo_error_or_negligible_holds() -> None:
    draws = np.random.default_rng(2).normal(0, 1, 100)
    assert _verdict(draws - draws.mean() + 0.25, error=1.0) == "holds"
    many = np.random.default_rng(2).normal(0, 1, 10_000)
    assert _verdict(many - many.mean() + 0.095, error=1.0) == "holds"
    assert _verdict(many - many.mean() + 0.11, error=1.0) == "biased"


def test_only_quantiles_get_half_a_day_for_rounding() -> None:
    items = [[Found(one, one - 2, one + 2)] for one in np.random.default_rng(4).normal(0.4, 0.1, 100)]
    verdicts = [measured("", Quantity("", "", 0.0, tolerance=days), items).verdict for days in (0.0, 0.5)]
    assert ["biased" in verdict for verdict in verdicts] == [True, False]


def test_too_many_false_alarms_fail_and_too_few_do_not() -> None:
    alarms = np.zeros(1000)
    assert _verdict(alarms, error=1.0, kind="alarm", truth=0.05) == "holds"
    alarms[:90] = 1.0
    assert _verdict(alarms, error=1.0, kind="alarm", truth=0.05) == "too many alarms"


def test_an_end_that_was_not_reached_holds_everything_on_its_side_and_refusals_count() -> None:
    open_ended = [[Found(1.0, 0.5, None)], [Found(1.2, 0.5, None)], [Found(None)]]
    row = measured("", Quantity("", "", 9.0), open_ended)
    assert row.coverage == 1.0 and row.refused == pytest.approx(1 / 3) and "refused" in row.verdict


def test_items_of_one_repetition_are_no_independent_draws() -> None:
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 1, 50)
    items = [[Found(float(one), float(one) - 1, float(one) + 1)] * 10 for one in shared]
    single = [[many[0]] for many in items]
    alike, alone = (measured("", Quantity("", "", 0.0), one) for one in (items, single))
    assert alike.bias_error == pytest.approx(alone.bias_error)
    assert alike.coverage_error == pytest.approx(alone.coverage_error)


GOOD = [[Found(one, one - 2, one + 2)] for one in (-0.5, 0.1, 0.4)]
BAD = [[Found(one + 9, one + 8, one + 10)] for one in (-0.5, 0.1, 0.4)]


def test_a_failing_row_is_explained_only_when_the_same_without_the_cause_holds() -> None:
    number, reason = Quantity("", "number", 0.0), Reason("known", ("twin", "number"))
    good, bad = measured("study", number, GOOD), measured("study", number, BAD)
    told = measured("study", number, BAD, reason=reason)
    twin, failing = measured("twin", number, GOOD), measured("twin", number, BAD)
    assert not unexpected([good]) and unexpected([bad]) == [bad]
    assert standing(told, [told, twin]) == SHOWN and not unexpected([told, twin])
    assert standing(told, [told]) == NOT_RUN and not unexpected([told])
    assert standing(told, [told, failing]) == NOT_EXPLAINED and unexpected([told, failing]) == [told, failing]


def test_a_wrong_method_has_to_fail() -> None:
    wrong = Quantity("", "", 0.0, wrong=True)
    assert not unexpected([measured("", wrong, BAD)]) and len(unexpected([measured("", wrong, GOOD)])) == 1


def test_only_a_number_on_a_lattice_may_have_an_interval_that_holds_too_much() -> None:
    draws = np.random.default_rng(5).normal(0, 1, 1000)
    assert _verdict(draws, error=2.0) == "too wide"
    assert _verdict(draws, error=2.0, kind="lattice") == "holds"
    assert _verdict(draws, error=0.8, kind="lattice") == "too narrow"


def test_a_truth_can_be_computed_from_what_a_unit_handled() -> None:
    of_pace = Quantity("", "", lambda handled: sum(pace * share for _kind, pace, share in handled))
    at = (("licht", 1.0, 0.5), ("zwaar", 2.0, 0.5))
    row = measured("", of_pace, [[Found(1.5 + one, 0.0, 3.0, at=at)] for one in (-0.1, 0.1)])
    assert row.bias == pytest.approx(0.0) and row.coverage == 1.0 and row.truth is None


def test_the_same_seeds_give_the_same_table_however_the_work_is_divided() -> None:
    studies = curves.STUDIES[:1]
    backwards = lambda work, tasks: reversed([work(task) for task in reversed(tasks)])  # noqa: E731
    one, two = (table(studies, repetitions=8, effort=SHORT, mapper=mapper) for mapper in (map, backwards))
    assert one == two


def test_every_reason_is_about_a_row_and_every_name_stands_once() -> None:
    assert len({study.name for study in STUDIES}) == len(STUDIES)
    names = [
        (study.name, q.name) for study in QUICK + units.STUDIES + agreement.STUDIES for q in study.quantities(SHORT)
    ]
    assert len(set(names)) == len(names)
    studies = {study.name for study in STUDIES}
    for known in REASONS:
        assert known.why and {known.study, known.twin_study} <= studies, known
        mine = [name for name in names if name[0] == known.study and fnmatchcase(name[1], known.quantity)]
        told = [reason for reason in (reason_for(*name) for name in mine) if reason]
        # The rows of the example need its truth, which takes its time.
        assert mine or not any(study == known.study for study, _quantity in names), known
        assert all(reason.twin in names for reason in told if known.twin_study in dict(names)), known


def test_the_written_table_says_which_row_shows_a_reason_and_what_is_not_explained() -> None:
    section = Quantity("Section", "number", 0.0)
    told = measured("s", section, BAD, reason=Reason("it is known", ("t", "number")))
    twin, news = measured("t", Quantity("Twin", "number", 0.0), GOOD), measured("u", section, BAD)
    text = as_markdown([told, twin, news], repetitions=2, chunks=1)
    assert "1 of 3 rows hold" in text and "1. it is known" in text
    assert "| Section: number | biased, too narrow | Twin: number | +0.00 | 100.0 | holds | shown |" in text
    assert "- Section: number: biased, too narrow" in text and unexpected([told, twin, news]) == [news]
    assert as_frame([told])["verdict"].tolist() == ["biased, too narrow"]
