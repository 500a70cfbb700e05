"""How long each stage of a case takes, on four clocks, with what was left out for lack of registration."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.stage_card import CONTRACT_STEPS, LARGEST_LOSS, LEFT_OUT, OUT_OF_VIEW, stage_card, step_title
from evaluation.duration.stage_curves import point_scores, quantile_scores, stage_curve
from evaluation.duration.stage_table import STAGES, Stage
from evaluation.duration.stages import CLOCKS, NOT_A_LOSS
from evaluation.duration.texts import refuse_without_complaints, refuse_without_disciplinary
from evaluation.duration.total import refuse_net
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal, Score

STAGE_DAYS = (30, 60, 90, 120, 180, 270, 365, 540, 720)

_FAMILY, _TOTAL = "duration.stages", "total"


def stage_scores(case_files: CaseFiles, rows: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Return the durations of every stage of `stage_table.STAGES` but the total.

    *Estimand*: the time from the start of a stage to its end, in whatever way it ended,
    over the cases (or persons) in which it began, had each been followed to that end.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    rows : DataFrame
        As `stages.stage_durations` returns them.
    as_of : date
    level : float
    span : str
        Period of the scores.

    Returns
    -------
    Part
        Scores `duration.<stage>_<clock>.<statistic>.all`, a card a stage, and the stages
        and clocks that the delivery cannot give.
    """
    said, refusals = _said_and_refused(case_files)
    no_net = _refuse_net(case_files) if said else None
    clocks = CLOCKS if no_net is None else tuple(clock for clock in CLOCKS if not clock.endswith("net"))
    return Part(
        scores=tuple(
            score
            for stage in said
            for clock in clocks
            for score in _scores(
                ScoreRows(f"duration.{stage.code}_{clock}", "all", f"duration.{stage.code}", span, as_of, level),
                rows[rows["stage"] == stage.code],
                stage,
                clock,
                case_files.suspensions,
            )
        ),
        cards=tuple(
            stage_card(
                stage, _losses(rows[rows["stage"] == stage.code])[1], case_files, net=no_net is None, level=level
            )
            for stage in said
        ),
        refusals=(*refusals, no_net) if no_net else tuple(refusals),
    )


def _said_and_refused(case_files: CaseFiles) -> tuple[list[Stage], list[Refusal]]:
    """Return the stages that the delivery can give, and why it cannot give the others."""
    family = refuse_without_disciplinary(case_files, _FAMILY) or _refuse_without_steps(case_files)
    said, refusals = [], [family] if family else []
    for stage in STAGES:
        if stage.code == _TOTAL or (family and stage.kind == "disciplinair"):
            continue
        if refusal := _refuse_stage(case_files, stage):
            refusals.append(refusal)
        else:
            said.append(stage)
    return said, refusals


def _refuse_without_steps(case_files: CaseFiles) -> Refusal | None:
    missing = tuple(name for name in ("steps", "steps.state", "steps.done_on") if not case_files.has(name))[:1]
    if not missing:
        return None
    return Refusal(
        _FAMILY,
        missing,
        {
            "nl": "De stappen van de procedure met hun datum zijn niet geleverd. Waar de ene fase ophoudt en de "
            "volgende begint, is daarom niet te zien.",
            "en": "The steps of the procedure with their dates were not delivered. Where one stage ends and the next "
            "begins can therefore not be seen.",
        },
    )


def _refuse_stage(case_files: CaseFiles, stage: Stage) -> Refusal | None:
    measure = f"duration.{stage.code}"
    if stage.why_not is not None:
        return Refusal(measure, ("objection_dates",), stage.why_not)
    if stage.kind == "klacht":
        return refuse_without_complaints(case_files, measure)
    log = case_files.steps
    dated = set() if log is None else set(log.loc[(log["state"] == "gedaan") & log["done_on"].notna(), "step"])
    unseen = [code for code in (stage.start, stage.end) if code not in (*CONTRACT_STEPS, *dated)]
    if not unseen:
        return None
    # Open cases would all seem to be in the stage still, and only other exits would end it.
    names = {
        language: ", ".join(f"{code} ({step_title(code, language)})" for code in unseen) for language in ("nl", "en")
    }
    return Refusal(
        measure,
        ("steps",),
        {
            "nl": f"Deze stap staat nergens in de levering als gedaan met een datum: {names['nl']}. Zonder begin of "
            "einde heeft deze fase geen duur.",
            "en": f"This step stands nowhere in the delivery as done with a date: {names['en']}. Without a start or an "
            "end this stage has no duration.",
        },
    )


def _refuse_net(case_files: CaseFiles) -> Refusal | None:
    refusal = refuse_net(case_files)
    return refusal and Refusal("duration.stages_net", refusal.needs, refusal.reason)


def _scores(
    rows: ScoreRows, of_stage: pd.DataFrame, stage: Stage, clock: str, suspensions: pd.DataFrame | None
) -> Iterator[Score]:
    curve = stage_curve(of_stage, stage.code, clock, suspensions=suspensions)
    began, reasons = _losses(of_stage)
    lost = sum(n for reason, n in reasons.items() if reason != OUT_OF_VIEW)
    refusal = "misleading" if lost > LARGEST_LOSS * began else None
    yield from quantile_scores(
        rows, curve, unit="working_days" if clock.startswith("working") else "days", refusal=refusal
    )
    yield rows.count("open", curve.n - curve.n_events, n=curve.n, events=curve.n_events)
    if clock != CLOCKS[0]:
        return
    yield from point_scores(rows, curve, STAGE_DAYS, refusal=refusal)
    yield rows.counted_share("left_out", lost, began)
    for reason, n in reasons.items():
        yield rows.counted_share(f"left_out_{reason}", n, began)


def _losses(of_stage: pd.DataFrame) -> tuple[int, dict[str, int]]:
    """Return how many rows began as far as is known, and how many of them give no days, by reason."""
    began = of_stage[of_stage["left_out"] != NOT_A_LOSS]
    counts = began.loc[began["left_out"] != "", "left_out"].value_counts()
    return len(began), {reason: int(counts[reason]) for reason in LEFT_OUT if reason in counts}
