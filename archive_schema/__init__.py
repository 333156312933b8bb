"""The words of the archive as frozen types, the catalogue data and its loader, the JSON Schemas.

Imports nothing of ours; every other room may import this one. One concept per module:

- ``errors``     the exception tree and what each means to the caller
- ``words``      the enumerations (kinds, states, statuses, severities …) with their Chinese names
- ``text``       normalisation of Chinese text, natural sorting (the only place)
- ``canonical``  canonical JSON and digests
- ``toml``       values as TOML writes them
- ``media``      the table of file formats
- ``catalogue``  Catalogue, Item; loader and its checks
- ``units``      Unit, UnitTable; matching of folder names
- ``cycle``      Cycle, Window, Settings; the face of ``cycle.toml``
- ``dates``      dates and periods as people write them (the only place)
- ``evidence``   Fact, Reading, Evidence, Source, Placement, CheckOutcome
- ``decisions``  Decision, what each action needs, whose delivery it speaks of
- ``audit``      what an audit shows beyond its JSON
- ``records``    the typed records of the manifest series
- ``coverage``   cell counts in, coverage out
- ``outputs``    the JSON shapes of every command
"""
