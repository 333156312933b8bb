"""OFD files (GB/T 33190-2016), made where they are needed."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from tests.intake import make

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_BOX = "<ofd:Area><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area>"


def text(x: float, y: float, said: str, *, size: float = 5.6, ctm: str = "", delta: str = "") -> str:
    """A text object whose base line begins at (x, y) millimetres."""
    more = (f' CTM="{ctm}"' if ctm else "", f' DeltaX="{delta}"' if delta else "")
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y - size} 150 {size}" Font="1" Size="{size}"{more[0]}>'
        f'<ofd:TextCode X="0" Y="{size}"{more[1]}>{escape(said)}</ofd:TextCode></ofd:TextObject>'
    )


def letters(x: float, y: float, said: str, size: float = 5.6) -> str:
    """Every character an object of its own, the last first: as some programs write them."""
    return "".join(reversed([text(x + n * size, y, c, size=size) for n, c in enumerate(said)]))


IMAGE = '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="3"/>'


def ofd(
    path: Path, pages: list[str], *, info: str = "", template: str = "", signed: int = 0, more: dict[str, bytes] | None = None
) -> Path:
    """``pages``: the objects of each page's only layer; ``info``: what DocInfo says; ``template``: objects below every page."""
    used = '<ofd:Template TemplateID="7" ZOrder="Background"/>' if template else ""
    common = '<ofd:TemplatePage ID="7" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    signs = "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>" if signed else ""
    listed = "".join(f'<ofd:Page ID="{n + 10}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    parts = {
        "OFD.xml": f'{_HEAD}<ofd:OFD {_NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID>{info}'
        f"</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{signs}</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{_HEAD}<ofd:Document {_NS}><ofd:CommonData>{common}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for n, objects in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{n}/Content.xml"] = _page(objects, used)
    if template:
        parts["Doc_0/Tpls/Tpl_0/Content.xml"] = _page(template, "")
    if signed:
        seals = "".join(f'<ofd:Signature ID="{n}" Type="Seal" BaseLoc="Sign_{n}/Signature.xml"/>' for n in range(signed))
        parts["Doc_0/Signs/Signatures.xml"] = f"{_HEAD}<ofd:Signatures {_NS}>{seals}</ofd:Signatures>"
    return make.zipped(path, {n: t.encode() for n, t in parts.items()} | (more or {}))


def _page(objects: str, used: str) -> str:
    layer = f'<ofd:Layer ID="5"><ofd:PageBlock ID="6">{objects}</ofd:PageBlock></ofd:Layer>'
    return f"{_HEAD}<ofd:Page {_NS}>{used}{_BOX}<ofd:Content>{layer}</ofd:Content></ofd:Page>"
