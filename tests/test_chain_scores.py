"""The chain from signal to dismissal, from case files to scores."""

from dataclasses import replace

import numpy as np
import pytest
from outcome_files import ABOUT, POOR, by_id, changed, checked, example, judged_and_units

from evaluation.clustered_share import clustered_share
from evaluation.consistency.chain_scores import COUNTS, LINKS, chain_scores
from evaluation.consistency.finding_scores import compared_findings, finding_scores
from evaluation.consistency.judged import FOUND, NOT_FOUND
from evaluation.consistency.penalty_ranking import PENALTIES
from evaluation.scores import Part


def _scored(name: str = "as it is") -> Part:
    files = POOR[name](example())
    return checked(chain_scores(files, judged_and_units(files)[1], **ABOUT))


@pytest.mark.parametrize("name", POOR)
def test_any_case_files_get_numbers_or_reasons_and_never_an_exception_or_nan(name: str) -> None:
    assert _scored(name).scores or _scored(name).refusals


def test_every_link_has_a_share_of_all_each_unit_and_each_year_and_counts_of_all_only() -> None:
    found, units = by_id(_scored()), judged_and_units(example())[1]
    for link in LINKS:
        groups = {name.split(".", 2)[2] for name in found if name.startswith(f"chain_{link}.share.")}
        assert {"all", *(f"unit={unit.lower()}" for unit in units)} <= groups
        assert {f"year={year}" for year in range(2016, 2026)} <= groups
        counts = {name for name in found if name.startswith(f"chain_{link}.") and ".share." not in name}
        assert counts == {f"chain_{link}.{count}.all" for count in COUNTS}


def test_what_reached_a_link_is_known_running_or_missing_and_what_went_on_reaches_the_next() -> None:
    found = by_id(_scored())
    for link in LINKS:
        counts = {name: found[f"chain_{link}.{name}.all"].estimate for name in COUNTS}
        known = found[f"chain_{link}.share.all"].denominator
        assert counts["reached"] == known + counts["running"] + counts["missing"]
    for former, link in (("judged", "found"), ("found", "penalised"), ("penalised", "dismissed")):
        assert found[f"chain_{former}.share.all"].numerator == found[f"chain_{link}.reached.all"].estimate
    assert found["chain_left_service.reached.all"].estimate == found["chain_penalised.reached.all"].estimate


def test_the_numbers_are_those_of_counting_by_hand_in_one_year() -> None:
    files = example()
    cases = files.cases[(files.cases["kind"] == "disciplinair") & (files.cases["opened_on"].dt.year == 2019)]
    rows = files.allegations[files.allegations["case_id"].isin(cases["case_id"])]
    judged = rows[rows["finding"].isin(FOUND + NOT_FOUND)]
    guilty = judged[judged["finding"].isin(FOUND)]
    penalty = guilty["final_penalty"].where(guilty["final_penalty"].notna(), guilty["first_penalty"])
    found = by_id(_scored())
    share = found["chain_found.share.year=2019"]
    assert (share.numerator, share.denominator) == (len(guilty), len(judged))
    by_hand = clustered_share(judged["finding"].isin(FOUND).astype(int), np.ones(len(judged), int), judged["case_id"],
                              level=0.95)  # fmt: skip
    assert (share.low, share.high) == pytest.approx(tuple(by_hand.interval))
    share = found["chain_penalised.share.year=2019"]
    assert (share.numerator, share.denominator) == (penalty.isin(PENALTIES).sum(), penalty.notna().sum())


def test_the_share_found_is_that_of_the_comparison_of_units() -> None:
    files = example()
    judged, units = judged_and_units(files)
    beside = by_id(finding_scores(files, judged, units, compared_findings(files, judged), **ABOUT))
    found = by_id(_scored())
    for unit in units:
        one, other = (scores[f"{name}.share.unit={unit.lower()}"] for scores, name in
                      ((found, "chain_found"), (beside, "misconduct_found")))  # fmt: skip
        assert (one.numerator, one.n, one.refusal) == (other.numerator, other.n, other.refusal)


def test_a_unit_with_signals_and_no_investigation_is_in_the_first_link_and_a_small_one_keeps_its_row() -> None:
    files = example()
    signals = files.signals.copy()
    elsewhere = signals.index[signals["case_id"].isna()][:20]
    signals.loc[elsewhere, "unit"] = "RR"
    files = replace(files, signals=signals)
    found = by_id(checked(chain_scores(files, judged_and_units(files)[1], **ABOUT)))
    share = found["chain_investigated.share.unit=rr"]
    assert (share.numerator, share.denominator) == (0, 20)
    assert "chain_found.share.unit=rr" not in found
    few = by_id(_scored("twelve cases"))
    assert {score.refusal for name, score in few.items() if name.startswith("chain_found.share.unit=")} == {"too_few"}


def test_what_was_not_delivered_is_refused_and_not_counted_as_no() -> None:
    assert [refusal.needs for refusal in _scored("cases only").refusals] == [("signals",), ("allegations.finding",)]
    unsigned = _scored("no signals")
    assert [refusal.needs for refusal in unsigned.refusals] == [("signals",)]
    assert not any("chain_investigated" in score.id for score in unsigned.scores)
    found = by_id(_scored("no penalties"))
    for link in ("penalised", "dismissed", "left_service"):
        assert found[f"chain_{link}.share.all"].refusal == found[f"chain_{link}.share.unit=ams"].refusal == "absent"
        assert f"chain_{link}.missing.all" not in found
    unconditional = by_id(_scored("no condition"))
    assert unconditional["chain_penalised.share.all"].estimate is not None
    assert unconditional["chain_dismissed.share.all"].refusal == "absent"
    assert unconditional["chain_left_service.share.all"].refusal == "absent"
    untold = by_id(checked(chain_scores(
        changed(changed(example(), "signals", triage_outcome=None), "cases", kind=None), [], **ABOUT)))  # fmt: skip
    assert untold["chain_investigated.share.all"].refusal == "absent"


def test_all_cases_open_is_running_and_not_missing() -> None:
    files = POOR["all open"](example())
    files.allegations.loc[files.allegations.index[0], "finding"] = "onbekend"
    found = by_id(checked(chain_scores(files, judged_and_units(files)[1], **ABOUT)))
    assert found["chain_judged.share.all"].refusal == "too_few"
    assert found["chain_judged.running.all"].estimate == found["chain_judged.reached.all"].estimate > 100


def test_the_planted_share_that_keeps_a_finding_is_recovered() -> None:
    # Of the disciplinary cases 86 % run their course; of those a known share has its finding not recorded.
    found = by_id(_scored())
    early = [found[f"chain_judged.share.year={year}"] for year in range(2016, 2022)]
    total = sum(share.numerator or 0 for share in early), sum(share.n for share in early)
    assert total[0] / total[1] == pytest.approx(0.86, abs=0.04)


def test_the_card_says_what_the_break_in_categories_means_here() -> None:
    card = _scored().cards[0]
    assert "1-1-2020" in card.missing_and_exits["nl"] and "2020-01-01" in card.missing_and_exits["en"]
    assert card.id == "consistency.chain"
