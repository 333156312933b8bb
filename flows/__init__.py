"""The only place that puts the rooms together. What flows do is plain functions; ``flows.prefect_flows`` wraps them.

- ``workspace``     where things are, and opening them
- ``consequences``  the records that follow from new facts, sources, proposals and decisions
- ``ingest``        one pass over the inbox, in batches (``batch``) of files that were read (``parcels``); ``scratch`` passing files;
                    ``pass_findings`` what it says is wrong with them
- ``upkeep``        judged, read, classified again when the judge, the reader or the catalogue has changed (law 7)
- ``derived``       texts and cells beside the bytes, read again from the object where they are gone; ``reread`` by a new reader
- ``validation``    Great Expectations over the frames, once per changed run, and when people decided something
- ``crosswise``     materials against each other: pictures used twice, reports against tables; ``gone`` what counts no more
- ``coverage``      the coverage report from the index (``view`` what it holds, ``last_run`` what the last pass left outside;
                    ``cycle_reports`` what runs report of one cycle, in the store, ``kept_reports`` how such reports are read)
- ``decide``        a person's act, recorded
- ``review``        the list of doubtful files
- ``inspect``       what would be read, placed and found of a file; nothing is stored
- ``audit``         is everything there, unaltered, complete; ``audit_series`` series, index and listing, ``reopening`` every file
                    (``intake.opener``, ``virus``), ``drawing`` the inspector, ``audit_reports`` what earlier audits said
- ``restore``       index, faces and reports built anew from the store; ``faces`` writes cycle.toml, units.csv, the catalogue
- ``replacing``     a file or folder of the workspace replaced as a whole or not at all
- ``copying``       a second copy in another store, and where the two differ
- ``export``        a BagIt bag of the material; ``selection`` says what goes into it, ``bag`` closes it
- ``history``       what was done to a piece or an item, as PREMIS events
- ``destroy``       bytes removed by decision; ``mentions`` what still names them
- ``other_cycles``  what the other cycles of the store say of a file; ``earlier`` their pictures
- ``doctor``        probes of the place we run in
- ``nightly``       ingest, coverage, audit in this order
- ``serving``       the nights at their times, with or without a Prefect server
- ``prefect_flows`` the same as Prefect flows; the only modules that import Prefect are this one and ``serving``
"""
