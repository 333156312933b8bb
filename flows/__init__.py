"""The only place that puts the rooms together. What flows do is plain functions; ``flows.prefect_flows`` wraps them.

- ``workspace``     a workspace opened: store, index, configuration; ``places`` where things are, ``config`` what a city edits as
                    objects of the series, ``inbox`` the folders or the S3 prefix that departments send to
- ``consequences``  the records that follow from new facts, sources, proposals and decisions
- ``ingest``        one pass over the inbox, in batches (``batch``, read one ``ahead``) of files that were read (``parcels``);
                    ``accounting`` every file found is accounted for (law 2), ``pass_findings`` what is wrong with those taken in,
                    ``lost`` bytes that the store has lost and the inbox still has, ``scratch`` passing files
- ``proposing``     classification as a unit sent it; ``lessons`` what people decided before, as a second opinion, ``learned`` their moves
                    offered to siblings, ``semantics`` the embedding model of a workspace
- ``upkeep``        judged, read, classified again when the judge, the reader or the catalogue has changed (law 7)
- ``derived``       texts and cells beside the bytes, read again from the object where they are gone; ``reread`` by a new reader,
                    ``second_digest`` SM3 of what was archived without
- ``validation``    Great Expectations over the frames, once per changed run, and when people decided something; ``tables`` cell by cell
- ``crosswise``     materials against each other: pictures used twice, reports against tables; ``gone`` what counts no more
                    (``in_place`` what other material lies in the place of)
- ``coverage``      the coverage report from the index: ``view`` what it holds, ``attested`` what is known of a piece, ``returns`` what is
                    sent back, ``progress`` and ``arrivals`` how far each unit is, ``watching`` remarks on cells, ``last_run`` what the
                    last pass left outside (``cycle_reports`` what runs report of one cycle, in the store, ``kept_reports`` how such
                    reports are read)
- ``forecast``      what an inspection on another day would find
- ``grades``        grades from what the index holds; ``negative`` 负面清单
- ``assignments``   交办单, what goes back to every unit; ``told`` what a check says to one unit, ``handout`` written to a folder
- ``acts``          acts as they are typed or written into the review sheet; ``editions`` a city's own catalogue brought in
- ``decide``        a person's act, recorded; ``accepts`` which placement an accept means, ``rejections`` of which
                    deliveries a rejection speaks, ``within`` what an act on a container means for
                    what came in it, ``resting`` what rests on the piece, ``adrift`` acts on a standard that another edition has changed
- ``review``        the list of doubtful files
- ``inspect``       what would be read, placed and found of a file; nothing is stored
- ``manifest``      the archive's own list, as printed
- ``audit``         is everything there, unaltered, complete; ``audit_series`` series, index and listing, ``audit_signatures``,
                    ``audit_versions``, ``reopening`` every file (``intake.opener``, ``virus``), ``drawing`` the inspector,
                    ``audit_reports`` what earlier audits said
- ``restore``       index, faces and reports built anew from the store; ``faces`` writes cycle.toml, units.csv, the catalogue
- ``guard``         where nothing is written that a person asks for
- ``replacing``     a file or folder of the workspace replaced as a whole or not at all
- ``copying``       a second copy in another store, and where the two differ; ``repairing`` lays back from it what the store has lost
- ``export``        a BagIt bag of the material; ``selection`` says what goes into it, ``bag`` closes it
- ``history``       what was done to a piece or an item, as PREMIS events
- ``destroy``       bytes removed by decision; ``mentions`` what still names them, ``unfinished`` uploads that were cut off
- ``other_cycles``  what the other cycles of the store say of a file; ``earlier`` their pictures
- ``doctor``        probes of the place we run in; ``protecting`` what is locked where it proved so
- ``signing``       the head signed with the key that the environment names
- ``nightly``       ingest, coverage, audit in this order; ``digest`` what the night brought, ``notify`` sends it
- ``serving``       the nights at their times, with or without a Prefect server
- ``prefect_flows`` the same as Prefect flows (``prefect_env`` sets its environment first); the only modules that import Prefect are this
                    one and ``serving``
"""
