"""Names that a department could send, by mistake or on purpose."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from archive_schema.outputs import CoverageEvidence, CoverageUnplaced
from archive_schema.report import CoverageReport, FormProblem, InboxNote, ShownFinding, piece_key
from archive_schema.words import PlacementStatus, Severity
from tests.reports import example

NAMES = (
    "<script>alert(1)</script>.pdf",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "a\u202egnp.exe",
    "第一行\n第二行\r=1+1",
    "空\x00字节\x07\x1b[31m红",
    "坏\udcff\udc80字节.pdf",
    "\ufffe\uffff非字符",
    "长" * 5000,
    "9" * 6000,
    "‮ 　 ",
    "",
)

text = st.one_of(
    st.sampled_from(NAMES),
    st.text(max_size=60),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]), max_size=20),
    st.builds(lambda head, tail: head + tail, st.sampled_from("=+-@\t\r＝＋－＠"), st.text(max_size=20)),
)


def report(names: tuple[str, ...] = NAMES) -> CoverageReport:
    """The example, with ``names`` wherever a department's words can stand."""
    base = example.report(files=3)
    cov = base.coverage
    first = cov.items[0]
    kind = first.requirements[0].kind
    evidence = [CoverageEvidence(example.sha(f"h{n}"), x, x, x, PlacementStatus.AUTO) for n, x in enumerate(names)]
    requirement = msgspec.structs.replace(first.requirements[0], evidence=evidence)
    item = msgspec.structs.replace(first, title=names[0], units=[*names], requirements=[requirement, *first.requirements[1:]])
    units = [msgspec.structs.replace(u, lead_of=[i for i in u.lead_of if i != first.id]) for u in cov.units]
    unplaced = [CoverageUnplaced(example.sha(f"u{n}"), x, x, []) for n, x in enumerate(names)]
    finding = tuple(ShownFinding("X", Severity.BLOCKING, "fail", x, x) for x in names)
    return msgspec.structs.replace(
        base,
        coverage=msgspec.structs.replace(cov, items=[item, *cov.items[1:]], units=units, unplaced=unplaced, cycle=names[-2]),
        findings=base.findings
        | {piece_key(e.sha256, e.unit, first.id, kind): finding for e in evidence}
        | {piece_key(unplaced[0].sha256, unplaced[0].unit): finding},
        notes=tuple(InboxNote(x, x, "quarantined", x, 1) for x in names),
        forms=tuple(FormProblem(x, x, x) for x in names),
        unknown_folders=dict.fromkeys(names, "") | {"文件夹": names[0]},
        city=names[1],
    )


def shuffled(value: CoverageReport, seed: int = 3) -> CoverageReport:
    """The same report with every list that a renderer sorts in another order."""
    import random

    dice = random.Random(seed)

    def mix(x: list | tuple) -> list:
        return dice.sample(list(x), len(x))

    cov = value.coverage
    items = [
        msgspec.structs.replace(
            i,
            requirements=mix([msgspec.structs.replace(r, evidence=mix(r.evidence)) for r in i.requirements]),
        )
        for i in cov.items
    ]
    changes = value.changes
    return msgspec.structs.replace(
        value,
        coverage=msgspec.structs.replace(cov, items=mix(items), units=mix(cov.units), unplaced=mix(cov.unplaced)),
        findings={k: tuple(mix(v)) for k, v in mix(list(value.findings.items()))},
        notes=tuple(mix(value.notes)),
        forms=tuple(mix(value.forms)),
        unknown_folders=dict(mix(list(value.unknown_folders.items()))),
        validation=tuple(mix(value.validation)),
        changes=changes
        and msgspec.structs.replace(
            changes,
            new=tuple(mix(changes.new)),
            gained=tuple(mix(changes.gained)),
            moved=tuple(mix(changes.moved)),
        ),
    )
