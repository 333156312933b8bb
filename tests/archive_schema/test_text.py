"""Regular expressions that wait until they are asked."""

from __future__ import annotations

from archive_schema.text import Expression


def test_it_is_compiled_when_it_is_first_asked_and_answers_as_a_compiled_one() -> None:
    def of() -> Expression:
        return Expression(r"\d")

    assert [bool(e) for e in (of().search("第7号"), of().match("第7号"), of().fullmatch("7"))] == [True, False, True]
    assert [m[0] for m in of().finditer("7、8")] == of().findall("7、8") == ["7", "8"]
    assert of().sub("n", "7、8") == "n、n"
    asked, left = of(), of()
    assert "compiled" not in vars(asked)
    assert asked.search("7") and asked.search("8")
    assert "compiled" in vars(asked) and "compiled" not in vars(left)


def test_before_a_fork_all_of_them_are_compiled() -> None:
    one = Expression(r"\d")
    Expression.ready()
    assert "compiled" in vars(one)
