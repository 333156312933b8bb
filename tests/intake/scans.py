"""The State Council documents as a scanner delivers them: askew, with noise, a red seal pressed on signature and date."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from archive_schema.dates import parse_date
from intake import ocr
from samples import scan
from samples.scan import Scanner, Seal
from tests.intake import policies
from tests.intake.policies import Policy


def need_ocr() -> None:
    if not ocr.available():
        pytest.skip("OCR: the extra dangan[ocr] is not installed")
    if not scan.font_there():
        pytest.skip("OCR: no Chinese font on this system to draw pages with (tools/system-packages)")


def text_pdf(policy: Policy, folder: Path) -> bytes:
    path = folder / "text.pdf"
    policies.write_pdf(path, policies.standard(policy))
    return path.read_bytes()


def seal_of(policy: Policy, source: bytes) -> list[Seal]:
    """Where the document is signed and dated; [] when its date stands nowhere as a line of its own."""
    line = next((t for t in policy.after[1:] if (d := parse_date(t)) and d.value == policy.issued_on), None)
    at = scan.at_text(source, line, lambda x, _: x > 300) if line else None
    return [Seal(at[0], at[1], at[2] + 14, lettering=policy.issuer.split("、")[0])] if at else []


def skewed(policy: Policy, scanner: Scanner | None = None) -> Scanner:
    """0.5 to 2 degrees to either side, the same for the same document."""
    rng = random.Random(policy.number)
    return msgspec.structs.replace(scanner or Scanner(), degrees=rng.choice((-1, 1)) * rng.uniform(0.5, 2.0))


def write_scan(path: Path, policy: Policy, scanner: Scanner | None = None) -> Path:
    source = text_pdf(policy, path.parent)
    path.write_bytes(scan.scanned(source, policy.number, scanner or skewed(policy), seals=seal_of(policy, source)))
    return path
