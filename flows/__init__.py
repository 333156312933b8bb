"""The only place that puts the rooms together. What flows do is plain functions; ``flows.prefect_flows`` wraps them.

- ``workspace``     where things are, and opening them
- ``consequences``  the records that follow from new facts, sources, proposals and decisions
- ``ingest``        one pass over the inbox
- ``upkeep``        judged, read, classified again when the judge, the reader or the catalogue has changed (law 7)
- ``validation``    Great Expectations over the frames, once per changed run
- ``coverage``      the coverage report from the index
- ``decide``        a person's act, recorded
- ``review``        the list of doubtful files
- ``inspect``       what would be read, placed and found of a file; nothing is stored
- ``audit``         is everything there, unaltered, complete
- ``restore``       the index built anew from the store
- ``doctor``        probes of the place we run in
- ``nightly``       ingest, coverage, audit in this order
- ``prefect_flows`` the same as Prefect flows; the only modules that import Prefect are this one and ``serving``
"""
