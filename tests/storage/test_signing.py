"""Keys and signatures of heads: a signature comes after its head, is mended when a kill came between, and says only what was signed."""

from __future__ import annotations

import base64
import pickle
import stat
import traceback
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.signature import PublicKey, SignedHead, Signing, parse_public, parse_trusted
from storage import keys, series, signatures, signing
from storage.archive import STEPS, Archive
from storage.folder import FolderStore
from storage.objects import ObjectStore
from storage.signing import SigningKey
from tests.storage.make import CYCLE, commit_batch, open_archive
from tests.storage.test_archive import Killed, kill_after

NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
#: of RFC 8032, 7.1, test 1: the empty message
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.from_private_bytes(SEED))


def of_head(archive: Archive, key: SigningKey) -> signatures.Worth | None:
    """What the signature of the head is worth; None = there is none."""
    head = archive.head()
    assert head is not None
    name = keys.signature_key(CYCLE, head.seq, key.public.id)
    if archive.store.stat(name) is None:
        return None
    there = {s.header.seq: (s.digest, s.header.total) for s in series.walk(archive.store, CYCLE)}
    verdict = signatures.judged(archive.store, name, there, [key.public])
    return verdict.worth if verdict else None


def test_it_is_the_algorithm_of_the_standard(key: SigningKey) -> None:
    assert key.public.raw == PUBLIC and key.sign(b"") == SIGNATURE
    assert signing.verify(key.public, SIGNATURE, b"") and not signing.verify(key.public, SIGNATURE, b"x")
    assert not signing.verify(key.public, SIGNATURE[:-1], b"")


def test_every_commit_signs_its_head(store: ObjectStore, tmp_path: Path, key: SigningKey) -> None:
    archive = open_archive(store, tmp_path / "index.sqlite", signer=key)
    for n, name in enumerate("abc", 1):
        commit_batch(archive, tmp_path / "files", [name])
        assert of_head(archive, key) is signatures.Worth.GOOD and len(signatures.listed(store, CYCLE)) == n


def test_signing_changes_no_byte_of_the_series_and_no_state(tmp_path: Path, key: SigningKey) -> None:
    digests, lines = set(), []
    for signer in (None, key):
        archive = open_archive(FolderStore(tmp_path / str(signer)), tmp_path / f"{signer}.sqlite", signer=signer)
        commit_batch(archive, tmp_path / "files", ["a", "b"])
        digests.add(archive.state_digest())
        lines.append([s.lines for s in series.walk(archive.store, CYCLE)])
        archive.index.close()
    assert len(digests) == 1 and lines[0] == lines[1]


@pytest.mark.parametrize("step", [s for s in STEPS if s != "bytes"])
def test_killed_anywhere_the_next_opening_with_the_key_signs_the_head(step: str, tmp_path: Path, key: SigningKey) -> None:
    store = FolderStore(tmp_path / "store")
    dying = open_archive(store, tmp_path / "index.sqlite", failpoint=kill_after(step), signer=key)
    with pytest.raises(Killed):
        commit_batch(dying, tmp_path / "files", ["a"])
    dying.index.close()
    assert len(signatures.listed(store, CYCLE)) == (step == "held"), "the signature comes last"

    unsigned = open_archive(store, tmp_path / "index.sqlite", create=False)
    assert unsigned.inspect_series() == [] or step == "segment", "the archive is whole without it"
    unsigned.index.close()
    again = open_archive(store, tmp_path / "index.sqlite", create=False, signer=key)
    again.catch_up()
    if again.head() is None:
        commit_batch(again, tmp_path / "files", ["a"])
    assert of_head(again, key) is signatures.Worth.GOOD
    assert len(series.segment_keys(store, CYCLE)) == len(signatures.listed(store, CYCLE)) == 1


def test_a_head_of_nobodys_key_is_signed_once(tmp_path: Path, key: SigningKey) -> None:
    store = FolderStore(tmp_path / "store")
    plain = open_archive(store, tmp_path / "index.sqlite")
    commit_batch(plain, tmp_path / "files", ["a"])
    plain.index.close()
    archive = open_archive(store, tmp_path / "index.sqlite", signer=key)
    assert of_head(archive, key) is None
    assert archive.sign() is not None and of_head(archive, key) is signatures.Worth.GOOD
    assert archive.sign() is None


def test_what_was_signed_and_is_gone_is_not_signed_over(tmp_path: Path, key: SigningKey) -> None:
    store = FolderStore(tmp_path / "store")
    archive = open_archive(store, tmp_path / "index.sqlite", signer=key)
    commit_batch(archive, tmp_path / "files", ["a"])
    first = archive.head()
    commit_batch(archive, tmp_path / "files", ["b"])
    archive.index.close()
    assert first is not None
    store.delete(series.segment_keys(store, CYCLE)[-1])
    series.write_head(store, CYCLE, first)
    behind = open_archive(store, tmp_path / "new.sqlite")
    behind.take_over()
    behind.index.close()
    again = open_archive(store, tmp_path / "new.sqlite", signer=key)
    with pytest.raises(IntegrityError) as e:
        commit_batch(again, tmp_path / "files", ["c"])
    assert e.value.code == "signature.differs" and len(series.segment_keys(store, CYCLE)) == 1
    with pytest.raises(IntegrityError):
        again.sign()


def test_only_the_index_that_writes_signs(tmp_path: Path, key: SigningKey) -> None:
    store = FolderStore(tmp_path / "store")
    commit_batch(open_archive(store, tmp_path / "ours.sqlite"), tmp_path / "files", ["a"])
    other = open_archive(store, tmp_path / "other.sqlite", signer=key)
    assert other.catch_up() == 4
    with pytest.raises(ConflictError) as e:
        other.sign()
    assert e.value.code == "archive.other-index" and signatures.listed(store, CYCLE) == []


HEAD = SignedHead("2026", 7, 40, "d" * 64, NOW)


@given(
    st.builds(
        SignedHead,
        st.sampled_from(["2026", "2027", "二〇二六"]),
        st.integers(6, 8),
        st.integers(39, 41),
        st.sampled_from(["d" * 64, "e" * 64]),
        st.sampled_from([NOW, NOW.replace(minute=1)]),
    )
)
def test_a_signature_holds_for_exactly_what_was_signed(other: SignedHead) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(SEED))
    made = key.sign(HEAD.to_bytes())
    assert signing.verify(key.public, made, other.to_bytes()) == (other == HEAD)


@given(st.binary(max_size=400))
def test_whatever_lies_under_a_signatures_name_is_judged_and_nothing_else(data: bytes) -> None:
    class One:
        def get(self, _: str) -> bytes:
            return data

    verdict = signatures.judged(One(), keys.signature_key(CYCLE, 1, "0" * 16), {}, [])  # type: ignore[arg-type]
    assert verdict is not None and verdict.worth is signatures.Worth.BAD


# -- keys -------------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_its_owners_alone_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    public = signing.create(file, name="档案室")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert parse_trusted(file.with_name("key.pem.pub").read_text("utf-8")) == (public,) and public.name == "档案室"
    assert signing.load(file).public.raw == public.raw
    before = file.read_bytes()
    link = tmp_path / "link.pem"
    link.symlink_to(tmp_path / "nowhere")
    (tmp_path / "half.pem.pub").write_text("x")
    for taken in (file, link, tmp_path / "half.pem"):
        with pytest.raises(UsageError) as e:
            signing.create(taken)
        assert e.value.code == "signing.exists"
    assert file.read_bytes() == before and not (tmp_path / "half.pem").exists() and not (tmp_path / "nowhere").exists()


def test_a_key_with_a_password_needs_it(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    public = signing.create(file, password="pa55-w0rd")
    assert b"ENCRYPTED" in file.read_bytes()
    assert signing.load(file, password="pa55-w0rd").public.raw == public.raw
    for wrong in ("", "pa55-other"):
        with pytest.raises(UsageError) as e:
            signing.load(file, password=wrong)
        told = "".join(traceback.format_exception(e.value)) + e.value.zh + e.value.hint
        assert signing.PASSWORD in e.value.zh and "pa55" not in told
    plain = tmp_path / "plain.pem"
    signing.create(plain)
    assert signing.load(plain, password="not needed").public.raw


def test_keys_of_openssh_are_read(tmp_path: Path, key: SigningKey) -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    file = tmp_path / "id_ed25519"
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    assert signing.load(file).public == key.public
    theirs = private.public_key()
    assert parse_public(theirs.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " 张三 的") == PublicKey(
        PUBLIC, "张三 的"
    )
    pem = theirs.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert parse_trusted(f"# 审计用\n{pem}\n{key.public.line} 档案室\n") == (key.public, PublicKey(PUBLIC, "档案室"))
    assert (
        key.public.fingerprint == "SHA256:" + key.public.fingerprint.removeprefix("SHA256:")
        and "=" not in key.public.fingerprint
    )


def test_what_is_no_ed25519_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "key.pem"
    for data in (other, b"", b"s3cret words", b"-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"):
        file.write_bytes(data)
        with pytest.raises(UsageError) as e:
            signing.load(file)
        told = "".join(traceback.format_exception(e.value)) + e.value.zh + e.value.hint
        assert e.value.code == "signing.key" and str(file) in e.value.zh and "s3cret" not in told
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError):
            signing.load(path)


@pytest.mark.parametrize(
    "line", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 ***", "ssh-ed25519 " + "A" * 68]
)
def test_what_is_no_public_key_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        parse_public(line)
    assert Signing(trusted=(line,)).wrong()
    assert Signing(required=True).wrong() and not Signing().wrong()


def test_a_private_key_shows_nothing_of_itself(key: SigningKey) -> None:
    seed = base64.b64encode(SEED).decode()
    assert seed not in repr(key) and str(SEED) not in repr(vars(key)) and key.public.fingerprint in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        msgspec.json.encode(key)


def test_a_key_within_the_workspace_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "ws" / "below"
    inside.mkdir(parents=True)
    with pytest.raises(UsageError) as e:
        signing.create(inside / "key.pem", outside=(tmp_path / "ws",))
    assert e.value.code == "signing.place" and not list(inside.iterdir())
    signing.create(tmp_path / "key.pem")
    (tmp_path / "link").symlink_to(inside)
    (inside / "key.pem").write_bytes((tmp_path / "key.pem").read_bytes())
    for path in (inside / "key.pem", tmp_path / "link" / "key.pem"):
        with pytest.raises(UsageError) as e:
            signing.from_environment({signing.VARIABLE: str(path)}, outside=(tmp_path / "ws",))
        assert e.value.code == "signing.place"
    assert signing.from_environment({}) is None
