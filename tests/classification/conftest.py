from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import REQUIRED, Catalogue, CatalogueHead
from archive_schema.cycle import Margins
from archive_schema.units import UnitTable, from_references
from classification.classifier import Classifier

HEAD = CatalogueHead(id="made-up", edition="试用", id_pattern=r"(FJ|AQ)\d+")
ROWS = [
    # id, project, content, standard, methods, kinds, units
    ("FJ3", "卫生", "垃圾", "垃圾分类收集站点与清运", "材料审核", "统计表格", "市城管局"),
    ("FJ12", "文教", "阅读", "图书馆夜间开放与读者人次", "材料审核", "规范文件;统计表格", "市文广新局;市教育局"),
    ("FJ20", "文教", "阅读", "读书角随手拍", "实地考察", "", "各区"),
    ("AQ3", "安全", "消防", "微型消防站值守巡查", "材料审核", "实景图片;说明报告", "市消防支队"),
]


def build_small() -> Catalogue:
    def cells(n: int, row: tuple[str, ...]) -> list[str]:
        ident, project, content, standard, methods, kinds, units = row
        known = {
            "id": ident,
            "section": "版块",
            "project_no": "1",
            "project": project,
            "indicator_no": "1",
            "indicator": project,
            "content_no": str(n),
            "content": content,
            "standard_no": "1",
            "standard": standard,
            "methods": methods,
            "kinds": kinds,
            "threshold": "",
            "units": units,
            "provenance": "confirmed",
            "source": "",
        }
        return [known[c] for c in REQUIRED]

    return catalogues.build(HEAD, list(REQUIRED), ((n, cells(n, r)) for n, r in enumerate(ROWS, 2)))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return catalogues.load("national-2017")


@pytest.fixture(scope="session")
def small() -> Catalogue:
    return build_small()


@pytest.fixture(scope="session")
def units(catalogue: Catalogue) -> UnitTable:
    return from_references(u for i in catalogue.items for u in i.units)


@pytest.fixture(scope="session")
def classifier(catalogue: Catalogue, units: UnitTable) -> Classifier:
    return Classifier(catalogue, units, Margins())


@pytest.fixture(scope="session")
def titles() -> list[tuple[str, str, str]]:
    """(item, unit, title) of ``titles.tsv``."""
    lines = (Path(__file__).parent / "titles.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]  # type: ignore[misc]
