"""Reference values kept in files: whose they are, and that torch is not needed where there are some."""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import EnvironmentProblem
from grader.exercise.load import collection, find, load, loads
from grader.exercise.types import Exercise
from grader.reference import cache
from grader.reference.cache import built, decode, digest_of, encode, folder_beside, kept, reference_for, write_values
from grader.reference.points import draw_points

CASES = Path(__file__).parents[1] / "cases"
CHAIN = load(find("tanh-chain"))
YAML = "exercise: made\ntitle: Made\ngiven: {x: 0.5}\nforward: y = x * x\nsteps: {dx: d(y)/d(x)}\n"


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", "")
    monkeypatch.delenv("GRADER_VALUES", raising=False)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(exercise: Exercise, secret: str = "") -> None:
        raise EnvironmentProblem("no torch")

    monkeypatch.setattr(cache, "built", missing)


def made(folder: Path, text: str = YAML) -> Exercise:
    path = folder / "made.yaml"
    path.write_text(text)
    return load(path)


@pytest.mark.parametrize("path", collection(), ids=lambda path: path.stem)
def test_every_shipped_exercise_has_values_at_its_public_points(path: Path) -> None:
    exercise = load(path)

    found = kept(exercise)

    assert found is not None, "write them anew: grader values"
    drawn = draw_points(exercise, "", found.attempt)
    assert [at.inputs.keys() for at in found.points] == [at.inputs.keys() for at in drawn]
    for at, other in zip(found.points, drawn, strict=True):
        for name, value in at.inputs.items():
            assert value.numbers() == pytest.approx(other.inputs[name].numbers(), rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("path", collection(), ids=lambda path: path.stem)
def test_the_values_of_a_shipped_exercise_are_those_of_torch(path: Path) -> None:
    exercise = load(path)

    found, right = kept(exercise), built(exercise)

    assert found is not None
    assert found.attempt == right.attempt, "write them anew: grader values"
    assert [(one.step, one.point, one.level) for one in found.disturbances] == [
        (one.step, one.point, one.level) for one in right.disturbances
    ]
    pairs = list(zip(found.values, right.values, strict=True))
    for one, other in zip(found.disturbances, right.disturbances, strict=True):
        pairs += [(one.values, other.values), (one.goes_on, other.goes_on)]
    for values, others in pairs:
        assert values.keys() == others.keys()
        largest = max((abs(number) for value in others.values() for number in value.numbers()), default=0.0)
        for name, value in values.items():
            assert value.shape == others[name].shape
            assert value.numbers() == pytest.approx(others[name].numbers(), rel=1e-9, abs=1e-13 * largest), name
    for one, other in zip(found.unnamed, right.unnamed, strict=True):
        assert one.numbers() == pytest.approx(other.numbers(), rel=1e-9, abs=1e-12)


BLOCKED = "import sys; sys.modules['torch'] = None; from grader.cli.main import main; main()"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("submission", "score"),
    [
        ("wrong/forum_plain.py", "12 / 16 points"),
        ("wrong/forum_numpy.py", "12 / 16 points"),
        ("correct/plain.py", "16 / 16 points"),
    ],
)
def test_without_torch_and_cache_a_script_of_the_chain_is_graded(submission: str, score: str, tmp_path: Path) -> None:
    environment = {**os.environ, "GRADER_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", BLOCKED, "check", "tanh-chain", str(CASES / submission)]

    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)

    assert score in done.stdout, done.stdout + done.stderr
    assert done.stderr == ""


def test_values_that_are_written_come_back_bit_by_bit(tmp_path: Path) -> None:
    one = made(tmp_path)

    write_values(one, folder_beside(one))

    found = kept(one)
    assert found == built(one)
    assert found is not None
    assert found.values[0]["dx"].numbers() == (1.0,)


UNNAMED = """exercise: made
title: Made
given: {w: 2.0, x: {value: [0.5, 1.0]}, b: 0.25}
forward: |
  h = tanh(w * x + b)
  p = softmax(h)
  loss = sum(p**2)
steps: {dw: d(loss)/d(w)}
"""


def test_what_is_computed_without_a_name_is_known_at_the_last_point() -> None:
    reference = built(loads(UNNAMED))

    w, x, b = (reference.points[-1].inputs[name].numbers() for name in ("w", "x", "b"))
    argument = [w[0] * one + b[0] for one in x]
    shifted = [math.tanh(one) - max(map(math.tanh, argument)) for one in argument]
    found = [pytest.approx(value.numbers(), rel=1e-12) for value in reference.unnamed]
    assert tuple(argument) in found
    assert tuple(shifted) in found


def test_values_that_were_kept_without_the_unnamed_ones_still_count(tmp_path: Path) -> None:
    one = loads(UNNAMED)
    head, packed = encode(one, built(one)).split(b"\n", 1)
    stored = json.loads(head)
    del stored["unnamed"]

    found = decode(json.dumps(stored).encode() + b"\n" + packed, one)

    assert found is not None
    assert found.unnamed == ()
    assert found.values == built(one).values


def test_values_beside_an_exercise_make_torch_unnecessary(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    one = made(tmp_path)
    write_values(one, folder_beside(one))

    request.getfixturevalue("no_torch")

    assert reference_for(one).values[0]["dx"].numbers() == (1.0,)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("title: Made", "title: Another\ntext: Its text."), True),
        (("d(y)/d(x)}", "{is: d(y)/d(x), points: 2, hint: Look.}}"), True),
        (("0.5", "0.75"), False),
        (("x * x", "x * x * x"), False),
        (("d(y)/d(x)", "d(y)/d(y)"), False),
        (("made", "other"), False),
    ],
)
def test_values_count_while_the_exercise_asks_for_the_same_ones(change: tuple[str, str], same: bool) -> None:
    assert (digest_of(loads(YAML)) == digest_of(loads(YAML.replace(*change)))) is same


def test_values_of_other_given_numbers_do_not_count(tmp_path: Path) -> None:
    one = made(tmp_path)
    write_values(one, folder_beside(one))
    other = built(loads(YAML.replace("0.5", "0.75"))).points[0].inputs["x"]

    assert kept(replace(one, variant=(("x", other),))) is None
    assert kept(replace(one, probe_points=1)) is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data.replace(b"/1", b"/2", 1), lambda data: b""]
)
def test_a_damaged_file_counts_as_missing(damage: object, tmp_path: Path) -> None:
    one = made(tmp_path)
    path = write_values(one, folder_beside(one))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

    assert kept(one) is None


# values at secret points, which a package brings along


def test_a_package_brings_the_values_and_not_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_values(CHAIN, tmp_path / "brought", "the-secret-of-a-course")
    monkeypatch.setenv("GRADER_VALUES", str(path.parent))

    found = reference_for(CHAIN)

    assert b"the-secret-of-a-course" not in path.read_bytes()
    assert found.points[1:] == draw_points(CHAIN, "the-secret-of-a-course", found.attempt)[1:]
    x = found.points[1].inputs["h0"].numbers()[0]
    w = found.points[1].inputs["w_h"].numbers()[0]
    assert found.values[1]["h1"].numbers()[0] == pytest.approx(math.tanh(w * x), rel=1e-14)


def test_values_at_secret_points_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = write_values(CHAIN, tmp_path / "brought", "the-secret-of-a-course")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("secret", "used"), [("one", True), ("another", False)])
def test_brought_values_count_only_for_the_secret_that_is_named(
    secret: str, used: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_values(CHAIN, tmp_path, "one")
    monkeypatch.setenv("GRADER_VALUES", str(tmp_path))

    assert (kept(CHAIN, secret) is not None) is used


def test_values_at_public_points_do_not_stand_for_secret_ones(tmp_path: Path, no_torch: None) -> None:
    with pytest.raises(EnvironmentProblem):
        reference_for(CHAIN, "a-secret")


def test_values_at_secret_points_that_lie_beside_an_exercise_do_not_count(tmp_path: Path) -> None:
    one = made(tmp_path)
    write_values(one, folder_beside(one), "a-secret")

    assert kept(one) is None
    assert kept(one, "a-secret") is None
