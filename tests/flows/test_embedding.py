"""A workspace with an embedding model: used, missing, back again, and switched off."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from archive_schema import catalogue as catalogues
from classification.classifier import Classifier
from classification.embedding import KEY
from classification.endpoint import Endpoint
from classification.semantics import item_texts, unmarked
from dangan import cli
from flows import digest
from flows.doctor import doctor
from flows.ingest import reassess
from flows.lessons import unasked
from flows.semantics import probe
from reports import digest_text
from tests import needs
from tests.classification import models
from tests.flows.house import House, document, photo
from tests.needs import REPOSITORY

SECRET = "s3cret-KEY"
BODY = "现将有关事项通知如下"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before a service is asked again."""
    real = Endpoint.__init__
    monkeypatch.setattr(Endpoint, "__init__", lambda self, *a, **more: real(self, *a, **(more | {"pauses": ()})))


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House.build(tmp_path / "ws")
    document(made.inbox / "市文明办" / "红黑榜.txt")
    document(made.inbox / "市教育局" / "校园.txt", title="示例市文明校园创建管理办法", number="示教发〔2026〕3号")
    photo(made.inbox / "市文明办" / "好人榜揭幕.jpg")
    return made


def switch(house: House, section: str) -> None:
    """The settings with this ``[embedding]`` in place of any other; "" = none."""
    file = house.root / "dangan.toml"
    text = file.read_text("utf-8").partition("\n[embedding]")[0].rstrip("\n")
    file.write_text(f"{text}\n" + (f"\n[embedding]\n{section}\n" if section else ""), "utf-8")


@pytest.fixture
def service() -> Iterator[Callable[[], models.Service]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(models.service(models.by_characters()))


def ask(url: str, **more: str) -> str:
    return "\n".join([f'endpoint = "{url}"', 'model = "m"', *(f'{k} = "{v}"' for k, v in more.items())])


def marks(house: House) -> list[str]:
    """What stands behind the classifier's version, for every file."""
    with house.open() as o:
        under = [unasked(r.classifier) for r in o.archive.index.placement_records()]
        return [u.removeprefix(unmarked(u)) for u in under]


def reasons(house: House) -> str:
    with house.open() as o:
        return "".join(r for x in o.archive.index.placement_records() for p in x.machine for r in p.reasons)


# ---- off


def test_off_is_the_default_says_so_and_leaves_nothing_behind(house: House, service: Callable[[], models.Service]) -> None:
    house.ingest()
    assert marks(house) == [""] * 3 and "语义" not in reasons(house) and not (house.root / ".embedding").exists()
    with house.open() as o:
        assert o.workspace.embedding.wanted is False and o.classifier.semantics is None
        assert o.classifier.version == Classifier(o.catalogue, o.units, o.settings.margins).version
        place = o.workspace
    [said] = [p for p in doctor(place) if p.name == "语义模型"]
    assert said.ok is True and "未启用" in said.text and "不离开本机" in said.text
    plain = house.digest()
    switch(house, ask(service().url))
    house.ingest()
    assert all(marks(house))
    switch(house, "")
    house.ingest()
    assert marks(house) == [""] * 3 and house.digest() == plain, "switched on and off again"


def test_off_loads_nothing_of_it(house: House) -> None:
    script = """
import sys
from dangan.cli import run
assert run(sys.argv[1:]) == 0
print([m for m in sys.modules if m in ("onnxruntime", "numpy", "classification.endpoint", "classification.model_folder")])
"""
    for words in (["classify", "诚信红黑榜"], ["ingest", "--no-validation"]):
        line = [sys.executable, "-c", script, "-C", str(house.root), *words]
        done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=REPOSITORY)
        assert done.stdout.splitlines()[-1] == "[]", words


# ---- on


def test_titles_go_to_the_service_and_nothing_else_and_the_doctor_says_so(
    house: House, service: Callable[[], models.Service]
) -> None:
    s = service()
    switch(house, ask(s.url))
    (house.inbox / "市文明办" / "机密.txt").write_text("机密★1年\n示例市机密事项目录", "utf-8")
    result = house.ingest()
    assert result.output.quarantined == 1 and result.cautions == ()
    assert len(set(marks(house))) == 1 and marks(house)[0].startswith("~m@")
    assert "语义相近 " in reasons(house)
    own = {t for _, t in item_texts(catalogues.load("national-2017"))}
    told = sorted(set(s.texts) - own)
    assert [len(a["input"]) for a in s.asked if set(a["input"]) <= set(told)] == [3], "in one request for the batch"
    assert len(told) == 3 and any("红黑榜" in t for t in told) and "好人榜揭幕" in told
    assert not any(BODY in t or "机密" in t or "市直各单位" in t for t in told)
    with house.open() as o:
        said = probe(o)
    assert said.ok is True and s.url in said.text and "标题会发送到" in said.text and "正文不发送" in said.text
    before, head = len(s.asked), house.head()
    house.ingest()
    assert len(s.asked) == before and house.head() == head, "what is known is not asked again"


def test_a_folder_does_the_same_without_any_service(house: House) -> None:
    models.model_folder(house.root / "models" / "little", models.characters(catalogues.load("national-2017")))
    switch(house, 'folder = "models/little"')
    house.ingest()
    [mark] = set(marks(house))
    assert mark.startswith("~little@") and "语义相近 " in reasons(house)
    other = House.build(house.root.parent / "other")
    for unit in house.inbox.iterdir():
        for f in unit.iterdir():
            (other.inbox / unit.name).mkdir(exist_ok=True)
            (other.inbox / unit.name / f.name).write_bytes(f.read_bytes())
    switch(other, f'folder = "{house.root / "models" / "little"}"')
    other.ingest()
    assert other.digest() == house.digest() and marks(other) == marks(house)
    with house.open() as o:
        place = o.workspace
        said = probe(o)
    assert place.embedding.folder and said.ok is True and "little" in said.text and "发送" not in said.text


# ---- the model is not there


def test_an_outage_costs_nothing_but_the_model_and_is_made_up_for(
    house: House, service: Callable[[], models.Service], capsys: pytest.CaptureFixture[str]
) -> None:
    switch(house, ask("http://127.0.0.1:9/v1"))
    result = house.ingest()
    [said] = result.cautions
    assert "未用语义模型" in said and "http://127.0.0.1:9/v1/embeddings" in said and "下次收件" in said
    assert marks(house) == [""] * 3 and result.output.new == 3
    head = house.head()
    [again] = house.ingest().cautions
    assert again == said and house.head() == head, "a night that could make up for nothing appends nothing"
    with house.open() as o:
        text = digest_text.render(digest.digest(o), zone=o.workspace.zone)
        assert f"注意：{said}" in text and "一切正常" not in text
        found = probe(o)
    assert found.ok is False and "用不了" in found.text and "连不上" in found.text
    assert cli.run(["-C", str(house.root), "ingest", "--no-validation"]) == 0
    assert "注意: 未用语义模型" in capsys.readouterr().err
    switch(house, ask(service().url))
    assert house.ingest().cautions == () and all(marks(house))
    with house.open() as o:
        assert digest.digest(o).cautions == ()


def test_what_the_model_had_a_part_in_is_left_alone_while_it_is_away(
    house: House, service: Callable[[], models.Service]
) -> None:
    with models.service(models.by_characters()) as s:
        switch(house, ask(s.url))
        house.ingest()
    held = marks(house)
    assert all(held)
    head = house.head()
    assert house.ingest().cautions == () and house.head() == head, "nothing to ask, nothing to say"
    document(house.inbox / "市文明办" / "新.txt", title="示例市道德模范评选办法", number="示文明办发〔2026〕14号")
    assert house.ingest().cautions
    assert sorted(marks(house)) == ["", *held]
    switch(house, ask(service().url))
    house.ingest()
    assert sorted(marks(house)) == sorted([held[0]] * 4)


def test_another_version_or_weight_is_judged_anew(house: House, service: Callable[[], models.Service]) -> None:
    url = service().url
    seen = set()
    for section in (ask(url), ask(url, version="2"), ask(url) + "\nweight = 0.7"):
        switch(house, section)
        house.ingest()
        [mark] = set(marks(house))
        seen.add(mark)
    assert len(seen) == 3


def test_a_folder_that_is_gone_keeps_what_it_helped_with(house: House) -> None:
    folder = models.model_folder(house.root / "m", models.characters(catalogues.load("national-2017")))
    switch(house, 'folder = "m"')
    house.ingest()
    held, head = marks(house), house.head()
    folder.rename(house.root / "elsewhere")
    [said] = house.ingest().cautions
    assert "没有文件夹" in said and "不下载" in said and marks(house) == held and house.head() == head
    with house.open() as o:
        assert reassess(o, validation=False).reclassified == 0


# ---- the key, and no other connection


def test_the_key_is_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    with caplog.at_level("DEBUG"), models.service(models.by_characters()) as s:
        switch(house, ask(s.url))
        for words in ("ingest --no-validation", "classify 红黑榜", "manifest"):
            cli.run(["-C", str(house.root), *words.split()])
        s.reply = lambda asked, before: (403, json.dumps({"error": f"bad key {SECRET}"}).encode(), {})
        cli.run(["-C", str(house.root), "classify", "垃圾分类"])
        with house.open() as o:
            print(probe(o), o.classifier.semantics.fault)
    assert {h.get("Authorization") for h in s.headers} == {f"Bearer {SECRET}"}
    out = capsys.readouterr()
    told = out.out + out.err + caplog.text
    assert "不接受密钥" in told and "红黑榜" in told
    files = b"\n".join(p.read_bytes() for p in house.root.rglob("*") if p.is_file())
    assert SECRET not in told and SECRET.encode() not in files


def test_wrong_settings_are_refused_with_the_file(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    for section, says in (("folder = 3", "只能有 folder"), ('token = "x"', "只能有 folder"), ('endpoint = "x"', "形如")):
        switch(house, section)
        assert cli.run(["-C", str(house.root), "coverage"]) == 2
        said = capsys.readouterr().err
        assert "dangan.toml" in said and "[embedding]" in said and says in said


@pytest.mark.netns
def test_with_a_folder_nothing_is_connected_to_even_when_parts_are_missing(house: House, tmp_path: Path) -> None:
    """Where there is no network but loopback, a model that lacks something says so at once and the job is done."""
    alone = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    try:
        able = subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        needs.missing("netns", "this machine does not allow a network namespace")
    folder = models.model_folder(house.root / "m", models.characters(catalogues.load("national-2017")))
    switch(house, 'folder = "m"')

    def run(*words: str) -> Any:
        line = [*alone, sys.executable, "-m", "dangan", "-C", str(house.root), *words]
        return subprocess.run(line, capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=120)

    done = run("ingest", "--no-validation")
    assert done.returncode == 0 and "未用语义模型" not in done.stderr and all(marks(house))
    (folder / "tokenizer.json").unlink()
    done = run("classify", "垃圾分类")
    assert done.returncode == 0 and "没有 tokenizer.json" in done.stderr and "III" in done.stdout
