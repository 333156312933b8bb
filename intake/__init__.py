"""Finding files in an inbox, unpacking them, their true type, the facts they hold.

Everything that opens a file of a department runs in a child process with limits (``pool``); the parent only lists
names, sends jobs and receives typed answers.

- ``discover``  which files lie in the inbox, and which of them must not or need not be opened
- ``forms``     the 提交表 (submission forms) and the row that speaks for a file; ``formsheet`` reads one
- ``pool``      the child processes: a death or a time limit loses one file
- ``read``      the dispatcher used inside a child; ``readers`` the formats; ``unpack`` the archives
- ``filetype``, ``digest``, ``dates``, ``gongwen``, ``caption``  what the above are made of
"""
