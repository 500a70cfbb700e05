"""The sentences of a comparison: for each finding how grave it is, whether time explains it, and the words.

`{n}` of `{of}`; what else a sentence names is filled in by `comparison_findings`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """Severity of a finding (`grave` when it is large), whether it is to be expected, and its words."""

    severity: str
    nl: str
    en: str
    grave: str = ""
    expected: bool = False


SENTENCES = {
    "same_file": Sentence(
        "error",
        "Leveringen die aan beide kanten staan en precies gelijk zijn: {n}. Hier is een levering met zichzelf "
        "vergeleken; kies de eerdere levering opnieuw.",
        "Deliveries that are on both sides and exactly alike: {n}. A delivery was compared with itself; choose the "
        "earlier delivery again.",
    ),
    "moments_swapped": Sentence(
        "error",
        "Bij {n} van de {of} eenheden ligt het uittrekmoment van de nieuwe levering voor dat van de eerdere (eenheid "
        "{unit}: {later} tegen {earlier}). Zijn de twee verwisseld?",
        "For {n} of the {of} units the new delivery was extracted before the earlier one (unit {unit}: {later} "
        "against {earlier}). Were the two swapped?",
    ),
    "moments_same": Sentence(
        "warning",
        "Bij {n} van de {of} eenheden hebben beide leveringen hetzelfde uittrekmoment ({day}). Elk verschil komt dan "
        "door de export, niet door het werk.",
        "For {n} of the {of} units both deliveries have the same extraction moment ({day}). Any difference then comes "
        "from the export, not from the work.",
    ),
    "units_gone": Sentence(
        "warning",
        "Eenheden die eerder leverden en nu niet: {names}. Hun zaken zijn niet als verdwenen geteld.",
        "Units that delivered earlier and do not now: {names}. Their cases do not count as vanished.",
    ),
    "units_came": Sentence(
        "info",
        "Eenheden die nu voor het eerst leveren: {names}.",
        "Units that deliver for the first time: {names}.",
        expected=True,
    ),
    "cohort_differs": Sentence(
        "warning",
        "De cohortbasis is anders dan eerder ({names}). Er staan dan andere zaken in: aantallen, verdwenen zaken en "
        "verdelingen zijn maar deels te vergelijken.",
        "The cohort basis differs from the earlier one ({names}). It then holds other cases: numbers, vanished cases "
        "and distributions can only partly be compared.",
    ),
    "counting_unit_differs": Sentence(
        "warning",
        "De teleenheid is anders dan eerder ({names}). Eén regel is nu iets anders: verdwenen zaken, rijen en "
        "aantallen zijn niet te vergelijken.",
        "The counting unit differs from the earlier one ({names}). One row is now something else: vanished cases, "
        "rows and numbers cannot be compared.",
    ),
    "period_differs": Sentence(
        "info",
        "De periode begint op een andere dag dan eerder ({names}). Zaken die daardoor buiten de periode vallen, "
        "tellen niet als verdwenen.",
        "The period starts on another day than before ({names}). Cases that fall outside it for that reason do not "
        "count as vanished.",
    ),
    "period_ends_earlier": Sentence(
        "warning",
        "De periode eindigt eerder dan in de vorige levering ({names}). Controleer periode_tot.",
        "The period ends earlier than in the previous delivery ({names}). Check periode_tot.",
    ),
    "version_differs": Sentence(
        "info",
        "De contractversie is anders dan eerder ({names}).",
        "The contract version differs from the earlier one ({names}).",
    ),
    "table_went": Sentence(
        "warning",
        "Het blad {sheet} zat in de eerdere levering en nu niet. Lever het weer mee, of zeg waarom het vervalt.",
        "The sheet {sheet} was in the earlier delivery and is not now. Deliver it again, or say why it is dropped.",
    ),
    "table_came": Sentence("info", "Het blad {sheet} is nieuw.", "The sheet {sheet} is new.", expected=True),
    "column_went": Sentence(
        "warning",
        "Blad {sheet}: kolommen die er eerder waren en nu niet: {names}. Controleer of de export ze nog meeneemt.",
        "Sheet {sheet}: columns that were there before and are not now: {names}. Check whether the export still has "
        "them.",
    ),
    "column_came": Sentence(
        "info", "Blad {sheet}: nieuwe kolommen: {names}.", "Sheet {sheet}: new columns: {names}.", expected=True
    ),
    "cases_respelled": Sentence(
        "error",
        "Vrijwel geen zaaknummer van de eerdere levering staat in de nieuwe. Zonder hoofdletters, leestekens en "
        "voorloopnullen komen ze wel overeen: schrijf de nummers weer zoals eerder. Rijen zijn nu niet te vergelijken.",
        "Hardly a case number of the earlier delivery is in the new one. Without capitals, punctuation and leading "
        "zeros they do agree: write the numbers as before. Rows cannot be compared now.",
    ),
    "cases_renewed": Sentence(
        "error",
        "Vrijwel geen zaaknummer van de eerdere levering staat in de nieuwe. Zijn het leveringen van dezelfde "
        "eenheid, en komen de nummers uit hetzelfde systeem? Rijen zijn nu niet te vergelijken.",
        "Hardly a case number of the earlier delivery is in the new one. Are these deliveries of the same unit, and "
        "do the numbers come from the same system? Rows cannot be compared now.",
    ),
    "pseudonyms_renewed": Sentence(
        "warning",
        "Vrijwel geen pseudoniem van de eerdere levering staat in de nieuwe, de zaken wel: er is met een andere "
        "sleutel gepseudonimiseerd. Betrokkenen zijn daarom per zaak vergeleken. Gebruik steeds dezelfde sleutel.",
        "Hardly a pseudonym of the earlier delivery is in the new one, though the cases are: another key was used. "
        "Subjects were therefore compared by case. Always use the same key.",
    ),
    "numbers_renewed": Sentence(
        "warning",
        "Blad {sheet}: vrijwel geen nummer van de eerdere levering komt terug. De nummers zijn opnieuw uitgegeven; "
        "rijen van dit blad zijn niet vergeleken.",
        "Sheet {sheet}: hardly a number of the earlier delivery recurs. The numbers were given out anew; rows of this "
        "sheet were not compared.",
    ),
    "vanished": Sentence(
        "warning",
        "{n} van de {of} zaken ({share}) die weer geleverd hadden moeten worden, zijn verdwenen (eerder lopend: "
        "{open}, afgesloten: {closed}; meeste: {top}). Verdwenen lopende zaken maken de duur te kort, verdwenen "
        "afgesloten zaken vertekenen de uitkomsten. Zoek uit waarom ze ontbreken.",
        "{n} of the {of} cases ({share}) that should have been delivered again are gone (open before: {open}, closed: "
        "{closed}; most: {top}). Open cases that vanish make the duration too short, closed ones bias the outcomes. "
        "Find out why they are missing.",
        grave="error",
    ),
    "not_due": Sentence(
        "info",
        "Zaken van eerder die ontbreken en er niet meer in hoeven: {n}. Zij vallen buiten de periode, het cohort of "
        "de leverende eenheden.",
        "Earlier cases that are missing and need not be there: {n}. They fall outside the period, the cohort or the "
        "delivering units.",
        expected=True,
    ),
    "reopened": Sentence(
        "warning",
        "Zaken die eerder afgesloten waren en nu open staan: {n} van de {of}. Bevestig dat ze heropend zijn; een "
        "gewiste einddatum laat een zaak ten onrechte doorlopen.",
        "Cases that were closed before and are open now: {n} of the {of}. Confirm that they were reopened; an end "
        "date that was wiped lets a case run on wrongly.",
    ),
    "closed_moved": Sentence(
        "warning",
        "Bij {n} van de {of} zaken is {header} verschoven{shift}. Hun duur verandert daarmee achteraf.",
        "For {n} of the {of} cases {header} has moved{shift}. That changes their duration afterwards.",
    ),
    "opened_moved": Sentence(
        "warning",
        "Bij {n} van de {of} zaken is {header} verschoven{shift}. Het begin van een zaak hoort vast te staan.",
        "For {n} of the {of} cases {header} has moved{shift}. The start of a case should be fixed.",
    ),
    "late": Sentence(
        "info",
        "Zaken die te laat geregistreerd zijn voor de eerdere levering: {n} (dagen tussen begin en eerdere "
        "uitdraai, en hoeveel zaken: {bands}). De eerdere levering telde ze niet mee.",
        "Cases that were registered too late for the earlier delivery: {n} (days between start and earlier "
        "extraction, and how many cases: {bands}). The earlier delivery did not count them.",
        grave="warning",
    ),
    "widened": Sentence(
        "info",
        "Oudere zaken die erbij gekomen zijn doordat de levering meer omvat dan eerder: {n}.",
        "Older cases that were added because the delivery covers more than before: {n}.",
        expected=True,
    ),
    "new": Sentence(
        "info",
        "Nieuwe zaken van na de eerdere uitdraai: {n}.",
        "New cases from after the earlier extraction: {n}.",
        expected=True,
    ),
    "closed_since": Sentence(
        "info",
        "Zaken die nog liepen en nu afgesloten zijn: {n}.",
        "Cases that were open and are closed now: {n}.",
        expected=True,
    ),
    "closed_late": Sentence(
        "info",
        "Van de {of} zaken die sindsdien afgesloten zijn, waren er volgens de einddatum {n} al voor de eerdere "
        "uitdraai afgesloten: hun einde is te laat geregistreerd.",
        "Of the {of} cases closed since, {n} had by their end date ended before the earlier extraction: their end was "
        "registered late.",
    ),
    "outcome_changed": Sentence(
        "warning",
        "Bij {n} van de {of} gedragingen waarover al was beslist is de bevinding, de straf of de besluitdatum daarna "
        "veranderd, zonder uitkomst van een bezwaar.",
        "For {n} of the {of} allegations that were already decided the finding, penalty or decision date changed "
        "afterwards, without the result of an objection.",
    ),
    "outcome_by_objection": Sentence(
        "info",
        "Bij {n} van de {of} besliste gedragingen is de straf veranderd nadat op bezwaar was beslist.",
        "For {n} of the {of} decided allegations the penalty changed after an objection was decided.",
        expected=True,
    ),
    "keys_unclear": Sentence(
        "warning",
        "Blad {sheet}: rijen die niet te vergelijken zijn, omdat hun nummer ontbreekt of vaker voorkomt: {earlier} "
        "van eerder en {later} van nu.",
        "Sheet {sheet}: rows that cannot be compared, because their number is missing or stands there more than "
        "once: {earlier} of then and {later} of now.",
    ),
    "rows_lost": Sentence(
        "info",
        "Blad {sheet}: rijen die weg zijn terwijl hun zaak er nog is: {n} van de {of} ({share}).",
        "Sheet {sheet}: rows that are gone although their case is still there: {n} of the {of} ({share}).",
        grave="warning",
    ),
    "nothing_changed": Sentence(
        "warning",
        "Geen enkele rij verschilt van de eerdere levering. Is dit dezelfde export met een ander uittrekmoment?",
        "Not a row differs from the earlier delivery. Is this the same export with another extraction moment?",
    ),
    "emptied": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: in {n} van de {of} rijen die terugkomen ({share}) is de cel nu leeg die eerder "
        "gevuld was.",
        "Sheet {sheet}, column {header}: in {n} of the {of} rows that recur ({share}) a cell that was filled is empty "
        "now.",
    ),
    "reference_changed": Sentence(
        "warning",
        "Blad {sheet}: {n} van de {of} nummers die terugkomen ({share}) wijzen in kolom {header} nu naar iets anders. "
        "Het lijkt of elke export de nummers opnieuw uitdeelt.",
        "Sheet {sheet}: {n} of the {of} numbers that recur ({share}) now point to something else in column {header}. "
        "It looks as if each export gives out the numbers anew.",
    ),
    "recoded": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: in {n} van de {of} rijen die terugkomen ({share}) staat nu een andere code; "
        "vaakst {was} → {now} ({rows} keer).",
        "Sheet {sheet}, column {header}: in {n} of the {of} rows that recur ({share}) stands another code now; mostly "
        "{was} → {now} ({rows} times).",
    ),
    "code_gone": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: code {code} stond {n} keer in de eerdere levering en komt niet meer voor.",
        "Sheet {sheet}, column {header}: code {code} stood {n} times in the earlier delivery and no longer occurs.",
    ),
    "code_came": Sentence(
        "info",
        "Blad {sheet}, kolom {header}: code {code} kwam eerder niet voor en staat er nu {n} keer.",
        "Sheet {sheet}, column {header}: code {code} did not occur before and stands there {n} times now.",
    ),
    "codes_moved": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: de codes in de nieuwste rijen zijn anders verdeeld dan in de nieuwste rijen "
        "van toen ({n} tegen {of} rijen): {points} van de 100 rijen zouden een andere code moeten hebben om gelijk "
        "te zijn.",
        "Sheet {sheet}, column {header}: the codes in the newest rows are distributed otherwise than in the newest "
        "rows of then ({n} against {of} rows): {points} of 100 rows would need another code to be alike.",
    ),
    "missing_moved": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: het deel lege cellen in de nieuwste rijen verschilt {points} procentpunt van "
        "de nieuwste rijen van toen ({n} tegen {of} rijen).",
        "Sheet {sheet}, column {header}: the share of empty cells in the newest rows differs {points} percentage "
        "points from the newest rows of then ({n} against {of} rows).",
    ),
    "unreadable": Sentence(
        "warning",
        "Blad {sheet}, kolom {header}: {n} van de {of} cellen zijn onleesbaar of een onbekende code; eerder {was} van "
        "de {were}.",
        "Sheet {sheet}, column {header}: {n} of the {of} cells are unreadable or an unknown code; before, {was} of "
        "{were}.",
    ),
    "halved_unit": Sentence(
        "warning",
        "Blad {sheet}, eenheid {group}: van {earlier} naar {later} rijen. Ontbreekt er een deel van de export?",
        "Sheet {sheet}, unit {group}: from {earlier} to {later} rows. Is a part of the export missing?",
    ),
    "halved_year": Sentence(
        "warning",
        "Blad {sheet}, begonnen in {group}: van {earlier} naar {later} rijen. Ontbreekt er een deel van de export?",
        "Sheet {sheet}, started in {group}: from {earlier} to {later} rows. Is a part of the export missing?",
    ),
}  # fmt: skip
SHIFT = {"nl": ", doorgaans {days} dagen", "en": ", typically {days} days"}
