"""The words of the archive as frozen types, the catalogue data and its loader, the JSON Schemas.

Imports nothing of ours; every other room may import this one. One concept per module:

- ``errors``     the exception tree and what each means to the caller
- ``words``      the enumerations (kinds, states, statuses, severities …) with their Chinese names
- ``text``       normalisation of Chinese text, natural sorting (the only place)
- ``canonical``  canonical JSON and digests
- ``toml``       values as TOML writes them; ``tsv`` the tables of a catalogue
- ``sm3``        SM3 beside SHA-256
- ``media``      the table of file formats; ``machine_names`` the names that cameras, scanners and messengers give
- ``catalogue``  Catalogue, Item; loader and its checks; ``terms``, ``declared``, ``ladders``, ``weights`` what else it may hold
- ``units``      Unit, UnitTable; matching of folder names
- ``cycle``      Cycle, Window, Settings; the face of ``cycle.toml``
- ``dates``      dates and periods as people write them (the only place)
- ``quantities``  units of measure: which figures can be compared
- ``evidence``   Fact, Reading, Evidence, Source, Placement, CheckOutcome; ``figures`` and ``grid`` what is kept of a table
- ``decisions``  Decision, what each action needs, whose delivery it speaks of
- ``negative``   负面清单
- ``protection``  how the store shall guard what it holds
- ``signature``  signatures of heads, and whose keys are trusted
- ``records``    the typed records of the manifest series
- ``coverage``   cell counts in, coverage out
- ``outputs``    the JSON shapes of every command, beside ``copies``, ``listings``, ``forecast`` and ``graded``; ``schemas`` their JSON Schemas
- ``report``, ``audit``, ``table_report``, ``assignment``, ``digest``  what reports show beyond the JSON: the arguments of renderers
"""
