"""The face: what a user types, and how it is answered.

- ``cli``       the verbs, each imported when it is used; options, outputs and errors that they share
- ``commands``  one module per verb; what several acts share stands in ``acts``
- ``settings``  ``dangan.toml`` and the environment that overrides it
- ``folders``   a folder in the inbox for every unit
- ``sheets``    catalogue and units table as workbooks, out and back in
"""
