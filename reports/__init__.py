"""Pure renderers: data in, HTML, XLSX, DOCX, CSV, JSON or text out.

No renderer reads a clock, a file of the workspace or the index; the same input gives the same bytes. Text of users (file
names, titles, findings) is hostile until it has been through ``safe``. One output per module:

- ``safe``           text made safe to show, to put into a cell, to put into CSV
- ``terminal``       display width of Chinese text, colours
- ``clock``          times in the configured zone
- ``tables``         small generic tables: text, CSV, XLSX
- ``workbook``       safe cells, state colours and deterministic bytes of a workbook; ``paper`` a Word document, ``zipped`` the bytes of both
- ``page``           the template engine of every page, and the policy under which nothing is loaded
- ``punctuation``    our own sentences set as Chinese is
- ``anchor``         清单之首 and how many records there are up to it
- ``as_json``        every command's ``--format json`` and ``jsonl``
- ``coverage_view``  the coverage report arranged for people, once for all its renderers
- ``coverage_html``, ``coverage_xlsx``, ``coverage_csv``, ``coverage_text``; of them ``board`` 责任单位进度, ``remarks`` 提醒
- ``forecast_view``, ``forecast_html``, ``forecast_tables``, ``forecast_text``
- ``grades_view``, ``grades_sheet``, ``grades_text``; ``negative_text`` 负面清单
- ``assignment_view``, ``assignment_docx``, ``assignment_xlsx``
- ``expectations_html``, ``expectations_text``  what the suites of Great Expectations saw
- ``filenames``      names of files and folders that every system takes
- ``contents_xlsx``  卷内目录, the index of an export
- ``audit_view``, ``audit_text``, ``audit_html``, ``audit_xlsx``
- ``history_text``, ``ingest_text``, ``inspect_text``, ``digest_text``
- ``review``         the sheet on which archivists decide without a terminal: out and back in; ``review_text`` the list on one
"""
