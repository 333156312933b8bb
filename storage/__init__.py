"""The object store, the manifest series and the index that caches it.

- ``keys``     the one place for object keys
- ``objects``  the ``ObjectStore`` protocol with its contract; ``folder`` and ``s3`` keep it, ``factory`` opens one by URL;
  ``s3_answers`` what a server's refusals mean to the user, ``s3_requests`` what its client has no means for,
  ``delivery`` a place on a server where others put files
- ``protection``  old versions and locks, where a store has them
- ``probes``   a store tried out: ``folder_probes``, ``version_probes``; ``probing`` what a probe is
- ``series``   the manifest series: segments, their chain, HEAD
- ``signing``  Ed25519 keys; ``signatures`` those kept beside a series, and what each is worth
- ``engine``   the database: connections, transactions, errors; ``tables`` its tables; ``lease`` who may write; ``passes`` what was killed
- ``process``  which process something belongs to, and whether it lives; ``disk`` what its errors mean to the user
- ``index``    what is held, for asking; ``apply`` fills it from records, ``queries`` and ``counts`` read it, ``redaction`` what it forgets
  of destroyed evidence, ``kept`` what a room notes in it between runs, ``editions`` which catalogue
  held when
- ``sweep``    looking at many objects: there, as large as listed, the bytes their name says; ``replay`` index against series
- ``archive``  ``Archive``: commit in the order of law 4, catching up, taking over; ``state`` the state digest and the manifest
"""
