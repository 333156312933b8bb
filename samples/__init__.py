"""The project's own sample material: laid out by this code, the same bytes on every run. Nothing here is a real document.

- ``fixed``    zips and Office files whose bytes do not depend on the clock
- ``layout``   the documents, reports, photos and tables one can ask for, and the functions that lay them out
- ``pdf``, ``word``, ``photo``, ``table``  one output form each, behind ``layout``; ``scan`` pages as a scanner delivers them, ``marked``
  photographs as they should not be sent
- ``ole``      a minimal OLE compound file (what an encrypted Office file is)
- ``wording``  titles and believable text made from the words of a catalogue's item
- ``hostile``  every sort of bad file (``hostile_containers`` the archives, ``notices`` what most are made from), with what a reader
  should say of it (``sorts``)
- ``spoilt``   a seeded crowd of spoilt copies, bombs and traps
- ``inbox``    an inbox of some 300 files from 20 units, with what should happen to each (``plan``)
- ``corpus``   thousands of ordinary files for benchmarks

The city is 示例市, which does not exist.
"""
