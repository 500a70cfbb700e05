"""Styles added to a workbook: each a copy of the cell's own style with a fill, an edge or a strike on top."""

from copy import deepcopy
from typing import Any

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

# fill pattern and colour, edge style and colour: the edges differ too, for who sees no colour
LOOKS = {
    "error": ("solid", "FFFFC7CE", "medium", "FFA4161A"),
    "warning": ("solid", "FFFFEB9C", "mediumDashed", "FF7A4B00"),
    "info": ("solid", "FFDDEBF7", "dotted", "FF154273"),
    "left_out": ("lightUp", "FF9A9A9A", "", ""),
    "title": ("", "", "", ""),
    "heading": ("solid", "FFE7E6E6", "thin", "FF767676"),
    "text": ("", "", "", ""),
    "plain": ("", "", "", ""),
    "link": ("", "", "", ""),
}
FONTS: dict[str, dict[str, str | None]] = {
    "title": {"b": None, "sz": "16"},
    "heading": {"b": None},
    "link": {"u": None, "color": "FF0563C1"},
}
_FONT_ORDER = ("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name")


class UnmarkableError(ValueError):
    """A workbook that is legal to read and that cannot be marked in place."""


class Styles:
    """The style sheet of a workbook, to which looks are added while its cells are marked."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._formats = self._part("cellXfs")
        self._numbers: dict[tuple[int, str, bool], int] = {}

    def _part(self, name: str) -> Any:
        part = self.root.find(f"{{{MAIN}}}{name}")
        if part is None or not len(part):
            raise UnmarkableError(name)
        return part

    def number(self, base: int, look: str, *, struck: bool = False) -> int:
        """Return the number of the style `base` with a look on top."""
        key = (base if base < len(self._formats) else 0, look, struck)
        if key not in self._numbers:
            self._numbers[key] = self._add(*key)
        return self._numbers[key]

    def _add(self, base: int, look: str, struck: bool) -> int:
        style = deepcopy(self._formats[base])
        pattern, colour, edge, edge_colour = LOOKS[look]
        if pattern:
            style.set("fillId", str(self._fill(pattern, colour)))
            style.set("applyFill", "1")
        if edge:
            style.set("borderId", str(self._border(edge, edge_colour)))
            style.set("applyBorder", "1")
        changes = FONTS.get(look, {}) | ({"strike": None} if struck else {})
        if changes:
            style.set("fontId", str(self._font(int(style.get("fontId", "0")), changes)))
            style.set("applyFont", "1")
        if look in ("text", "heading", "link", "title"):
            self._wrap(style, wrap=look in ("text", "heading"))
        return self._append(self._formats, style)

    def _wrap(self, style: Any, *, wrap: bool) -> None:
        for alignment in style.findall(f"{{{MAIN}}}alignment"):
            style.remove(alignment)
        alignment = style.makeelement(
            f"{{{MAIN}}}alignment", {"vertical": "top", **({"wrapText": "1"} if wrap else {})}
        )
        style.insert(0, alignment)
        style.set("applyAlignment", "1")

    def _fill(self, pattern: str, colour: str) -> int:
        fills = self._part("fills")
        fill = fills.makeelement(f"{{{MAIN}}}fill")
        inner = self._child(fill, "patternFill", patternType=pattern)
        self._child(inner, "fgColor", rgb=colour)
        self._child(inner, "bgColor", **({"indexed": "64"} if pattern == "solid" else {"rgb": "FFF2F2F2"}))
        return self._append(fills, fill)

    def _border(self, edge: str, colour: str) -> int:
        borders = self._part("borders")
        border = borders.makeelement(f"{{{MAIN}}}border")
        for side in ("left", "right", "top", "bottom"):
            self._child(self._child(border, side, style=edge), "color", rgb=colour)
        self._child(border, "diagonal")
        return self._append(borders, border)

    def _font(self, base: int, changes: dict[str, str | None]) -> int:
        fonts = self._part("fonts")
        font = deepcopy(fonts[base if base < len(fonts) else 0])
        for tag, value in changes.items():
            for old in font.findall(f"{{{MAIN}}}{tag}"):
                font.remove(old)
            attribute = "rgb" if tag == "color" else "val"
            self._child(font, tag, **({attribute: value} if value else {}))
        rank = {f"{{{MAIN}}}{tag}": place for place, tag in enumerate(_FONT_ORDER)}
        font[:] = sorted(font, key=lambda child: rank.get(child.tag, len(rank)))
        return self._append(fonts, font)

    @staticmethod
    def _child(parent: Any, tag: str, **attributes: str) -> Any:
        child = parent.makeelement(f"{{{MAIN}}}{tag}", attributes)
        parent.append(child)
        return child

    @staticmethod
    def _append(part: Any, child: Any) -> int:
        part.append(child)
        part.set("count", str(len(part)))
        return len(part) - 1
