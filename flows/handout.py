"""交办单 written to a folder: two files a unit and the 总表. What lies there already and is something else is never overwritten."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from archive_schema.assignment import Assignment, Assignments
from archive_schema.errors import UsageError, system_said
from archive_schema.outputs import AssignedUnit, AssignmentsOutput
from flows import guard, replacing
from flows.assignments import assignments
from flows.workspace import Opened
from reports import assignment_docx, assignment_view, assignment_xlsx, filenames

INDEX = "交办单总表.xlsx"
_NAME = 40


def hand_out(
    o: Opened, folder: Path, *, unit: str | None = None, due: date | None = None, replace: bool = False
) -> AssignmentsOutput:
    """Write the sheets of all units, or of ``unit``, into ``folder``.

    All or nothing is refused: a file there with other content may hold what a unit filled in.

    :param replace: overwrite such files.
    :raises UsageError: no such unit; something else lies there; it is no folder for outputs (``flows.guard``); the folder cannot be written.
    """
    guard.refuse_kept(folder, o.workspace)
    made = assignments(o, unit=unit, due=due)
    names = file_names(made)
    files = rendered(made, names, index=unit is None)
    _write(folder, files, replace=replace)
    head = o.archive.head()
    return AssignmentsOutput(
        folder=str(folder.absolute()),
        cycle=o.cycle.name,
        head=head.anchor if head else None,
        index=INDEX if INDEX in files else "",
        units=[counted(a, names[a.unit]) for a in made.sheets],
        unresolved={u.folder: u.files for u in made.unresolved},
    )


def file_names(made: Assignments) -> dict[str, str]:
    """Unit → name of its files without ending, each another on every system."""
    taken: set[str] = set()
    return {a.unit: filenames.unique(f"交办单 {filenames.safe(a.unit, _NAME)}", "", taken) for a in made.sheets}


def rendered(made: Assignments, names: dict[str, str], *, index: bool = True) -> dict[str, bytes]:
    """File name → bytes."""
    files: dict[str, bytes] = {}
    for a in made.sheets:
        files[f"{names[a.unit]}.docx"] = assignment_docx.render(a)
        files[f"{names[a.unit]}.xlsx"] = assignment_xlsx.render(a)
    if index:
        title = f"{assignment_view.heading(made.sheets[0])}总表" if made.sheets else assignment_view.TITLE
        files[INDEX] = assignment_xlsx.index(made, names, title=title)
    return files


def _write(folder: Path, files: dict[str, bytes], *, replace: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = [n for n, data in files.items() if (folder / n).exists() and (folder / n).read_bytes() != data]
        if present and not replace:
            raise UsageError(
                f"{folder} holds other sheets: {present[:3]}",
                zh=f"“{folder}”里已有内容不同的交办单 {len(present)} 个，如“{present[0]}”",
                code="assignments.present",
                path=str(folder),
                hint="里面可能有单位填写的反馈:请换一个文件夹,或确认不要了再加 --replace",
            )
        for name, data in files.items():
            replacing.put(folder / name, data)
    except OSError as e:
        raise UsageError(
            f"cannot write {folder}: {e}",
            zh=f"写不了“{folder}”: {system_said(e)}",
            code="assignments.unwritable",
            path=str(folder),
            hint="请检查权限和磁盘空间,或换一个位置",
        ) from e


def counted(a: Assignment, name: str) -> AssignedUnit:
    """Its numbers, as its sheet says them."""
    return AssignedUnit(
        unit=a.unit,
        files=[f"{name}.docx", f"{name}.xlsx"],
        done=a.done,
        wanted=len(a.leading),
        contributing=len(a.helping),
        overdue=a.overdue,
        returned=len(a.returned),
        mend=len(a.to_mend),
        doubts=len(a.doubts),
        unchecked=len({u.path for u in a.to_settle}),
        kept_out=len(a.kept_out),
    )
