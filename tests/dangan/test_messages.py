"""click's own messages: every one that a user can meet is in our catalogue, and the compiled file is the written one."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import dangan
from tests.needs import REPOSITORY

LOCALE = Path(dangan.__file__).parent / "locale"
MESSAGES = LOCALE / "zh_CN" / "LC_MESSAGES"

#: modules of click whose messages nobody meets: no prompts, no editor, no shell completion, no Windows console
UNUSED_MODULES = {"_termui_impl.py", "_winconsole.py", "termui.py", "shell_completion.py"}
#: messages to a programmer, or about parameter types that no command has
NOBODY_MEETS = {
    "Value must be an iterable.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Could not determine name for option with declarations {decls!r}",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
    " Did you mean to pass '--{name}'?",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Do you want to continue?",
    "Confirm the action without prompting.",
    "Invalid start character for option ({option})",
    "Choice({choices})",
    "{value!r} does not match the format {format}.",
    "{value!r} is not a valid boolean. Recognized values: {states}",
    "{value!r} is not a valid UUID.",
    "{name} {filename!r} is not executable.",
    "{len_type} values are required, but {len_value} was given.",
    "Unknown standard stream '{name}'",
}

FIELD = re.compile(r"\{\w+|%\(\w+")
#: click fills these in, too, where a message has a second form
OF_THE_PLURAL = {"{possibilities", "{choices", "{nargs", "{len"}


def of_click() -> set[str]:
    """The messages in click's source, the singular of those that have two forms."""
    found = set()
    for file in Path(click.__file__).parent.glob("*.py"):
        if file.name in UNUSED_MODULES:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "ngettext")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def written() -> dict[str, list[str]]:
    with (MESSAGES / "messages.po").open("rb") as f:
        catalogue = read_po(f)
    return {
        (m.id if isinstance(m.id, str) else m.id[0]): [m.string] if isinstance(m.string, str) else list(m.string)
        for m in catalogue
        if m.id
    }


def compiled(file: Path) -> dict[str, list[str]]:
    with file.open("rb") as f:
        catalogue = read_mo(f)
    return {
        (m.id if isinstance(m.id, str) else m.id[0]): [m.string] if isinstance(m.string, str) else list(m.string)
        for m in catalogue
        if m.id
    }


def test_every_message_that_a_user_can_meet_is_translated() -> None:
    missing = of_click() - set(written()) - NOBODY_MEETS
    assert missing == set()


def test_the_list_of_messages_that_nobody_meets_names_only_messages_of_click() -> None:
    assert of_click() >= NOBODY_MEETS
    assert not NOBODY_MEETS & set(written())


def test_every_translation_is_chinese_and_fills_in_no_more_than_click_gives() -> None:
    for message, texts in written().items():
        for text in texts:
            assert re.search("[一-鿿]", text), message
            assert set(FIELD.findall(text)) <= set(FIELD.findall(message)) | OF_THE_PLURAL


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert compiled(MESSAGES / "messages.mo") == written()


def test_make_locale_compiles_it(tmp_path: Path) -> None:
    [line] = [x for x in (REPOSITORY / "Makefile").read_text("utf-8").splitlines() if "pybabel compile" in x]
    shutil.copytree(LOCALE, tmp_path / "locale")
    made = tmp_path / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.mo"
    made.unlink()
    words = line.split()[1:]
    words[words.index("dangan/locale")] = str(tmp_path / "locale")
    program = Path(sys.executable).with_name("pybabel")
    if not program.exists():
        pytest.fail(f"{program} is not installed")
    subprocess.run([str(program), *words], check=True, capture_output=True)
    assert compiled(made) == written()
