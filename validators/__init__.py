"""Is each material usable, is everything complete.

- ``checks``        the check catalogue (``data/checks.toml``): codes, severities, texts, remedies, bases, parameters
- ``periods``       dates and periods as people write them
- ``seen``          what a rule may look at, and what it answers
- ``rules``         one function per check: facts in, verdict out; those of one kind in ``documents``, ``wording``, ``photos``,
                    ``tables``, ``persons``; ``dating`` says which period a material speaks for
- ``reasons``       the published reasons for return and which checks find them (``data/reasons.toml``)
- ``handbook``      ``docs/checks.md`` from both
- ``judge``         every check on one evidence: outcomes with scope, waivers, attested facts
- ``crosswise``     materials against each other; ``nearness``: near pictures without comparing all pairs
- ``timing``        deadlines and lateness, computed when read and never stored
- ``assess``        law 1: the state of every requirement
- ``grading``       the grade of every item that has a ladder, beside ``assess``; ``indicators``: which figure of a table is an
                    indicator's; ``scoring``: points, where a catalogue says what a grade is worth
- ``suites``        the expectations over the frames (``data/suites.toml``)
- ``validation``    running them in a process of its own
- ``expectations``  that process; the only module that imports Great Expectations
- ``audit``         is the store what the manifest says (``data/audit.toml``); ``tracing`` can every decision be traced; ``rounds`` what is
                    looked at tonight, what differs from the last audit
"""
