"""Backward loops as in Karpathy's min-char-rnn: a copy is changed in place in each pass, sums are kept beside."""

from __future__ import annotations

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

EXERCISE = """
exercise: characters
title: A network of characters
given:
  Wxh: {shape: [4, 3], draw: normal}
  Whh: {shape: [4, 4], draw: normal}
  Why: {shape: [2, 4], draw: normal}
  bh: {shape: [4, 1], draw: normal}
  by: {shape: [2, 1], draw: normal}
  inputs: {shape: [3, 3, 1], draw: normal}
  targets: {value: [0, 1, 1], fixed: true}
forward: |
  h[0] = tanh(Wxh @ inputs[0] + bh)
  for t in range(1, 3):
      h[t] = tanh(Wxh @ inputs[t] + Whh @ h[t-1] + bh)
  for t in range(0, 3):
      z[t] = Why @ h[t] + by
      p[t] = exp(z[t]) / sum(exp(z[t]))
  loss = -log(p[0][targets[0], 0]) - log(p[1][targets[1], 0]) - log(p[2][targets[2], 0])
steps:
  dy[t]: {is: "d(loss)/d(z[t])", for: "t in reversed(range(0, 3))"}
  dh[t]: {is: "d(loss)/d(h[t])", for: "t in reversed(range(0, 3))"}
  dWxh: d(loss)/d(Wxh)
  dWhh: d(loss)/d(Whh)
  dWhy: d(loss)/d(Why)
  dbh: d(loss)/d(bh)
  dby: d(loss)/d(by)
"""

RIGHT = """
import numpy as np
rng = np.random.default_rng(0)
Wxh, Whh, Why = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(2, 4))
bh, by = rng.normal(size=(4, 1)), rng.normal(size=(2, 1))
inputs = rng.normal(size=(3, 3, 1))
targets = [0, 1, 1]
hs, ps = {}, {}
hs[-1] = np.zeros((4, 1))
for t in range(3):
    hs[t] = np.tanh(np.dot(Wxh, inputs[t]) + np.dot(Whh, hs[t-1]) + bh)
    ys = np.dot(Why, hs[t]) + by
    ps[t] = np.exp(ys) / np.sum(np.exp(ys))
dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
dbh, dby = np.zeros_like(bh), np.zeros_like(by)
dhnext = np.zeros_like(hs[0])
for t in reversed(range(3)):
    dy = np.copy(ps[t])
    dy[targets[t]] -= 1
    dWhy += np.dot(dy, hs[t].T)
    dby += dy
    dh = np.dot(Why.T, dy) + dhnext
    dhraw = (1 - hs[t] * hs[t]) * dh
    dbh += dhraw
    dWxh += np.dot(dhraw, inputs[t].T)
    dWhh += np.dot(dhraw, hs[t-1].T)
    dhnext = np.dot(Whh.T, dhraw)
"""


def outcomes(source: str) -> dict[str, str]:
    result: Result = warm.check(loads(EXERCISE), load_bytes(source.encode(), "mine.py"))
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def test_a_copy_that_each_pass_changes_is_the_member_of_that_pass() -> None:
    assert outcomes(RIGHT) == {}


def test_one_mistake_in_all_passes_costs_one_step() -> None:
    wrong = outcomes(RIGHT.replace("dy[targets[t]] -= 1", "dy[targets[t]] -= 2"))

    assert {name for name, outcome in wrong.items() if outcome == "wrong"} == {"dy[2]"}
    assert {outcome for name, outcome in wrong.items() if name != "dy[2]"} == {"carried"}
