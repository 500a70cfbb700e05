"""Total duration of investigations, gross and net of suspension for the criminal track.

A case that is still open counts as "longer than so far" (right-censored at `as_of`). All
ways to end count as closing; they are not told apart here (`exit_scores`).

*Late entry.* Where the delivery holds all cases (`alle`) of a period, a case opened
before `period_start` is there only because it was still open on that day. It enters its
curve late: it may end from `period_start` on; before that nobody could have seen it
close. Cases that closed before `period_start` are not in view at all and are left out.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.clock import (
    CRIMINAL_TRACK,
    day_numbers,
    end_of_view,
    entered_on,
    gross_days,
    suspended_days,
)
from evaluation.duration.curve_refusal import followed_quantile, refusal_of
from evaluation.duration.net_durations import NET_ESTIMATOR, NET_VARIANCE, net_duration_curve
from evaluation.duration.texts import cohort_basis
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score
from evaluation.survival.kaplan_meier import (
    SurvivalCurve,
    at_risk_on,
    kaplan_meier,
    restricted_mean,
    share_within,
)
from evaluation.survival.net_curve import NetCurve, net_restricted_mean

QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
CURVE_DAYS = tuple(sorted({*range(30, 1081, 30), 365}))
GROUP_DAYS = (90, 180, 365)
RESTRICTED_MEAN_DAYS = 365
KIND = "disciplinair"


def total_scores(case_files: CaseFiles, cases: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Return the total duration, gross and net: quantiles, shares within a number of days, mean days in a year.

    *Estimand*: the time from opening to closing of a case, over all disciplinary cases
    in view of the deliveries, had each been followed to its end.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    cases : DataFrame
        As `case_durations` returns them.
    as_of : date
        Open cases are right-censored on this day.
    level : float
        Confidence level of the intervals.
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores `duration.{total_gross,total_net}.<statistic>.<group>`, a card a measure,
        a refusal of the net duration where no suspension was delivered.
    """
    refused = refuse_net(case_files)
    measures = ("total_gross",) if refused else ("total_gross", "total_net")
    return Part(
        scores=tuple(
            score
            for measure in measures
            for group, members in _groups(cases)
            for score in _group_scores(
                measure, group, members, case_files.suspensions, as_of=as_of, level=level, span=span
            )
        ),
        cards=tuple(_card(measure, case_files, level=level) for measure in measures),
        refusals=(refused,) if refused else (),
    )


def case_durations(case_files: CaseFiles, *, as_of: date) -> pd.DataFrame:
    """Return the clock of each case in the population, one row a case.

    Returns
    -------
    DataFrame
        `case_id`, `unit`, `category`, `complexity`, `opened_on`, `year` (of opening; missing when unknown),
        `closed` (seen to close by `as_of`), `gross` and `net` (days to closing or
        `as_of`; missing when unknown), `gross_entry` and `net_entry` (day of the clock
        after which the case was in view, 0 for most), and `left_out`: why a case is in
        no curve (`no_opening`, `no_closing`: recorded as closed without a date,
        `negative`, `before_period`), empty for the others.
    """
    cases = case_files.cases
    cases = cases[~(cases["opened_on"] > pd.Timestamp(as_of))]
    if only_disciplinary(case_files):
        cases = cases[cases["kind"] == KIND]
    until, closed = end_of_view(cases["closed_on"], as_of=as_of)
    entered = entered_on(cases, case_files.delivery)
    clocks = pd.DataFrame(
        {
            "case_id": cases["case_id"].to_numpy(),
            "unit": cases["unit"].astype("object").to_numpy(),
            "category": cases["category"].astype("object").to_numpy(),
            "complexity": cases["complexity"].astype("object").to_numpy(),
            "opened_on": cases["opened_on"].to_numpy(),
            "year": cases["opened_on"].dt.year.astype("Int64").to_numpy(),
            "closed": closed,
            "gross": gross_days(cases["opened_on"], until),
            "gross_entry": np.nan_to_num(gross_days(cases["opened_on"], entered)),
        }
    )
    if case_files.suspensions is None:
        clocks["net"] = clocks["net_entry"] = np.nan
    else:
        for column, moment in (("gross", until), ("gross_entry", entered)):
            stopped = suspended_days(
                cases["case_id"], cases["opened_on"], moment, case_files.suspensions, reasons=CRIMINAL_TRACK
            )
            clocks[column.replace("gross", "net")] = clocks[column] - stopped
        clocks.loc[clocks["gross_entry"] == 0, "net_entry"] = 0.0
    undated = (cases["status"] == "afgesloten").to_numpy() & cases["closed_on"].isna().to_numpy()
    clocks["left_out"] = np.select(
        [clocks["gross"].isna(), undated, clocks["gross"] < 0, until <= entered],
        ["no_opening", "no_closing", "negative", "before_period"],
        default="",
    )
    return clocks


def only_disciplinary(case_files: CaseFiles) -> bool:
    """Tell whether the population is the disciplinary cases; without their kind, all cases are."""
    return case_files.has("cases.kind") and bool((case_files.cases["kind"] == KIND).any())


def _groups(cases: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "all", cases
    for unit, members in cases.groupby(cases["unit"].str.lower()):
        yield f"unit={unit}", members
    for year, members in cases.groupby("year"):
        yield f"year={year}", members


def total_curve(cases: pd.DataFrame, measure: str, *, suspensions: pd.DataFrame | None = None) -> SurvivalCurve:
    """Return the curve of `total_gross`, or of `total_net` with the suspensions, of rows of `case_durations`."""
    if measure == "total_net":
        return total_net_curve(cases, suspensions).curve
    known = _known(cases, "gross")
    return kaplan_meier(known["gross"], known["closed"], entry=known["gross_entry"])


def total_net_curve(cases: pd.DataFrame, suspensions: pd.DataFrame | None) -> NetCurve:
    """Return the curve of the net duration of rows of `case_durations`; refused without the suspensions."""
    known = _known(cases, "net")
    return net_duration_curve(
        known["case_id"], known["opened_on"], known["gross"], known["closed"], entry=known["gross_entry"],
        suspensions=suspensions, counting=day_numbers,
    )  # fmt: skip


def _known(cases: pd.DataFrame, clock: str) -> pd.DataFrame:
    return cases[(cases["left_out"] == "") & cases[clock].notna() & cases[f"{clock}_entry"].notna()]


def _group_scores(
    measure: str,
    group: str,
    members: pd.DataFrame,
    suspensions: pd.DataFrame | None,
    *,
    as_of: date,
    level: float,
    span: str,
) -> Iterator[Score]:
    if measure == "total_net":
        net = total_net_curve(members, suspensions)
        curve, mean = net.curve, net_restricted_mean(net, RESTRICTED_MEAN_DAYS, level=level)
    else:
        curve = total_curve(members, measure)
        mean = restricted_mean(curve, RESTRICTED_MEAN_DAYS, level=level)
    if group.startswith("year="):
        year = group.removeprefix("year=")
        span = f"{year}-01-01/{min(f'{year}-12-31', as_of.isoformat())}"
    name = f"duration.{measure}"
    rows = ScoreRows(name, group, estimand=name, period=span, as_of=as_of, level=level)
    score = partial(rows.number, n=curve.n, events=curve.n_events, refusal=refusal_of(curve))
    count = partial(rows.count, n=curve.n, events=curve.n_events)
    yield count("cases", curve.n)
    yield count("open", curve.n - curve.n_events)
    for quantile_name, share in QUANTILES.items():
        yield score(quantile_name, "days", followed_quantile(curve, share, level=level))
    yield score("rmst", "days", mean)
    for day in CURVE_DAYS if group == "all" else GROUP_DAYS:
        yield score(f"within_{day}_days", "share", share_within(curve, day, level=level))
    if group == "all":
        for day in CURVE_DAYS:
            yield count(f"at_risk_{day}_days", at_risk_on(curve, day))


def refuse_net(case_files: CaseFiles) -> Refusal | None:
    """Say why there is no net duration, or None when there is."""
    if case_files.has("suspensions") and case_files.suspensions is not None and len(case_files.suspensions):
        return None
    return Refusal(
        "duration.total_net",
        ("suspensions",),
        {
            "nl": "Er is geen enkele opschorting geleverd. Of de klok nooit stilstond of dat dit niet is vastgelegd, "
            "is niet te zien. Daarom is er alleen de bruto duur.",
            "en": "Not one suspension was delivered. Whether the clock never stopped or this was not recorded cannot "
            "be seen. There is therefore only the gross duration.",
        },
    )


def _card(measure: str, case_files: CaseFiles, *, level: float) -> EstimandCard:
    net = measure == "total_net"
    only = only_disciplinary(case_files)
    percent = f"{100 * level:g}"
    return EstimandCard(
        id=f"duration.{measure}",
        title={
            "nl": "Totale duur van een onderzoek, "
            + ("netto: zonder strafrechtelijke opschorting" if net else "bruto"),
            "en": "Total duration of an investigation, "
            + ("net of suspension for the criminal track" if net else "gross"),
        },
        population={
            "nl": ("Alle disciplinaire onderzoeken" if only else "Alle zaken (de soort van een zaak is niet geleverd, "
                   "of geen enkele zaak is disciplinair)") + " in de leveringen die op de peildatum geopend waren.",
            "en": ("All disciplinary investigations" if only else "All cases (the kind of a case was not delivered, or "
                   "no case is disciplinary)") + " in the deliveries that were opened by the as-of date.",
        },
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock={
            "nl": "Van de melding (MELD) tot het besluit (BESL) of, zonder besluit, het einde van het onderzoek; in "
            "kalenderdagen. Begin en einde op één dag telt als een halve dag. "
            + ("Dagen van opschorting voor het strafrechtelijk spoor tellen niet mee; overlappende opschortingen "
               "één keer; andere opschortingen tellen gewoon door." if net else "Opschortingen tellen gewoon door."),
            "en": "From the signal (MELD) to the decision (BESL) or, without one, the end of the investigation; in "
            "calendar days. Beginning and end on one day counts as half a day. "
            + ("Days of suspension for the criminal track do not count, overlapping suspensions once; other "
               "suspensions run on." if net else "Suspensions run on."),
        },
        missing_and_exits={
            "nl": "Een lopende zaak telt mee als 'langer dan tot de peildatum'. Elke wijze van einde (besluit, geen "
            "vervolg, eigen ontslag, overgedragen, ingetrokken) telt als einde. Zaken zonder begindatum, met een einde "
            "voor het begin, of afgesloten zonder datum tellen niet mee"
            + ("; een zaak met een opschorting zonder begin of reden evenmin." if net else "."),
            "en": "An open case counts as 'longer than up to the as-of date'. Every way to end (decision, no further "
            "action, own resignation, handed over, withdrawn) counts as an end. Cases without a first day, with an end "
            "before it, or closed without a date are left out"
            + ("; so are cases with a suspension without start or reason." if net else "."),
        },
        estimator={
            "nl": (NET_ESTIMATOR["nl"] if net else "Kaplan-Meier met late intrede.")
            + " Kwantiel: de eerste dag waarop ten minste dat deel is afgesloten. "
            "Wordt dan nog minder dan de helft van de zaken die zouden lopen gevolgd, dan is er geen kwantiel. "
            f"Gemiddelde (rmst): dagen open binnen de eerste {RESTRICTED_MEAN_DAYS} dagen. Minder dan {MINIMUM_N} "
            "zaken: geen getal.",
            "en": (NET_ESTIMATOR["en"] if net else "Kaplan-Meier with late entry.")
            + " Quantile: the first day on which at least that share has closed; no "
            "quantile where fewer than half of the cases that would be open are still followed. "
            f"Mean (rmst): days open within the first {RESTRICTED_MEAN_DAYS} days. Fewer than {MINIMUM_N} cases: no "
            "number.",
        },
        interval={
            "nl": f"{percent} %, puntsgewijs, {NET_VARIANCE['nl'] if net else 'variantie van Greenwood'}, op de "
            "log-log-schaal; het gemiddelde" + (", met de infinitesimale jackknife," if net else "") + " op de gewone "
            "schaal. Ligt een grens voorbij de curve, of is een deel nul of één, dan is er geen grens.",
            "en": f"{percent} %, pointwise, {NET_VARIANCE['en'] if net else 'variance of Greenwood'}, on the log-log "
            "scale; the mean" + (", with the infinitesimal jackknife," if net else "") + " on its own scale. Where a "
            "limit lies beyond the curve, or a share is nought or one, there is no limit.",
        },
    )  # fmt: skip
