"""The object store, the manifest series and the index that caches it.

- ``keys``     the one place for object keys
- ``objects``  the ``ObjectStore`` protocol with its contract; ``folder`` and ``s3`` keep it, ``factory`` opens one by URL
- ``series``   the manifest series: segments, their chain, HEAD
- ``engine``   the database: connections, transactions, errors; ``tables`` its tables; ``lease`` who may write; ``passes`` what was killed
- ``process``  which process something belongs to, and whether it lives; ``disk`` what its errors mean to the user
- ``index``    what is held, for asking; ``apply`` fills it from records, ``queries`` and ``counts`` read it
- ``sweep``    looking at many objects: there, as large as listed, the bytes their name says; ``replay`` index against series
- ``archive``  ``Archive``: commit in the order of law 4, catching up, taking over; ``state`` the state digest and the manifest
"""
