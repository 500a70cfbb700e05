"""Build the book, Dutch and English, from a publication and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import sphinx
import yaml
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from book.chapters import present
from book.generated import OPEN_DATA, PARTS
from book.ledger import LANGUAGES, Publication, manifest_text, read_publication
from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.writing import whole_folder

HERE = Path(__file__).parent
_MADE_UP = {
    "nl": "Dit zijn verzonnen gegevens. Geen enkel getal in dit boek gaat over echte zaken of mensen.",
    "en": "These data are made up. No number in this book is about real cases or people.",
}
_STRINGS = {
    "nl": {"search": "Zoek in dit boek", "contents": "Op deze pagina", "open_data": "Open data"},
    "en": {"search": "Search this book", "contents": "On this page", "open_data": "Open data"},
}
_NOT_PUBLISHED = shutil.ignore_patterns(".buildinfo", ".doctrees", "objects.inv", "_sources")
_SHOWN_FAULTS = 5


def build(publication: Path, out: Path) -> None:
    """Write the sites `out/nl` and `out/en`.

    Everything is made in a temporary folder and put in place whole: after a fault the
    earlier site is still there, untouched.

    Parameters
    ----------
    publication : Path
        A publication folder.
    out : Path
        The site. An earlier site in the same place is replaced.

    Raises
    ------
    UnreadableInput
        When the publication is missing or damaged.
    WrongUse
        When `out` is something else than a site, or a chapter is at fault: an unknown
        ledger id, a bare number in the summary, a broken link, a cell that raises.
    """
    publication, out = publication.resolve(), out.resolve()
    read = read_publication(publication)
    if out == publication or publication in out.parents or out in publication.parents:
        raise WrongUse(_("Het boek en de publicatie kunnen niet in dezelfde map staan. Kies een andere map."))
    with whole_folder(out, marks=LANGUAGES) as site, tempfile.TemporaryDirectory(prefix="tt-book-") as temporary:
        sources = [Path(temporary) / language for language in LANGUAGES]
        for source in sources:
            lay_out(read, source, language=source.name)
        running = [_start(source, Path(temporary)) for source in sources]
        try:
            faults = [fault for at, process in enumerate(running) for fault in _faults(sources[at], process)]
        finally:
            for process in running:
                process.kill()
        if faults:
            shown = "\n".join(f"- {fault}" for fault in faults[:_SHOWN_FAULTS])
            raise WrongUse(_("Het boek is niet gemaakt, want er staat iets in dat niet klopt:\n{faults}", faults=shown))
        for language in LANGUAGES:
            made = Path(temporary) / language / "_build" / "html"
            shutil.copytree(made, site / language, ignore=_NOT_PUBLISHED)
        _open_data(read, site)
        (site / "index.html").write_text(_front_page(read), encoding="utf-8")


def lay_out(publication: Publication, source: Path, *, language: str) -> None:
    """Put the sources of one language in `source`, ready for Jupyter Book."""
    source.mkdir(parents=True)
    names = present(publication)
    for name in names:
        shutil.copyfile(HERE / language / f"{name}.md", source / f"{name}.md")
    (source / "generated").mkdir()
    for name, part in PARTS.items():
        (source / "generated" / f"{name}.md").write_text(part(publication, language=language) + "\n", encoding="utf-8")
    (source / "_static").mkdir()
    shutil.copyfile(HERE / "assets" / "toetssteen.css", source / "_static" / "toetssteen.css")
    _interface_words(source / "locale" / language / "LC_MESSAGES", language)
    (source / "publication").symlink_to(publication.folder, target_is_directory=True)
    toc = {"format": "jb-book", "root": names[0], "chapters": [{"file": name} for name in names[1:]]}
    (source / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    settings = _settings(publication, language)
    (source / "_config.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def _settings(publication: Publication, language: str) -> dict[str, Any]:
    title = manifest_text(publication, "title", language=language)
    words = _STRINGS[language]
    theme: dict[str, Any] = {
        "search_bar_text": words["search"],
        "toc_title": words["contents"],
        "logo": {"text": title},
        "use_download_button": False,
        "use_fullscreen_button": False,
        "use_source_button": False,
        "use_issues_button": False,
        "use_repository_button": False,
        "show_toc_level": 2,
        "home_page_in_toc": True,
        "article_header_end": ["twin.html", "article-header-buttons.html"],
        "footer_content_items": ["edition.html"],
        "pygments_light_style": "a11y-high-contrast-light",
        "pygments_dark_style": "a11y-high-contrast-dark",
    }
    if publication.manifest.get("synthetic"):
        theme["announcement"] = f'<p role="note" class="tt-made-up">{_MADE_UP[language]}</p>'
    stand = manifest_text(publication, "as_of", language=language)
    return {
        "title": title,
        "author": "",
        "copyright": "",
        "only_build_toc_files": True,
        "exclude_patterns": ["publication", "generated", "locale", "_build"],
        "execute": {"execute_notebooks": "force", "run_in_temp": False, "timeout": 120, "raise_on_error": True},
        "parse": {"myst_enable_extensions": ["colon_fence", "deflist"]},
        "sphinx": {
            "config": {
                "extensions": [
                    "myst_nb", "jupyter_book", "sphinx_external_toc", "sphinx_book_theme", "book.ledger_numbers",
                    "book.local_kernels",
                ],
                "language": language,
                "locale_dirs": ["locale"],
                "templates_path": [str(HERE / "assets" / "templates")],
                "html_theme_options": theme,
                "html_copy_source": False,
                "html_show_sourcelink": False,
                "html_show_copyright": False,
                "html_show_sphinx": False,
                "html_show_search_summary": False,  # its excerpts are fetched, which fails on pages opened from disk
                "html_last_updated_fmt": None,
                "html_use_index": False,
                "html_domain_indices": False,
                "html_permalinks": False,
                "html_context": {
                    "default_mode": "auto",
                    "tt_edition": {"nl": f"Peildatum {stand}", "en": f"Reference date {stand}"}[language],
                    "tt_title": title,
                },
                "nb_execution_raise_on_error": True,
                "nb_execution_show_tb": False,
                "numfig": False,
                "suppress_warnings": [],
                "toetssteen_publication": str(publication.folder),
            }
        },
    }  # fmt: skip


def _interface_words(folder: Path, language: str) -> None:
    """Compile the words that theme and Sphinx lack, for pages (mo) and scripts (js)."""
    own = HERE / "assets" / "locale" / f"{language}.po"
    if not own.is_file():
        return
    folder.mkdir(parents=True)
    with own.open("rb") as file:
        ours = read_po(file, locale=language)
    shipped = Path(sphinx.__file__).parent / "locale" / language / "LC_MESSAGES" / "sphinx.po"
    with shipped.open("rb") as file:
        words = {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.string}
    words |= {str(message.id): str(message.string) for message in ours if message.id}
    for name in ("sphinx", "booktheme"):
        with (folder / f"{name}.mo").open("wb") as compiled:
            write_mo(compiled, ours)
    script = {"locale": language, "messages": words, "plural_expr": "(n != 1)"}
    (folder / "sphinx.js").write_text(
        f"Documentation.addTranslations({json.dumps(script, ensure_ascii=False)});\n", encoding="utf-8"
    )


def _start(source: Path, temporary: Path) -> subprocess.Popen[bytes]:
    """Start Jupyter Book on one language; both languages run side by side."""
    command = [
        sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(source),
        "-W", "-n", "--keep-going", "-q",
    ]  # fmt: skip
    own = temporary / f"home-{source.name}"
    for folder in ("run", "tmp"):
        (own / folder).mkdir(parents=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH", "")])),
        "PYTHONWARNINGS": "ignore",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "run"),
        "TMPDIR": str(own / "tmp"),
        "LC_ALL": "C.UTF-8",
    }
    with _log(source).open("wb") as log:
        return subprocess.Popen(
            command, cwd=source, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def _log(source: Path) -> Path:
    return source.with_suffix(".log")


def _faults(source: Path, process: subprocess.Popen[bytes]) -> list[str]:
    """Wait for one build; return what went wrong, one line a fault."""
    if process.wait() == 0:
        return []
    text = re.sub(r"\x1b\[[0-9;]*m", "", _log(source).read_text(encoding="utf-8", errors="replace"))
    text = text.replace(f"{source}{os.sep}", "")
    found = re.findall(r"^(.*(?:WARNING|ERROR|CRITICAL): .*)$", text, re.MULTILINE)
    for chapter in dict.fromkeys(re.findall(r"ExecutionError: (\S+\.md)$", text, re.MULTILINE)):
        raised = re.findall(r"^(\w+: .+)$", text, re.MULTILINE)
        found.append(f"{chapter}: {raised[-1] if raised else 'cell'}")
    return [f"{source.name}/{line}" for line in dict.fromkeys(found)] or [f"{source.name}: {_last_line(text)}"]


def _last_line(text: str) -> str:
    """Return the last line with a letter in it."""
    return next((line.strip() for line in reversed(text.splitlines()) if re.search("[a-z]", line)), "?")


def _open_data(publication: Publication, site: Path) -> None:
    """Put the open data beside both languages: the ledger, its tables and their description."""
    target = site / "data"
    target.mkdir()
    for name in OPEN_DATA:
        if (publication.folder / name).is_file():
            shutil.copyfile(publication.folder / name, target / name)
    if (publication.folder / "tables").is_dir():
        shutil.copytree(publication.folder / "tables", target / "tables")


def _front_page(publication: Publication) -> str:
    """Return the page that offers the two languages."""
    links = "".join(
        f'<li><a href="{language}/index.html" hreflang="{language}" lang="{language}">'
        f"{escape(name)}: {escape(manifest_text(publication, 'title', language=language))}</a></li>"
        for language, name in (("nl", "Nederlands"), ("en", "English"))
    )
    title = escape(manifest_text(publication, "title", language="nl"))
    made_up = f"<p>{_MADE_UP['nl']}</p>" if publication.manifest.get("synthetic") else ""
    style = (
        "body{font:1.1rem/1.6 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b}a{color:#0a4f8f}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="nl"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
        f"<body><main><h1>{title}</h1>{made_up}<ul>{links}</ul></main></body></html>\n"
    )
