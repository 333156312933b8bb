"""归类: whose item and which kind a file is for, or an honest abstention.

Evidence in order of strength: submission form, item number in a name, words. Form and number are strong, not proof (law 8).

- ``numbers``     item numbers in all the spellings people type
- ``named``       items that people named themselves, in a form, a file name, a folder name
- ``kinds``       规范文件, 说明报告, 实景图片 or 统计表格, decided apart from the item: by ``form_words``, else by its ``wording``
- ``scorer``      items ranked by the words of a title and a text, with the words that spoke; ``knowledge`` which words, ``lexicon`` and
                  ``vocabulary`` how they are found, ``idiom`` and ``typical`` how titles of an item are worded
- ``subject``     what is classified
- ``classifier``  one proposal per evidence and unit; ``ranking`` what the words put first; ``doubts`` what a person is to settle though the score is high
- ``semantics``   what an embedding model says of a title, where a city has one (``embedding``: off by default; ``model_folder`` with
                  ``wordpiece``, ``endpoint``, ``vectors``)
- ``decided``     what people decided, laid over what the machine proposed; ``learning`` what it teaches
"""
