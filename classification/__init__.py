"""归类: whose item and which kind a file is for, or an honest abstention.

Evidence in order of strength: submission form, item number in a name, words. Form and number are strong, not proof (law 8).

- ``numbers``     item numbers in all the spellings people type
- ``kinds``       规范文件, 说明报告, 实景图片 or 统计表格, decided apart from the item
- ``scorer``      items ranked by the words of a title and a text, with the words that spoke
- ``classifier``  one proposal per evidence and unit
- ``semantics``   what an embedding model says of a title, where a city has one (``embedding``: off by default)
- ``decided``     what people decided, laid over what the machine proposed
"""
