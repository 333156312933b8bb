"""Signatures of heads: whoever alters the series without the key is found out, however carefully all digests and the index were made anew.

``docs/audit.md`` shows this table; a test keeps the two together.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from archive_schema import canonical
from archive_schema.errors import IntegrityError
from archive_schema.outputs import AuditOutput
from archive_schema.records import Head, decode_header
from archive_schema.signature import PublicKey
from flows.audit import audit
from flows.audit_signatures import NOBODY_TRUSTED, OLDER
from flows.copying import compare, copy
from storage import keys, series, signatures, signing
from tests.flows import test_tampering
from tests.flows.acting import act
from tests.flows.house import House, document
from tests.flows.test_tampering import CYCLE, DOC, Ground, rolled_back
from validators.audit import kinds

ground = test_tampering.ground


class Keys(NamedTuple):
    ours: Path
    theirs: Path


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    made = Keys(folder / "ours.pem", folder / "theirs.pem")
    for path in made:
        signing.create(path, name="档案室")
    return made


def trust(root: Path, *keys_: PublicKey, required: bool = False) -> None:
    file = root / "dangan.toml"
    plain = file.read_text("utf-8").partition("\n[signing]")[0]
    lines = json.dumps([k.line for k in keys_], ensure_ascii=False)
    file.write_text(f"{plain}\n[signing]\ntrusted = {lines}\n" + ("required = true\n" if required else ""), "utf-8")


def signed_house(root: Path, key: Path, **options: object) -> House:
    env = {**options.pop("env", {}), signing.VARIABLE: str(key)}  # type: ignore[dict-item]
    house = House.build(root, env=env, **options)  # type: ignore[arg-type]
    trust(house.root, signing.load(key).public)
    return house


@pytest.fixture(scope="module", params=["folder", pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.xdist_group("s3")])])
def archived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, key_files: Keys) -> Iterator[Ground]:
    """A document and two decisions, every head signed."""
    options = {}
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        options = {"store": server.bucket_url(), "env": server.env}
    house = signed_house(tmp_path_factory.mktemp(request.param) / "ws", key_files.ours, **options)
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    house.ingest()
    [line] = house.manifest().values()
    act(house, "accept", sha256=line.sha256)
    act(house, "withdraw", sha256=line.sha256)
    with house.open() as o:
        head, store = o.archive.head(), o.archive.store
        assert head is not None and head.seq >= 4
        before = {i.key: store.get(i.key) for i in store.list("")}
        yield Ground(house, store, line.sha256, line.sha256, head.anchor, before, set(), set())


def signed(g: Ground) -> list[str]:
    return signatures.listed(g.store, CYCLE)


def look(g: Ground, depth: str = "fast", expect: str | None = None) -> AuditOutput:
    with g.house.open(damaged=True) as o:
        return audit(o, depth=depth, opening=False, only="integrity", expect=expect).output


def found(output: AuditOutput) -> set[str]:
    assert output.integrity is not None
    return {p.code for p in output.integrity.problems}


# -- what somebody without the key can do ----------------------------------------------------------------------------------


def forged(g: Ground) -> str:
    """A line of an early segment altered, every digest after it, HEAD and index made anew; the signatures stay."""
    before, old, new = None, "示文明办发".encode(), "示文明办收".encode()
    altered = False
    for key in g.segments():
        first, *lines = g.store.get(key).split(b"\n")
        body = b"\n".join(lines)
        altered |= old in body
        header = decode_header(first)
        header = msgspec.structs.replace(header, previous=before.digest if before else "")
        data = canonical.encode(header) + b"\n" + body.replace(old, new)
        g.put(key, data)
        before = Head(header.seq, header.total, canonical.sha256(data), key, header.index_id)
    assert altered and before is not None
    g.put(keys.head_key(CYCLE), canonical.encode(before))
    forget(g)
    return signed(g)[-1]


def forget(g: Ground) -> None:
    """The index is made anew from what lies in the store."""
    for p in g.house.root.glob("index.sqlite*"):
        p.unlink()


def forged_and_gone_on(g: Ground) -> str:
    """The same, and a segment after it that nobody signed."""
    last = forged(g)
    head = series.read_head(g.store, CYCLE)
    assert head is not None
    header = decode_header(g.store.get(head.key).partition(b"\n")[0])
    header = msgspec.structs.replace(header, seq=head.seq + 1, run="more", previous=head.digest, records=0)
    key, digest = series.write_segment(g.store, header, [])
    g.touched.add(key)
    g.put(keys.head_key(CYCLE), canonical.encode(Head(header.seq, header.total, digest, key, head.index_id)))
    return last


def forged_and_stripped(g: Ground) -> str:
    """The same, all signatures removed."""
    forged(g)
    for key in signed(g):
        g.delete(key)
    return keys.head_key(CYCLE)


def forged_and_signed_by_another(g: Ground) -> str:
    forged_and_stripped(g)
    head = series.read_head(g.store, CYCLE)
    assert head is not None
    file = g.house.root.parent / "another.pem"
    signing.create(file)
    other = signing.load(file)
    for path in (file, file.with_name("another.pem.pub")):
        path.unlink()
    with g.house.open(damaged=True) as o:
        signatures.write(g.store, CYCLE, head, other, o.now())
    g.touched.add(keys.signature_key(CYCLE, head.seq, other.public.id))
    return keys.head_key(CYCLE)


def altered_signature(g: Ground) -> str:
    key = signed(g)[-1]
    made = json.loads(g.store.get(key))
    raw = bytearray(base64.b64decode(made["signature"]))
    raw[7] ^= 1
    made["signature"] = base64.b64encode(raw).decode()
    g.put(key, canonical.encode(made))
    return key


def altered_claim(g: Ground) -> str:
    """What was signed says one record more."""
    key = signed(g)[-1]
    made = json.loads(g.store.get(key))
    made["head"]["total"] += 1
    g.put(key, canonical.encode(made))
    return key


def moved_signature(g: Ground) -> str:
    """A signature of an earlier head under the name of the last one."""
    first, *_, last = signed(g)
    g.put(last, g.store.get(first))
    return last


def spoilt_old_signature(g: Ground) -> str:
    key = signed(g)[0]
    g.put(key, b"{}")
    return key


def rolled_back_but_for_signatures(g: Ground) -> str:
    last = signed(g)[-1]
    rolled_back(g)
    forget(g)
    return last


def rolled_back_altogether(g: Ground) -> str:
    """Series, head, index and signatures as they were one segment ago: whatever is left was signed at the time."""
    g.delete(rolled_back_but_for_signatures(g))
    return keys.manifest_prefix(CYCLE)


class Attack(NamedTuple):
    """``codes``: all that the audit of depth ``at`` finds. ``required``: with ``[signing] required = true``. ``anchored``: with ``--expect``."""

    zh: str
    do: Callable[[Ground], str]
    at: str
    codes: set[str]
    required: bool = False
    anchored: bool = False


ATTACKS = [
    Attack("改写清单,重算全部摘要、清单之首和索引", forged, "fast", {"signature.differs"}),
    Attack("同上,再续写一段", forged_and_gone_on, "fast", {"signature.differs"}),
    Attack("同上,删去全部签名(要求签名)", forged_and_stripped, "fast", {"signature.missing"}, required=True),
    Attack("同上,换成别的私钥的签名", forged_and_signed_by_another, "fast", {"signature.unknown-key"}),
    Attack("改动签名", altered_signature, "fast", {"signature.bad"}),
    Attack("改动所签的记录数", altered_claim, "fast", {"signature.bad"}),
    Attack("把旧签名当作新签名", moved_signature, "fast", {"signature.bad"}),
    Attack("改动较早的签名", spoilt_old_signature, "complete", {"signature.bad"}),
    Attack("清单、清单之首和索引退回一段,签名没有退", rolled_back_but_for_signatures, "fast", {"signature.beyond"}),
    Attack("清单、清单之首、索引和签名一起退回一段", rolled_back_altogether, "fast", {"head.anchor"}, anchored=True),
]


@pytest.mark.parametrize("a", ATTACKS, ids=lambda a: a.do.__name__)
def test_what_is_done_without_the_key_is_found(ground: Ground, a: Attack, key_files: Keys) -> None:
    where = a.do(ground)
    trust(ground.house.root, signing.load(key_files.ours).public, required=a.required)
    before = ground.contents()
    output = look(ground, a.at, ground.anchor if a.anchored else None)
    assert found(output) == a.codes, output.integrity
    assert output.integrity is not None and not output.integrity.ok and all(kinds()[c].blocking for c in a.codes)
    assert any(p.key.startswith(where) for p in output.integrity.problems), "it is named"
    assert ground.contents() == before, "the audit changes nothing"
    trust(ground.house.root, signing.load(key_files.ours).public)


def test_nothing_else_would_have_found_the_forgery(ground: Ground, key_files: Keys) -> None:
    forged_and_stripped(ground)
    output = look(ground, "complete")
    assert found(output) == set()
    assert any("最新清单之首未签名" in u for u in output.unchecked), "unsigned is 未检 and no pass"


def test_a_rollback_with_all_that_was_signed_is_found_by_an_anchor_alone(ground: Ground) -> None:
    rolled_back_altogether(ground)
    output = look(ground, "complete")
    assert found(output) == set() and any("无外部锚点" in u for u in output.unchecked)


@pytest.mark.parametrize("depth", ["fast", "complete"])
def test_a_signed_archive_that_nobody_touched_names_its_signer(ground: Ground, depth: str, key_files: Keys) -> None:
    with ground.house.open() as o:
        report = audit(o, depth=depth, only="integrity", expect=ground.anchor)
    assert found(report.output) == set()
    assert any(signing.load(key_files.ours).public.fingerprint in s.name and "有效" in s.name for s in report.steps)
    [looked] = [s.objects for s in report.steps if "签名" in s.name]
    assert looked == (len(signed(ground)) if depth == "complete" else 1)
    assert (OLDER in report.output.unchecked) == (depth == "fast")


def test_a_key_that_signed_before_signs_no_altered_series(ground: Ground) -> None:
    forged(ground)
    with ground.house.open(damaged=True) as o:
        o.archive.take_over()  # by whoever made the index anew
    before = ground.contents()
    with ground.house.open() as o, pytest.raises(IntegrityError) as e:
        o.archive.sign()
    assert e.value.code == "signature.differs" and "私钥" in e.value.zh
    with pytest.raises(IntegrityError):
        act(ground.house, "not_applicable", item="III18-2", kind="规范文件")
    assert ground.contents() == before


def test_the_documented_table_is_this_table() -> None:
    rows = [line for line in DOC.read_text("utf-8").splitlines() if line.startswith("| ")]
    for a in ATTACKS:
        [row] = [r for r in rows if r.startswith(f"| {a.zh} |")]
        assert all(f"`{c}`" in row for c in a.codes), row
        assert f" {a.at}{' --expect' if a.anchored else ''} " in row, row


# -- without a key, with another, in a copy ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, key_files: Keys) -> House:
    house = signed_house(tmp_path_factory.mktemp("begun") / "ws", key_files.ours)
    house.ingest()
    return house


@pytest.fixture
def house(begun: House, tmp_path: Path) -> House:
    """Its series holds its configuration; a copy for every test."""
    shutil.copytree(begun.root, tmp_path / "ws")
    return House(tmp_path / "ws", dict(begun.env))


def audited(house: House, **options: object) -> AuditOutput:
    with house.open(damaged=True) as o:
        return audit(o, only="integrity", **options).output  # type: ignore[arg-type]


def test_an_archive_that_never_signed_hears_nothing_of_signatures(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    act(house, "not_applicable", item="III18-2", kind="规范文件")
    output = audited(house)
    assert house.head() and found(output) == set() and not any("签名" in u for u in output.unchecked)
    assert not list((house.root / "store").rglob("signatures"))


def test_a_decision_without_the_key_is_signed_by_the_next_night(house: House) -> None:
    with_key, house.env = house.env, {}
    act(house, "not_applicable", item="III18-2", kind="规范文件")
    output = audited(house)
    [said] = [u for u in output.unchecked if "最新清单之首未签名" in u]
    assert "最近的有效签名在第" in said and found(output) == set()
    house.env = with_key
    head = house.head()
    assert not house.ingest().changed
    assert house.head() == head, "nothing was appended"
    assert not any("未签名" in u for u in audited(house).unchecked)


def test_whom_nobody_trusts_is_said_and_a_file_of_keys_beats_the_settings(house: House, key_files: Keys) -> None:
    stranger = signing.load(key_files.theirs).public
    assert found(audited(house, trusted=(stranger,))) == {"signature.unknown-key"}
    assert NOBODY_TRUSTED in audited(house, trusted=()).unchecked


def test_a_second_key_may_sign_as_well(house: House, key_files: Keys) -> None:
    house.env = {signing.VARIABLE: str(key_files.theirs)}
    with house.open() as o:
        assert o.archive.sign() is not None and o.archive.sign() is None
    assert found(audited(house)) == set(), "one good signature of the head is enough"
    assert found(audited(house, trusted=(signing.load(key_files.theirs).public,))) == set()


def test_a_copy_is_signed_too(house: House, tmp_path: Path) -> None:
    with house.open() as o:
        url = f"folder:{tmp_path / 'second'}"
        copy(o, url)
        assert compare(o, url, full=True).differences == []
    here, there = house.root / "store/cycles/c1/signatures", tmp_path / "second/cycles/c1/signatures"
    assert sorted(p.name for p in here.iterdir()) == sorted(p.name for p in there.iterdir()) != []


def test_a_signature_holds_when_another_index_takes_over(house: House) -> None:
    for p in house.root.glob("index.sqlite*"):
        p.unlink()
    house.env = {}
    with house.open(damaged=True) as o:
        o.archive.take_over()
    output = audited(house)
    assert found(output) == set() and not any("未签名" in u for u in output.unchecked)
