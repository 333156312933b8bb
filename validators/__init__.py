"""Is each material usable, is everything complete.

- ``checks``        the check catalogue (``data/checks.toml``): codes, severities, texts, remedies, bases, parameters
- ``periods``       dates and periods as people write them
- ``rules``         one function per check: facts in, verdict out
- ``judge``         every check on one evidence: outcomes with scope, waivers, attested facts
- ``timing``        deadlines and lateness, computed when read and never stored
- ``assess``        law 1: the state of every requirement
- ``suites``        the expectations over the frames (``data/suites.toml``)
- ``validation``    running them in a process of its own
- ``expectations``  that process; the only module that imports Great Expectations
- ``audit``         is the store what the manifest says (``data/audit.toml``)
"""
