"""Finding files in an inbox, unpacking them, their true type, the facts they hold.

Everything that opens a file of a department runs in a child process with limits (``pool``); the parent only lists
names, sends jobs and receives typed answers.

- ``discover``  which files lie in the inbox, and which of them must not or need not be opened
- ``forms``     the 提交表 (submission forms) and the row that speaks for a file; ``formsheet`` reads one
- ``pool``      the child processes: a death or a time limit loses one file
- ``read``      the dispatcher used inside a child (``child``, ``jobs``); ``readers`` the formats; ``unpack`` the archives (``archives``,
  ``container`` before they are opened); ``pictures`` those inside documents; ``opener`` opens without reading
- ``deepen``    the second look at what has no text layer (``scan``, ``sheet``, ``seal``; ``ocr`` the engine, ``once`` what it read)
- ``gongwen``, ``wording``, ``persons``  what a text says; ``elements`` of a caption, ``marks`` what was put on a photograph
- ``tabular``, ``sums``, ``figures``, ``quotients``, ``indicators``  what a table says; ``gridding``, ``frame`` cell by cell
- ``filetype``, ``digest``, ``caption``, ``names``, ``litter``, ``textual``, ``ole``, ``programs``  what the above are made of
"""
