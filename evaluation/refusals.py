"""Why a number is not given: keys for scores, with the reason in Dutch and English."""

MINIMUM_N = 10
"""Fewer cases than this per unit or year give no statistic."""

REASONS = {
    "too_few": {"nl": "te weinig zaken om iets te zeggen", "en": "too few cases to say"},
    "no_events": {"nl": "nog geen enkele zaak is geëindigd", "en": "no case has ended yet"},
    "not_reached": {
        "nl": "dit deel van de zaken is nog niet geëindigd",
        "en": "this share of the cases has not ended yet",
    },
    "not_at_risk": {"nl": "te weinig zaken lopen zo lang", "en": "too few cases run that long"},
    "separation": {
        "nl": "de uitkomst hangt in deze zaken volledig samen met een kenmerk; een model kan dat niet schatten",
        "en": "a characteristic predicts the outcome completely in these cases; a model cannot estimate that",
    },
    "no_variation": {"nl": "alle zaken hebben dezelfde uitkomst", "en": "all cases have the same outcome"},
    "misleading": {"nl": "dit getal zou misleiden", "en": "this number would mislead"},
    "no_norm": {"nl": "er gold geen norm", "en": "no norm was in force"},
    "absent": {"nl": "de gegevens ontbreken in de levering", "en": "the data are absent from the delivery"},
    "not_estimable": {"nl": "niet te schatten met deze gegevens", "en": "cannot be estimated from these data"},
}
