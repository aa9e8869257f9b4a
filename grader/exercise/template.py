"""The text of a new exercise file: a small exercise that can be graded as it is, with a comment on every field."""

from __future__ import annotations

TEMPLATE = """\
# An exercise for `grader`. Change it into your own; `grader lint {id}.yaml` names every fault with its place,
# `grader show {id}.yaml --values` shows it with the right values, `grader handout {id}.yaml -o .` writes the starter.

exercise: {id}                # its id: lower-case letters, digits and `-`
title: A product inside a square    # one line

# What students read: Markdown, with formulas between $...$.
text: |
  Let $p = w\\,x + b$ and $y = p^2$. How fast does $y$ change with each of $w$, $x$ and $b$?
  Go backwards from $y$: what arrives from above, times the slope of the line you are passing.

# What the code starts from, with the numbers students see. At the further points a submission is judged at, each is
# drawn anew: of the same sign, and of a size near 1. Whole numbers (written without a point) are never redrawn.
# An array is a nested list, or drawn: `{{shape: [4, 3], draw: normal}}`, `uniform(-2, 2)`, `integers(0, 10)`.
given:
  x: 0.7
  w: 1.3
  b: -0.4

# The program: assignments, `h[t] = ...`, `for t in range(...)`, and torch's operations under torch's or NumPy's names.
forward: |
  p = w * x + b
  y = p**2

# What is asked for, in order: the name students bind, and the quantity it is to be.
#   d(a)/d(b)            the total derivative, through every path
#   d(a, via=c)/d(b)     the part of it that goes through c
#   partial(a)/partial(b)  the slope of the one line that computes a
# Any formula over these and the quantities above will do too.
steps:
  dp: d(y)/d(p)
  dw:
    is: d(y)/d(w)
    points: 2                 # 1 if left out
    hint: The slope of the first line with respect to $w$ is the other factor, $x$.
  dx: d(y)/d(x)
  db:
    is: d(y)/d(b)
    # optional: true          # may be merged into the next step
    # aliases: [grad_b]       # other names students may use

# Everything below may be left out; what stands there is what holds then.

# derive: {{of: y, by: [w, x], mode: reverse}}      # steps the grader writes itself
# variants: {{x: "uniform(0.2, 0.9)"}}              # given numbers of each student's own
# starter: numpy                                  # what the starter is written for: python, numpy or torch
# answer: "dx, dw = backward(dout, cache)"        # run after the submission, where functions are handed in
# probe: 3                                        # further points a submission is judged at
# tolerance: {{rtol: 1e-6}}
# shapes: lenient                                 # strict: axes of length 1 count
# credit: {{carried: 1.0, compensated: 0.0}}
# reveal: values                                  # or location, hint, rule, fix: how much a report gives away
# hint_costs: {{rule: 1, fix: 2}}                   # points that `grader hint` takes for a level of a step; free: 0
# by_hand: true                                   # values that come from autograd do not count
# limits: {{seconds: 10, memory: 1024, output: 64}}
# chapter: 2. Neurons                             # where `grader list` shows it, in a course of your own
# prerequisites: [{id}-first]
"""


def template(name: str) -> str:
    """The text of a new exercise file for the id `name`."""
    return TEMPLATE.format(id=name)
