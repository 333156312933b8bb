"""Help that cannot drift from the commands: every verb explained, in Chinese, with nothing of click's English left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dangan import cli
from tests.dangan.line import dangan
from tests.needs import REPOSITORY
from validators import checks

#: these print no data: they write a workspace, a spreadsheet or a table, or serve
PRINT_NO_DATA = {
    "init",
    "serve",
    "review export",
    "catalogue export",
    "catalogue import",
    "units export",
    "units import",
}
#: words of Latin letters that are names and not English
NAMES = [
    "dangan",
    "toml",
    "xlsx",
    "csv",
    "html",
    "json",
    "jsonl",
    "sqlite",
    "XLSX",
    "SHA",
    "UTF-",
    "GBK",
    "SEQ",
    "DIGEST",
    "CRON",
    "Prefect",
    "Ctrl",
    "reports",
    "inbox",
    "folder",
    "store",
    "issued_on",
    "review_days",
    "rolling",
    "default",
    "national-2017",
    "national-",
    "fujian-county",
    "III",
    "min_long_side",
    "cycle",
    "SHA-",
    "PREFECT_API_URL",
    "use",
    "checks",
    "review",
    "log",
    "import",
    "undo",
    "pdf",
    "pem",
    "pub",
    "signing",
    "trusted",
    "DANGAN_SIGNING_KEY_FILE",
    "DANGAN_SIGNING_KEY_PASSWORD",
]
#: pages for operators and developers
DOCS = sorted(p.stem for p in (REPOSITORY / "docs").glob("*.md"))
CODES = [c.code for c in checks.load().checks]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with its words, groups left out."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands(cli._root()))


def names() -> set[str]:
    """Names, verbs, and the words that options take."""
    choices = {str(c) for x in ALL.values() for p in x.params if isinstance(p.type, click.Choice) for c in p.type.choices}
    return {*NAMES, *CODES, *choices, *(w for words in ALL for w in words.split())}


def english(text: str) -> list[str]:
    """Words of two or more Latin letters that are no names."""
    text = re.sub(r"(?<!\w)--?[a-z-]+|(?<![0-9a-f])[0-9a-f]{8,}(?![0-9a-f])", " ", text)  # options, beginnings of digests
    return [w for w in re.findall(r"[A-Za-z][A-Za-z_-]+", text) if w not in names()]


def test_the_table_of_verbs_holds_more_than_the_help_of_one_screen() -> None:
    assert len(ALL) > 30
    assert {words.split()[0] for words in ALL} == set(cli.COMMANDS)


@pytest.mark.parametrize("verb", cli.COMMANDS)
def test_the_sentence_in_the_overview_is_the_first_of_the_commands_own_help(verb: str) -> None:
    command = cli.Verbs().get_command(click.Context(click.Group()), verb)
    assert command is not None and command.help is not None
    assert command.help.splitlines()[0] == cli.COMMANDS[verb][1]


@pytest.mark.parametrize("words", ALL)
def test_every_command_says_in_chinese_what_it_does(words: str) -> None:
    text = ALL[words].help or ""
    assert re.search("[一-鿿]{4}", text), "no Chinese"
    assert text.splitlines()[0].endswith("。"), "the first line is a whole sentence"


@pytest.mark.parametrize("verb", [v for v in ALL if " " not in v and v not in ("doctor",)])
def test_every_verb_shows_an_example_that_begins_with_its_own_name(verb: str) -> None:
    assert f"例: dangan {verb}" in (ALL[verb].help or "")


@pytest.mark.parametrize("words", ["", "review", "catalogue", "units", "checks", *ALL])
def test_no_help_holds_a_word_of_english(words: str) -> None:
    answer = dangan(*words.split(), "--help")
    assert answer.code == 0 and answer.out.startswith("用法: dangan")
    assert english(answer.out) == []


@pytest.mark.parametrize("words", ALL)
def test_every_option_is_explained(words: str) -> None:
    for parameter in ALL[words].params:
        if isinstance(parameter, click.Option) and parameter.name != "output":
            assert parameter.help, parameter.name


@pytest.mark.parametrize("words", sorted(set(ALL) - PRINT_NO_DATA))
def test_every_command_that_prints_data_can_print_json(words: str) -> None:
    [fmt] = [p for p in ALL[words].params if p.name == "fmt"]
    assert isinstance(fmt.type, click.Choice)
    assert {"json", "jsonl"} & {str(c) for c in fmt.type.choices}


def test_the_commands_without_a_format_are_commands() -> None:
    assert set(ALL) >= PRINT_NO_DATA
    assert not [words for words in PRINT_NO_DATA if any(p.name == "fmt" for p in ALL[words].params)]


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("coverag",),
        ("--nonsense",),
        ("audit", "--nonsense"),
        ("audit", "--form", "json"),
        ("audit", "--depth", "deepest"),
        ("audit", "--format"),
        ("audit", "too", "much"),
        ("review",),
        ("review", "nonsense"),
        ("review", "accept"),
        ("review", "accept", "abcdef"),
        ("review", "move", "abcdef", "--by", "甲", "--reason", "乙"),
        ("review", "import", "/nowhere/x.xlsx"),
        ("ingest", "/nowhere"),
        ("inspect", "/nowhere"),
        ("inspect", "/"),
        ("classify",),
        ("classify", "--titles", "/nowhere"),
        ("catalogue", "show", "nonsense"),
        ("checks", "explain", "NONSENSE"),
        ("-C", "/", "coverage"),
        ("init", "/nowhere/x", "--window", "yesterday"),
    ],
)
def test_wrong_use_is_said_in_chinese_and_ends_with_2(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = dangan(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert re.search("[一-鿿]", answer.err)
    typed = {w for word in words for w in re.findall(r"[A-Za-z][A-Za-z_-]+", word)}  # quoted as it is
    assert [w for w in english(answer.err.replace(str(tmp_path), "")) if w not in typed] == []


def test_without_a_verb_the_overview_is_shown() -> None:
    answer = dangan()
    assert answer.code == 2
    assert all(sentence in answer.err for _, sentence in cli.COMMANDS.values())


def test_the_version_is_said_in_chinese() -> None:
    answer = dangan("--version")
    assert answer.code == 0 and answer.out.startswith("dangan,版本 ")


@pytest.mark.parametrize("verb", cli.COMMANDS)
def test_the_readme_names_every_command(verb: str) -> None:
    table = [line for line in (REPOSITORY / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    named = {word for line in table for word in re.findall(r"`([a-z-]+)", line.split("|")[1])}
    assert verb in named


GUIDES = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "benchmarks/README.md", *(f"docs/{n}.md" for n in DOCS)]


@pytest.mark.parametrize("file", GUIDES)
def test_the_commands_that_the_guides_show_are_there(file: str) -> None:
    text = (REPOSITORY / file).read_text("utf-8")
    shown = re.findall(r"dangan (?:-C \S+ )?([a-z]+)(?: ([a-z-]+))?([^\n`#|]*)", text)
    assert shown or file in ("CONTRIBUTING.md", "docs/checks.md", "docs/laws.md")
    for verb, below, rest in shown:
        if verb in ("dangan", "install", "evidence"):  # a unit of systemd and its account, no command
            continue
        assert verb in cli.COMMANDS, verb
        words = verb
        if any(known.startswith(f"{verb} ") for known in ALL):
            words = f"{verb} {below}" if below else ""
            assert not below or words in ALL
        takes = {o for p in (ALL[words].params if words else ()) for o in (*p.opts, *p.secondary_opts)}
        assert not words or set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)) <= {*takes, "--help"}, (words, rest)


@pytest.mark.parametrize("file", GUIDES)
def test_no_return_is_shown_with_a_day_that_passes(file: str) -> None:
    """One that is by then refused."""
    assert not re.findall(r"dangan review return .*--due \d.*", (REPOSITORY / file).read_text("utf-8"))


@pytest.mark.parametrize("file", GUIDES)
def test_what_the_guides_tell_to_make_can_be_made(file: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.M))
    shown = re.findall(r"(?:`|^)make ([a-z-]+)", (REPOSITORY / file).read_text("utf-8"), re.M)
    assert set(shown) <= targets


def test_every_variable_of_the_environment_is_told_to_the_operator_and_none_that_is_not_read() -> None:
    read: set[str] = set()
    for room in ("intake", "classification", "storage", "flows", "dangan"):
        for file in (REPOSITORY / room).rglob("*.py"):
            read |= set(re.findall(r"DANGAN_[A-Z0-9_]*[A-Z0-9]", file.read_text("utf-8")))
    read -= {"DANGAN_TOML", "DANGAN_S3", "DANGAN_COPY_S3", "DANGAN_INBOX_S3"}  # a text, and what names begin with
    assert len(read) > 12
    guide = (REPOSITORY / "docs/operations.md").read_text("utf-8")
    told = set(re.findall(r"DANGAN_[A-Z0-9_]*[A-Z0-9]", guide)) - {"DANGAN_COPY_S3", "DANGAN_INBOX_S3", "DANGAN_S3"}
    of_files = {"DANGAN_S3_ACCESS_KEY_FILE", "DANGAN_S3_SECRET_KEY_FILE"}  # made of two parts in the code
    assert told == read | of_files


def test_what_our_own_texts_advise_to_run_is_there() -> None:
    """Hints in the source and the data of every room name commands: each must exist, with the options shown."""
    rooms = ("archive_schema", "intake", "classification", "validators", "storage", "reports", "samples", "flows", "dangan")
    files = [f for r in rooms for f in (REPOSITORY / r).rglob("*") if f.suffix in (".py", ".toml", ".html", ".j2")]
    advised: set[tuple[str, str, str]] = set()
    for file in files:
        advised |= set(
            re.findall(r"(?<!from )dangan ([a-z][a-z-]*)(?: ([a-z-]+))?([^\n`。;；，,()（）]*)", file.read_text("utf-8"))
        )
    advised.discard(("head", "signature", ' 1\\n"'))  # what a signature signs
    assert len(advised) > 50
    for verb, below, rest in advised:
        assert verb in cli.COMMANDS, verb
        words = verb
        if any(known.startswith(f"{verb} ") for known in ALL):
            words = f"{verb} {below}" if below else ""
            assert not below or words in ALL, (verb, below)
        takes = {o for p in (ALL[words].params if words else ()) for o in (*p.opts, *p.secondary_opts)}
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)) <= {*takes, "--help"}, (words, rest)
