"""Sphinx extension: numbers in the text come from the ledger, or the build fails.

Roles
-----
``{num}`duration.total_gross.median.all` `` prints the number as the ledger writes it, as
a link to its estimand card; ``{interval}``, ``{n}``, ``{events}``, ``{numerator}`` and
``{denominator}`` print what belongs to it. A number that is hidden or refused prints a
plain phrase. An id that the ledger does not know is an error. ``{manifest}`title` ``
prints a field of the manifest (`title`, `agency`, `as_of`, `period`), and
``{chapter}`duration` `` the title of a chapter, as a link when the chapter is there.

Directives
----------
``{when}`` keeps its content if a condition holds: `published ID`, `hidden ID`,
`chapter NAME`, `synthetic`, `national`, or one of these after `not`. ``{words}`` puts in one of the
sentences of `book.words`, chosen by the numbers.

The summary is read back before it is written: a digit in it that came from neither the
ledger nor the manifest, and is not on the list `ALLOWED`, is an error.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

from book.chapters import TITLES, card_label, present
from book.ledger import Publication, manifest_text, read_publication
from book.words import WORDS
from data_contracts.errors import ToetssteenError

LOGGER = logging.getLogger(__name__)
SUMMARY = "index"

# Digits that the summary may carry without a ledger id: dates, documents, articles, standards.
_MONTH = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
ALLOWED = (
    rf"\b\d{{1,2}} (?:{_MONTH}) \d{{4}}\b",  # a date in words
    r"\b3072810\b",  # reference of the letter of 5 November 2020
    r"\b28 ?844, nr\. 220\b",  # Kamerstuk of the follow-up letter
    r"\b(?:artikel|article|art\.) \d+\b",  # an article of a law
    r"95(?:\u00a0| )?%",  # the level of the intervals
)


class NumberRole(SphinxRole):
    """Print a ledger number, or one of the counts or the interval that belongs to it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as a link to its estimand card."""
        publication = publication_of(self.config)
        score_id, language = self.text.strip(), self.config.language
        try:
            row = publication.row(score_id)
            if self.name == "num":
                text = publication.text(score_id, language=language)
            elif self.name == "interval":
                text = publication.interval(score_id, language=language)
            else:
                text = publication.count(score_id, self.name, language=language)
        except ToetssteenError as fault:
            message = self.inliner.reporter.error(str(fault), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        inline = nodes.inline(self.rawtext, text, classes=["tt-number"], ledger=score_id)
        if self.name != "num":
            return [inline], []
        link = addnodes.pending_xref(
            "", inline, refdomain="", reftype="card", reftarget=card_label(str(row["estimand"])), refwarn=True,
            refdoc=self.env.docname, ledger=score_id,
        )  # fmt: skip
        return [link], []


class ManifestRole(SphinxRole):
    """Print a field of the manifest."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the field as text that did not need the ledger."""
        try:
            text = manifest_text(publication_of(self.config), self.text.strip(), language=self.config.language)
        except KeyError:
            message = self.inliner.reporter.error(f"manifest: {self.text}?", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.inline(self.rawtext, text, ledger="manifest")], []


class ReasonRole(SphinxRole):
    """Print why a measure is not in this publication, by its place in refusals.json."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the sentence as text that did not need the ledger."""
        reason = publication_of(self.config).refusals[int(self.text)]["reason"][self.config.language]
        return [nodes.inline(self.rawtext, reason, ledger="refusals")], []


class ChapterRole(SphinxRole):
    """Print the title of a chapter, as a link when this book has it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the title or the link."""
        name = self.text.strip()
        title = TITLES[name][self.config.language]
        if name not in present(publication_of(self.config)):
            return [nodes.emphasis(self.rawtext, title)], []
        link = addnodes.pending_xref(
            "", nodes.inline(self.rawtext, title), refdomain="std", reftype="doc", reftarget=f"/{name}",
            refexplicit=True, refwarn=True, refdoc=self.env.docname,
        )  # fmt: skip
        return [link], []


class When(SphinxDirective):
    """Keep the content if the condition holds for this publication."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return the content, or nothing."""
        try:
            holds = condition(self.arguments[0], publication_of(self.config))
        except ValueError as fault:
            raise self.error(str(fault)) from fault
        if not holds:
            return []
        node = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, node)
        return node.children


class Words(SphinxDirective):
    """Put in a sentence of `book.words`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the parsed sentences, or nothing when the function has nothing to say."""
        name = self.arguments[0]
        if name not in WORDS:
            raise self.error(f"words: {name}?")
        text = WORDS[name](publication_of(self.config), language=self.config.language)
        node = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), f"words:{name}"), self.content_offset, node)
        return node.children


def condition(text: str, publication: Publication) -> bool:
    """Tell whether a condition of `{when}` holds; `ValueError` for one that is not understood."""
    negated = text.startswith("not ")
    verb, _space, rest = text.removeprefix("not ").partition(" ")
    if verb == "published":
        holds = publication.published(rest)
    elif verb == "any":
        holds = publication.any_published(rest)
    elif verb == "hidden":
        holds = publication.known(rest) and not publication.published(rest)
    elif verb == "chapter" and rest in TITLES:
        holds = rest in present(publication)
    elif text.removeprefix("not ") in ("synthetic", "national"):
        holds = publication.national() if verb == "national" else bool(publication.manifest.get("synthetic"))
    else:
        raise ValueError(f"when: {text}?")
    return holds is not negated


def bare_numbers(doctree: nodes.document) -> list[str]:
    """Return the pieces of text with a digit that came from neither ledger nor manifest."""
    found = []
    for text in doctree.findall(nodes.Text):
        ancestor: nodes.Node | None = text.parent
        while ancestor is not None and not (isinstance(ancestor, nodes.Element) and ancestor.get("ledger")):
            ancestor = ancestor.parent
        if ancestor is None:
            rest = re.sub("|".join(ALLOWED), "", text.astext())
            found += [f"…{match[0]}…" for match in re.finditer(r".{0,20}\d.{0,20}", rest)]
    return found


def publication_of(config: Any) -> Publication:
    """Return the publication that this build prints."""
    return _read(config.toetssteen_publication)


@cache
def _read(folder: str) -> Publication:
    return read_publication(Path(folder))


def _check_summary(app: Sphinx, doctree: nodes.document) -> None:
    if app.env.docname == SUMMARY:
        for piece in bare_numbers(doctree):
            LOGGER.warning("bare number in the summary: %s", piece, location=app.env.docname, type="ledger")


def _card(app: Sphinx, env: Any, node: addnodes.pending_xref, inside: nodes.inline) -> nodes.reference | None:
    """Link a number to its estimand card, with the ledger id as its title."""
    if node["reftype"] != "card" or node["reftarget"] not in env.domains["std"].anonlabels:
        return None
    page, label = env.domains["std"].anonlabels[node["reftarget"]]
    return make_refnode(app.builder, node["refdoc"], page, label, inside, title=node["ledger"])


def _page(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Give every page its twin in the other language, and its tables their scopes."""
    other = "en" if app.config.language == "nl" else "nl"
    context["tt_twin"] = f"../{other}/{pagename}.html"
    context["tt_twin_language"] = other
    context["tt_twin_text"] = {"en": "English", "nl": "Nederlands"}[other]
    if body := context.get("body"):
        body = re.sub(r'<th class="head', r'<th scope="col" class="head', body)
        context["body"] = re.sub(r'<th class="stub', r'<th scope="row" class="stub', body)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register roles, directives and the check of the summary."""
    app.add_config_value("toetssteen_publication", "", "env", str)
    app.add_config_value("comments_config", {}, "", dict)  # set by Jupyter Book for an extension we leave out
    for name in ("num", "interval", "n", "events", "numerator", "denominator"):
        app.add_role(name, NumberRole())
    app.add_role("manifest", ManifestRole())
    app.add_role("reason", ReasonRole())
    app.add_role("chapter", ChapterRole())
    app.add_directive("when", When)
    app.add_directive("words", Words)
    app.connect("doctree-read", _check_summary)
    app.connect("missing-reference", _card)
    app.connect("html-page-context", _page)
    if (words := Path(app.srcdir) / "locale").is_dir():
        app.add_message_catalog("sphinx", str(words))
        app.add_message_catalog("booktheme", str(words))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
