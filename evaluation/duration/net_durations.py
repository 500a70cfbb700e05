"""From cases and their suspensions to a curve on the net clock, and what the cards say of it."""

import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.clock import CRIMINAL_TRACK, Counting, Dates, suspension_spells
from evaluation.survival.net_curve import LARGEST_UNRESOLVED, NetCurve, net_curve

_PERCENT = f"{100 * LARGEST_UNRESOLVED:g} %"

NET_ESTIMATOR = {
    "nl": "Netto: Aalen-Johansen met late intrede. Een zaak die stillag, heeft op de peildatum minder nettodagen laten "
    "zien dan een zaak die doorliep, en zulke zaken duren vaak langer; telde zij gewoon als 'langer dan zoveel "
    "nettodagen', dan kwam de nettoduur te kort uit. Daarom is per aantal nettodagen nagegaan wat eerst kwam: het "
    "einde van de zaak, of de dag waarop de nettoklok dat aantal voorbijging. Van zaken die stillagen en niet lang "
    "genoeg te volgen zijn, is niet bekend welk van beide het wordt: zij zijn verdeeld naar het tempo van alle zaken. "
    f"Zijn dat er meer dan {_PERCENT}, dan is er geen getal.",
    "en": "Net: Aalen-Johansen with late entry. A case that stood still has shown fewer net days by the as-of date "
    "than a case that ran on, and such cases often take longer; counting it simply as 'longer than so many net days' "
    "would give too short a net duration. Therefore, for each number of net days, it was found out which came first: "
    "the end of the case, or the day on which the net clock passed that number. Of cases that stood still and cannot "
    "be followed long enough it is not known which of the two it will be: they are shared out at the pace of all "
    f"cases. Where they are more than {_PERCENT}, there is no number.",
}
"""How a net duration is estimated, and why so, for a card."""

NET_VARIANCE = {
    "nl": "variantie van Aalen-Johansen (deltamethode), vermeerderd om de zaken waarvan het niet bekend is",
    "en": "variance of Aalen-Johansen (delta method), increased for the cases of which it is not known",
}
NET_INTERVAL = {"nl": f" Netto: {NET_VARIANCE['nl']}.", "en": f" Net: {NET_VARIANCE['en']}."}


def net_duration_curve(
    case_id: ArrayLike,
    start_on: Dates,
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike,
    suspensions: pd.DataFrame | None,
    counting: Counting,
) -> NetCurve:
    """Return the curve of the days net of suspension for the criminal track.

    *Estimand*: that of `evaluation.survival.net_curve.net_curve`.

    Parameters
    ----------
    case_id, start_on : array_like
        One a case (or person): its number, and the first day of its clock.
    duration, event_observed, entry : array_like
        Its **gross** days to the end or the last day of view, whether it ended, and the
        gross day after which it was in view.
    suspensions : DataFrame
        As for `evaluation.duration.clock.suspended_days`.
    counting : callable
        How days are counted, `duration` and `entry` too: `clock.day_numbers` or
        `working_days.working_day_numbers`.

    Raises
    ------
    WrongUse
        As `net_curve`; without the suspensions (the number of net days alone does not give the
        curve); or when the net days of a case are unknown, see `clock.suspension_spells`.
    """
    if suspensions is None:
        raise WrongUse(_("Een curve van nettodagen vraagt de opschortingen zelf, niet alleen het aantal nettodagen."))
    spells = suspension_spells(case_id, start_on, suspensions, reasons=CRIMINAL_TRACK, counting=counting)
    return net_curve(duration, event_observed, spells, entry=entry)
