"""Persons in the files: what was found is told masked, to the unit that sent the file and to no other."""

from __future__ import annotations

from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, unchecked


def no_persons(seen: Seen, _: Params) -> Verdict | None:
    """Silent for pictures without text: nobody looked for persons in them, and no photo is sent back for that."""
    found = seen.words("persons")
    if found:
        return fail(found=";".join(found))
    if found is not None:
        return PASS if seen.evidence.state.value == "read" else unchecked(seen.unread or "只读出一部分")
    if seen.family in ("document", "text", "table"):
        return unchecked(seen.unread or "没有读到文字")
    return None


RULES: dict[str, Rule] = {"PERSONS": no_persons}
