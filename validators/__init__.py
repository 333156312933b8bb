"""Is each material usable, is everything complete.

- ``checks``        the check catalogue (``data/checks.toml``): codes, severities, texts, remedies, bases, parameters
- ``periods``       whether two periods agree, and how one is shown (how they are written: ``archive_schema.dates``)
- ``seen``          what a rule may look at, and what it answers
- ``rules``         one function per check: facts in, verdict out; those of one kind in ``documents``, ``wording``, ``photos``,
                    ``tables``, ``persons``; ``dating`` says which period a material speaks for
- ``reasons``       the published reasons for return and which checks find them (``data/reasons.toml``)
- ``handbook``      ``docs/checks.md`` from both
- ``judge``         every check on one evidence: outcomes with scope, waivers, attested facts; ``remedies`` what to do about an outcome,
                    ``ahead`` the same under another day's windows
- ``crosswise``     materials against each other; ``nearness``: near pictures without comparing all pairs
- ``timing``        deadlines and lateness, computed when read and never stored
- ``assess``        law 1: the state of every requirement; ``remarks`` what is said of a cell besides
- ``grading``       the grade of every item that has a ladder, beside ``assess``; ``indicators``: which figure of a table is an
                    indicator's; ``scoring``: points, where a catalogue says what a grade is worth
- ``suites``        the expectations over the frames (``data/suites.toml``, ``data/table_suites.toml``); ``frames`` the rows of the two over
                    the list; of statistical tables ``families`` tells the kind, ``cells`` makes the rows, ``tablewise`` says what was seen
- ``validation``    running them in a process of its own; ``process`` that process from the outside
- ``expectations``  that process; the only module that imports Great Expectations
- ``audit``         is the store what the manifest says (``data/audit.toml``); ``tracing`` can every decision be traced; ``rounds`` what is
                    looked at tonight, what differs from the last audit
"""
