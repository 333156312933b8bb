"""``cycle.toml`` as it is written out again: whatever a cycle and its settings hold reads back the same."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from archive_schema import canonical
from archive_schema import cycle as cycles
from archive_schema.cycle import Cycle, Limits, Margins, RequirementRule, Settings, Window
from archive_schema.words import EvidenceKind

_days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_windows = st.tuples(_days, _days).map(lambda pair: Window(min(pair), max(pair)))
_counts = st.integers(1, 99)
_rules = st.builds(
    RequirementRule,
    item=_texts,
    kind=st.none() | st.sampled_from(EvidenceKind),
    needed=st.none() | _counts,
    deadline=st.none() | _days,
    person=st.none() | _texts,
    review_days=st.none() | _counts,
    window=st.none() | _windows,
)
_cycles = st.builds(
    Cycle,
    name=_texts,
    catalogue=_texts,
    windows=st.fixed_dictionaries(dict.fromkeys(EvidenceKind, _windows)),
    deadline=st.none() | _days,
    city=_texts,
    rules=st.lists(_rules, max_size=3).map(tuple),
)
_plain = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | _texts
_values = st.recursive(_plain, lambda v: st.lists(v, max_size=3) | st.dictionaries(_texts, v, max_size=3), max_leaves=4)
_settings = st.builds(
    Settings,
    margins=st.builds(Margins, auto=st.floats(0, 1), lead=st.floats(0, 1), floor=st.floats(0, 1), against=st.floats(0, 1)),
    limits=st.builds(Limits, settle_seconds=st.integers(0, 999), batch_files=st.integers(1, 999)),
    checks=st.dictionaries(_texts, st.dictionaries(_texts, _values, max_size=3), max_size=3),
)


@given(_cycles, _settings)
def test_a_rendered_cycle_reads_back_as_it_was(cycle: Cycle, given: Settings) -> None:
    read = cycles.parse(cycles.render(cycle, given))
    assert read == (cycle, given)
    assert canonical.encode(read) == canonical.encode((cycle, given))
