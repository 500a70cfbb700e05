"""Figures of the chapter on procedural completeness."""

import re
import textwrap

from book.exhibit import BLUE, ORANGE, Exhibit, drawing
from book.figures.common import axis_format, by_unit, exhibit
from book.ledger import Publication


def steps(publication: Publication, *, language: str) -> Exhibit | None:
    """Bars, one a step: done, with the part that is not recorded as a hatched margin."""
    nl = language == "nl"
    codes = _steps(publication)
    shown = [code for code in codes if publication.published(f"completeness.step_{code}.share.all")]
    if not shown:
        return None
    figure, axes = drawing(7, 0.38 * len(shown) + 1.4)
    for at, code in enumerate(reversed(shown)):
        base = f"completeness.step_{code}"
        share = publication.estimate(f"{base}.share.all") or 0.0
        axes.barh(at, share, color=BLUE, height=0.62, label=("gedaan" if nl else "done") if at == 0 else None)
        hidden = _part(publication, f"{base}.not_recorded.all")
        if hidden:
            axes.barh(
                at, min(hidden, 1 - share), left=share, color="white", edgecolor=ORANGE, hatch="////", height=0.62,
                linewidth=0.8, label="niet geregistreerd" if nl else "not recorded",
            )  # fmt: skip
    axes.set_yticks(
        range(len(shown)), [textwrap.fill(_step_name(publication, code, language), 34) for code in reversed(shown)]
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(
        "aandeel van de zaken waarin\nde stap nodig was" if nl else "share of the cases\nthat needed the step"
    )
    handles, labels = axes.get_legend_handles_labels()
    kept = dict(zip(labels, handles, strict=True))
    figure.legend(kept.values(), kept.keys(), frameon=False, loc="outside upper left", ncols=2)
    columns = ("required", "share", "done_undated", "not_done", "not_recorded", "unknown_applicability")
    header = (
        (
            "Stap",
            "Nodig in",
            "Gedaan",
            "95%-interval",
            "Gedaan zonder datum",
            "Niet gedaan",
            "Niet geregistreerd",
            "Onbekend of de stap nodig was",
        )
        if nl
        else (
            "Step",
            "Needed in",
            "Done",
            "95% interval",
            "Done, no date",
            "Not done",
            "Not recorded",
            "Unknown whether needed",
        )
    )
    rows = []
    for code in codes:
        cells = [publication.cell(f"completeness.step_{code}.{column}.all", language=language) for column in columns]
        cells.insert(2, publication.interval_cell(f"completeness.step_{code}.share.all", language=language))
        rows.append((_step_name(publication, code, language), *cells))
    title = "Gedaan per stap" if nl else "Done, step by step"
    shares = {code: publication.cell(f"completeness.step_{code}.share.all", language=language) for code in shown}
    said = "; ".join(f"{_step_name(publication, code, language)} {share}" for code, share in shares.items())
    alt = (
        f"Liggende staven, een per stap in de volgorde van de procedure: het aandeel gedaan. {said}."
        if nl
        else f"Horizontal bars, one a step in the order of the procedure: the share done. {said}."
    )
    return exhibit("steps", figure, title, alt, header, rows, publication, language=language)


def composites(publication: Publication, *, language: str) -> Exhibit | None:
    """The composites side by side, with the bounds for what is not recorded."""
    nl = language == "nl"
    names = {
        "opportunity": {"nl": "Alle nodige stappen samen", "en": "All needed steps pooled"},
        "item_average": {"nl": "Gemiddelde over stappen", "en": "Average over steps"},
        "case_average": {"nl": "Gemiddelde over zaken", "en": "Average over cases"},
        "all_or_none": {"nl": "Zaken met alle stappen", "en": "Cases with every step"},
        "critical": {"nl": "Zaken met alle kritieke stappen", "en": "Cases with every critical step"},
    }
    shown = [name for name in names if publication.published(f"completeness.{name}.share.all")]
    if not shown:
        return None
    figure, axes = drawing(7, 0.5 * len(shown) + 1.3)
    for at, name in enumerate(reversed(shown)):
        base = f"completeness.{name}"
        share = publication.estimate(f"{base}.share.all") or 0.0
        low, high = (publication.estimate(f"{base}.share_{side}_bound.all") for side in ("low", "high"))
        if low is not None and high is not None:
            axes.plot([low, high], [at, at], color=ORANGE, linewidth=6, alpha=0.45, solid_capstyle="butt")
        axes.plot([share], [at], "o", color=BLUE, markersize=9)
    axes.set_yticks(range(len(shown)), [names[name][language] for name in reversed(shown)])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel(
        "streep: niet geregistreerd telt als niet gedaan (links)\nof als gedaan (rechts)"
        if nl
        else "bar: what is not recorded counts as not done (left)\nor as done (right)",
        fontsize=9,
    )
    header = (
        ("Samenvatting", "Aandeel", "95%-interval", "Ondergrens", "Bovengrens", "Zaken", "Nodige stappen")
        if nl
        else ("Composite", "Share", "95% interval", "Lower bound", "Upper bound", "Denominator")
    )
    rows = []
    for name in names:
        score_id = f"completeness.{name}.share.all"
        if not publication.known(score_id):
            continue
        rows.append(
            (
                names[name][language],
                publication.cell(score_id, language=language),
                publication.interval_cell(score_id, language=language),
                publication.cell(f"completeness.{name}.share_low_bound.all", language=language),
                publication.cell(f"completeness.{name}.share_high_bound.all", language=language),
                publication.count_cell(score_id, "n", language=language),
                publication.count_cell(score_id, "denominator", language=language) if name == "opportunity" else "–",
            )
        )
    title = "Volledigheid, op meer manieren samengevat" if nl else "Completeness, summarised in several ways"
    said = "; ".join(
        f"{names[n][language]} {publication.cell(f'completeness.{n}.share.all', language=language)}" for n in shown
    )
    alt = (
        f"Punten met een streep voor wat niet geregistreerd is. {said}."
        if nl
        else f"Points with a bar for what is not recorded. {said}."
    )
    return exhibit("composites", figure, title, alt, header, rows, publication, language=language)


def completeness_by_unit(publication: Publication, *, language: str) -> Exhibit | None:
    """Pooled completeness by unit, in code-list order."""
    nl = language == "nl"
    return by_unit(
        publication,
        "completeness.opportunity.share",
        name="completeness_by_unit",
        title="Volledigheid per eenheid" if nl else "Completeness by unit",
        axis="aandeel gedaan van de nodige stappen" if nl else "share done of the steps needed",
        headers=("Aandeel", "Nodige stappen") if nl else ("Share", "Steps needed"),
        count="denominator",
        reference="completeness.opportunity.share.all",
        language=language,
    )


def _steps(publication: Publication) -> list[str]:
    """Step codes with a share, in the order of the procedure when the labels give it."""
    found = {
        i.split(".")[1][5:] for i in publication.ledger.index if re.fullmatch(r"completeness\.step_\w+\.share\.all", i)
    }
    listed = [code for code in publication.codes("step") if code in found]
    return listed + sorted(found - set(listed))


def _step_name(publication: Publication, code: str, language: str) -> str:
    label = publication.label("step", code, language=language)
    return code.upper() if label == code else label


def _part(publication: Publication, score_id: str) -> float | None:
    """Return a share: the number itself, or a count divided by its denominator."""
    value = publication.estimate(score_id)
    if value is None or publication.row(score_id)["unit"] == "share":
        return value
    whole = publication.number(score_id, "denominator") or publication.number(score_id, "n")
    return value / whole if whole else None
