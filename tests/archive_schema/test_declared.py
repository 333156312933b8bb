"""What a city declares of the tables of its items: optional, by hand, and every fault named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from archive_schema import canonical
from archive_schema import catalogue as catalogues
from archive_schema.declared import DeclaredTable
from archive_schema.errors import DataError
from archive_schema.grid import TableFamily
from flows import replacing


def with_tables(folder: Path, text: str) -> catalogues.Catalogue:
    replacing.folder(folder, catalogues.files(catalogues.load("national-2017")))
    (folder / "tables.tsv").write_text(text, "utf-8")
    return catalogues.load(folder)


def test_no_shipped_catalogue_declares_any() -> None:
    assert all(catalogues.load(name).tables == () for name in catalogues.shipped())


def test_what_a_city_declares_is_read_and_written_again(tmp_path: Path) -> None:
    c = with_tables(tmp_path / "a", "编号\t表格类型\t应有的列\t关键列\nIII13-2\t名册\t姓名;事迹\t姓名\nIII11-1\t\t刊播数\t\n")
    assert c.tables == (
        DeclaredTable("III11-1", None, ("刊播数",)),
        DeclaredTable("III13-2", TableFamily.LISTS, ("姓名", "事迹"), ("姓名",)),
    )
    replacing.folder(tmp_path / "b", catalogues.files(c))
    assert catalogues.load(tmp_path / "b") == c
    replacing.folder(tmp_path / "b", catalogues.files(msgspec.structs.replace(c, tables=())))
    assert catalogues.load(tmp_path / "b").tables == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id\tfamily\nIII99-9\t名册\n", "目录中没有标准“III99-9”"),
        ("id\tfamily\nIII13-2\t清册\n", "不认识“清册”"),
        ("id\tfamily\nIII13-2\t名册\nⅢ13-2\t名册\n", "第 3 行“编号”: III13-2 与第 2 行重复"),
        ("id\tkind\nIII13-2\t名册\n", "不认识列“kind”"),
        ("family\n名册\n", "缺少列“编号”"),
    ],
)
def test_a_fault_is_named_by_row_and_column(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as e:
        with_tables(tmp_path, text)
    assert any(fault in p for p in e.value.problems), e.value.problems


def test_a_catalogue_recorded_before_there_were_any_still_loads() -> None:
    recorded = msgspec.json.decode(canonical.encode(catalogues.load("national-2017")))
    del recorded["tables"]
    assert msgspec.convert(recorded, catalogues.Catalogue).tables == ()
