from __future__ import annotations

import pytest

from archive_schema.evidence import FormRow
from intake.caption import caption, sidecar_names


def test_the_form_speaks_before_the_sidecar_before_the_name() -> None:
    form = FormRow(file="a.jpg", title="市民广场志愿服务")
    full = caption("下/广场活动.jpg", form, "广场上的志愿者\n")
    assert full is not None and (full.value, full.method, full.others) == (
        "市民广场志愿服务",
        "form",
        ("广场上的志愿者", "广场活动"),
    )
    beside = caption("下/广场活动.jpg", None, "广场上的志愿者")
    assert beside is not None and (beside.value, beside.method) == ("广场上的志愿者", "sidecar")
    named = caption("下/3、广场活动.jpg", FormRow(file="a.jpg"), "  ")
    assert named is not None and (named.value, named.method, named.others) == ("广场活动", "name", ())


@pytest.mark.parametrize(
    "name",
    ["IMG_20170801_123456.jpg", "DSCN0010.jpg", "_DSC1234.JPG", "微信图片_20180901120000.jpg", "mmexport1533.jpg", "0a1b2c3d4e5f.png", "图片1.png", "1.jpg", "照片 (2).jpg",
     "Screenshot_2018-01-01-10-10-10.png", "QQ图片20180101.jpg", "截图.png", "扫描件.jpg"],
)  # fmt: skip
def test_a_name_given_by_a_machine_is_no_caption(name: str) -> None:
    assert caption(name, None, None) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("东河区图书馆.jpg", "东河区图书馆"),
        ("2018年8月1日社区活动.jpg", "2018年8月1日社区活动"),
        ("照片墙.jpg", "照片墙"),
        ("广场", "广场"),
    ],
)
def test_a_name_that_says_something_is_one(name: str, value: str) -> None:
    read = caption(name, None, None)
    assert read is not None and read.value == value


def test_the_sidecar_lies_beside_the_picture() -> None:
    assert sidecar_names("下/a.jpg") == ("下/a.txt", "下/a.TXT", "下/a.jpg.txt", "下/a.jpg.TXT")
