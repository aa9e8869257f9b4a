"""YAML text to a marked tree; hostile files are refused."""

from __future__ import annotations

import pytest

from grader.errors import ExerciseError, Fault
from grader.exercise.yaml_nodes import Scalar, plain
from grader.exercise.yaml_reader import parse


def refused(text: str) -> Fault:
    with pytest.raises(ExerciseError) as caught:
        parse(text, "x.yaml")
    return caught.value.faults[0]


def test_every_key_and_value_knows_its_place() -> None:
    document = parse("a: 1\nbb:\n  c: [x, 'y']\n", "x.yaml")

    key, item = document.key(("bb", "c")), document.at(("bb", "c", 1))
    assert key is not None
    assert (key.line, key.column) == (3, 3)
    assert item == Scalar("y", "y", "'", 3, 10)


def test_the_mark_of_a_mapping_is_that_of_its_key() -> None:
    assert parse("a:\n  b:\n    c: 1\n", "x.yaml").mark(("a", "b")) == (2, 3)


def test_the_mark_of_what_is_not_there_is_that_of_what_is_above_it() -> None:
    assert parse("a:\n  b: 1\n", "x.yaml").mark(("a", "zz")) == (1, 1)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-6", 1e-6),
        ("1E5", 1e5),
        (".5", 0.5),
        ("-3", -3),
        ("010", 10),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2020-01-01", "2020-01-01"),
        ("y", "y"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("'true'", "true"),
        ("~", None),
        ("", None),
        ("9" * 5000, float("inf")),
    ],
)
def test_plain_scalars_follow_yaml_1_2(written: str, value: object) -> None:
    assert plain(parse(f"a: {written}\n", "x.yaml").root) == {"a": value}


@pytest.mark.parametrize("key", ["y", "n", "no", "on", "null", "1", "1.5", "true", "<<"])
def test_keys_are_the_text_that_stands_there(key: str) -> None:
    assert plain(parse(f"{key}: x\n", "x.yaml").root) == {key: "x"}


def test_a_comma_inside_parentheses_does_not_end_an_entry() -> None:
    document = parse("a: {draw: uniform(-2, 2), b: 1}\n", "x.yaml")

    assert plain(document.root) == {"a": {"draw": "uniform(-2, 2)", "b": 1}}


def test_a_few_aliases_are_taken() -> None:
    assert plain(parse("a: &h [1, 2]\nb: *h\n", "x.yaml").root) == {"a": [1, 2], "b": [1, 2]}


def test_many_aliases_are_refused_while_they_are_read() -> None:
    fault = refused("a: &a x\nb: [" + "*a, " * 60_000 + "]\n")

    assert (fault.line, fault.found, fault.expected) == (2, "more than 20 aliases", "at most 20 aliases")


def test_a_million_aliases_are_refused() -> None:
    assert refused("a: &a x\nb: [" + "*a, " * 1_000_000 + "]\n").found == "more than 256 KiB"


def test_aliases_of_aliases_are_counted_by_what_they_stand_for() -> None:
    laughs = "a0: &a0 [" + "x, " * 90 + "]\n"
    laughs += "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 5))

    assert refused(laughs).found == "more than 5000 values"


def test_an_alias_inside_what_it_names_is_refused() -> None:
    assert refused("a: &a [*a]\n").found == "the alias `*a` inside what it names"


def test_an_alias_without_an_anchor_is_refused() -> None:
    assert refused("a: *b\n") == Fault("x.yaml", 1, 4, "a", "the alias `*b`", "an anchor `&b` that ends before it")


def test_deep_nesting_is_refused() -> None:
    assert refused("a: " + "[" * 100_000).found == "more than 32 levels"


def test_nesting_by_aliases_is_refused() -> None:
    text = "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 20 + "*a" + "]" * 20 + "\n"

    assert refused(text).found == "more than 32 levels"


def test_too_many_values_are_refused() -> None:
    assert refused("a: [" + "1, " * 6000 + "]\n").found == "more than 5000 values"


def test_a_large_file_is_refused() -> None:
    assert refused("# " + "x" * 300_000).found == "more than 256 KiB"


def test_every_tag_is_named() -> None:
    with pytest.raises(ExerciseError) as caught:
        parse("a: !!python/object/apply:os.system [ls]\nb: !x 1\n", "x.yaml")

    assert [(one.line, one.column, one.field, one.found, one.expected) for one in caught.value.faults] == [
        (1, 4, "a", "the tag `tag:yaml.org,2002:python/object/apply:os.system`", "no tags"),
        (2, 4, "b", "the tag `!x`", "no tags"),
    ]


def test_every_duplicate_key_is_named() -> None:
    with pytest.raises(ExerciseError) as caught:
        parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", "x.yaml")

    assert [(one.line, one.column, one.field, one.found) for one in caught.value.faults] == [
        (4, 3, "b.c", "`c` a second time (first in line 3)"),
        (5, 1, "a", "`a` a second time (first in line 1)"),
    ]


def test_a_second_document_is_refused() -> None:
    assert refused("a: 1\n---\nb: 2\n") == Fault(
        "x.yaml", 2, 1, "file", "a second document (`---`)", "one exercise a file"
    )


@pytest.mark.parametrize(("text", "found"), [("", "an empty file"), ("- a\n", "a list"), ("hello\n", "'hello'")])
def test_what_is_no_mapping_is_refused(text: str, found: str) -> None:
    assert refused(text).found == found


@pytest.mark.parametrize(
    ("text", "line", "column", "found", "expected"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab", "spaces (YAML takes no tabs here)"),
        ("a:\n \u00a0b: 1\n", 2, 2, "the space U+00A0", "plain spaces before the text"),
        (
            "a: b: c\n",
            1,
            5,
            "a second `:` in one entry",
            "one `key: value` a line, or quotes around the text",
        ),
        ("a: 1\n- b\n", 2, 1, "'- b'", "a line indented like the others of its block"),
        ("a: 'x\nb: 1\n", 1, 4, "a quote that is never closed", "a closing quote"),
        (
            "a:\n  b: 1\n   c: 2\n",
            3,
            1,
            "a line indented further than the one above",
            "the indentation of the line above",
        ),
        ("a:\n  b:1\n  c: 2\n", 2, 4, "'b:1'", "a space after the `:`"),
        ("a: [1\nb: 2\n", 2, 2, "'b: 2'", "`,` or `]`, for the `[` in line 1"),
        ("a: @x\n", 1, 4, "'a: @x'", "quotes around text that starts with this character"),
        ("a: x\x00\n", 1, 5, "the character U+0000", "printable text in UTF-8"),
        ('a: "\\ud800"\n', 1, 4, "half of a surrogate pair", "text in UTF-8"),
        (
            'a: x\nb: "\\UFFFFFFFF"\n',
            2,
            7,
            "an escape or a directive YAML does not know",
            "plain text",
        ),
        (
            "a: {is: d(y)/d(h[0]), points: 2}\n",
            1,
            9,
            "'a: {is: d(y)/d(h[0]), points: 2}'",
            'quotes around a text with brackets: `"d(y)/d(h[0])"`',
        ),
        ("a:\n  b c\n  d: 2\n", 2, 3, "'b c'", "`key: value`"),
        ("a: 1\nb:2\nc: 3\n", 2, 2, "'b:2'", "a space after the `:`"),
        ("a: 1\nb = 2\nc: 3\n", 2, 3, "'b = 2'", "`b: ...`, with a `:`"),
        ("a: 1\nb\uff1a2\nc: 3\n", 2, 2, "'b\uff1a2'", "`:` in place of `\uff1a`"),
        ("a:\n  b = 1\n  c: 2\n", 2, 5, "'b = 1'", "`b: ...`, with a `:`"),
        ("? [a]\n: b\n", 1, 3, "a key that is no plain text", "`name: value`"),
    ],
)
def test_syntax_errors_have_a_place_and_plain_words(
    text: str, line: int, column: int, found: str, expected: str
) -> None:
    assert refused(text) == Fault("x.yaml", line, column, "file" if "?" not in text else "", found, expected)


@pytest.mark.parametrize("text", ["\ud800: 1\n", 'a: "\\UFFFFFFFF"\n', "%YAML " + "9" * 5000 + ".1\n---\na: 1\n"])
def test_what_confuses_the_scanner_is_refused_all_the_same(text: str) -> None:
    assert refused(text).file == "x.yaml"
