from datetime import date

import pytest

from evaluation.scores import ModuleResult, Refusal, Score, scores_table

MEDIAN = Score(
    "duration.total_gross.median.all", 166.0, "days", 40, "duration.total_gross", "2019/2020", date(2021, 1, 1)
)
OF_UNIT = Score(
    "duration.total_gross.median.unit=ams", 160.0, "days", 20, "duration.total_gross", "2019/2020", date(2021, 1, 1)
)


def test_a_score_knows_its_module_and_group() -> None:
    assert (OF_UNIT.module, OF_UNIT.group) == ("duration", "unit=ams")


def test_a_score_id_that_stands_twice_is_a_fault() -> None:
    with pytest.raises(ValueError, match="score ids twice"):
        scores_table((MEDIAN, MEDIAN))


def test_a_result_shows_its_totals_and_refusals_in_a_notebook() -> None:
    refusal = Refusal("duration.total_net", ("suspensions",), {"nl": "geen opschortingen", "en": "no suspensions"})
    shown = ModuleResult("duration", (OF_UNIT, MEDIAN), (), (refusal,), None)._repr_html_()
    assert "166" in shown
    assert "unit=ams" not in shown
    assert "no suspensions" in shown
