"""Names that cameras, telephones, scanners and messengers give: IMG_0123, 微信图片_20261010, 扫描件(2). They say nothing of the content."""

from __future__ import annotations

import re

_GIVEN = re.compile(
    r"""(?ix) ^[\s\-_.]*(?:
        (?:img|dsc[nf_]?|dji|pano|mvimg|vid|wx|mmexport|screenshot|scan|image|photo|p|pic|picture|untitled|microsoft
          |微信图片|微信截图|截图|屏幕截图|照片|图片|图像|扫描件?|未命名|新建|无标题|副本|qq图片|qq截图)
        [\s\-_.()（）第张]*
    )*
    [\s\-_.()（）0-9a-f]*  (?:副本|拷贝|copy)?  $"""
)


def given(stem: str) -> bool:
    """Did a machine give this name?

    :param stem: file name without its ending
    """
    return bool(_GIVEN.match(stem))
