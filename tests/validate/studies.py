"""All studies, the long ones first."""

from validate import changes, curves, example_studies, regression, stock, units

STUDIES = (
    *example_studies.STUDIES,
    *units.STUDIES,
    *regression.STUDIES,
    *changes.STUDIES,
    *stock.STUDIES,
    *curves.STUDIES,
)
BY_NAME = {study.name: study for study in STUDIES}
