"""All studies, the long ones first."""

from validate import (
    agreement,
    changes,
    curves,
    example_studies,
    example_units,
    outcome_example,
    outcome_models,
    outcomes,
    regression,
    stock,
    units,
)

STUDIES = (
    *example_studies.STUDIES,
    *example_units.STUDIES,
    *outcome_example.STUDIES,
    *outcomes.STUDIES,
    *outcome_models.STUDIES,
    *units.STUDIES,
    *regression.STUDIES,
    *changes.STUDIES,
    *stock.STUDIES,
    *curves.STUDIES,
    *agreement.STUDIES,
)
BY_NAME = {study.name: study for study in STUDIES}
