"""The name of a change: which misconception a change of one part of a line shows, and of which it shows none.

A line beside it differs by the other axis, another function, a quantity of another place, a number instead of an array.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from grader.diagnosis.recognition.catalogue import catalogue
from grader.diagnosis.recognition.worked_examples import OWN
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.line_edits import missing_products, slopes
from grader.diagnosis.repair_search.subtree_edits import reductions, single_edits
from grader.diagnosis.repair_search.subtrees import subtrees
from grader.diagnosis.step.context import Context
from grader.diagnosis.step.exchanged_slopes import exchanged_slopes
from grader.exercise.load import find, load, loads
from grader.exercise.types import Exercise
from grader.formula.parse import parse_expression
from grader.formula.syntax import Call, Name, text
from grader.lint.distinguishability import IdealContext
from grader.reference.cache import reference_for

EXERCISES = {
    "power": """
given:
  a: {value: 0.8, probe: "uniform(0.5, 1.5)"}
  b: {value: 0.6, probe: "uniform(0.5, 1.5)"}
  u: -1.3
forward: |
  p = a**FUNCTION
  q = b * p
  y = u * q
steps:
  dq: d(y)/d(q)
  dp: d(y)/d(p)
  da: d(y)/d(a)
""",
    "shifted": """
given:
  a: {value: 0.8, probe: "uniform(0.5, 1.5)"}
  u: -1.3
forward: |
  p = (a + 0.01)**-0.5
  y = u * p
steps:
  dp: d(y)/d(p)
  da: d(y)/d(a)
""",
    "function": """
given:
  a: {value: 0.8, probe: "uniform(0.5, 1.5)"}
  b: {value: 0.6, probe: "uniform(0.5, 1.5)"}
  u: -1.3
forward: |
  p = FUNCTION(a)
  q = b * p
  y = u * q
steps:
  dp_da: d(p)/d(a)
  dq_da: d(q)/d(a)
  dq: d(y)/d(q)
  dp: d(y)/d(p)
  da: d(y)/d(a)
""",
    "counted": """
given:
  n: 5
  m: 7
  k: 4.0
  x: {shape: [5], draw: normal}
  w: {shape: [5], draw: normal}
forward: |
  e = w - x
  s = sum(e**2)
  loss = s / n
  z = m * w
output: loss
steps:
  de: d(loss)/d(e)
  dw: d(loss)/d(w)
  dsw: d(s)/d(w)
  dz: d(z)/d(w)
""",
    "matrices": """
given:
  A: {shape: [3, 4], draw: normal}
  B: {shape: [4, 2], draw: normal}
  G: {shape: [3, 2], draw: normal}
  M: {shape: [3, 2], draw: normal}
  c: {shape: [2], draw: normal}
forward: |
  P = A @ B
  Q = P * M + c
  y = sum(G * Q)
steps:
  dQ: d(y)/d(Q)
  dP: d(y)/d(P)
  dA: d(y)/d(A)
  dB: d(y)/d(B)
  dc: d(y)/d(c)
""",
    "paths": """
given: {x: 0.7, a: -1.3, b: 0.4, c: 1.6}
forward: |
  p = a * x
  q = b * p
  r = c * p
  y = q * r + x * r
output: y
steps:
  dr: d(y)/d(r)
  dq: d(y)/d(q)
  dp: d(y)/d(p)
  dx: d(y)/d(x)
""",
    "gates": """
given: {x: 0.7, w: -1.3, v: 0.4}
forward: |
  i = w * x
  s = sigmoid(i)
  j = v * s
  t = tanh(j)
  y = s * t
output: y
steps:
  dt: d(y)/d(t)
  dj: d(y)/d(j)
  ds: d(y)/d(s)
  di: d(y)/d(i)
  dw: d(y)/d(w)
  dv: d(y)/d(v)
""",
}

CHANGES = {
    "power 3": """
    da = 3 * a**3 * dp -> 3 * a**2 * dp : power-rule-exponent-kept
    da = 3 * a**4 * dp -> 3 * a**2 * dp : -
    da = 3 * b**3 * dp -> 3 * b**2 * dp : -
    da = 3 * a**1 * dp -> 3 * a**2 * dp : -
    da = 3 * a * dp    -> 3 * a**2 * dp : power-rule-exponent-too-low
    da = 3 * b * dp    -> 3 * b**2 * dp : -
    da = 3 * a * dp    -> 2 * a * dp    : -
    dp = 3 * dq        -> 2 * dq        : -
    da = 2 * a**2 * dp -> 3 * a**2 * dp : power-rule-factor-wrong
    da = 1 * a**2 * dp -> 3 * a**2 * dp : -
    da = 4 * a**2 * dp -> 3 * a**2 * dp : power-rule-factor-wrong
    da = a**2 * dp     -> 3 * a**2 * dp : -
    da = 3**a          -> 2**a          : -
    dp = 2 * dq        -> 3 * dq        : -
    """,
    "power 2": """
    da = a * dp        -> 2 * a * dp   : power-rule-factor-missing
    da = a * dp        -> 3 * a * dp   : -
    da = 2 * a**2 * dp -> 2 * a * dp   : power-rule-exponent-kept
    da = 2 * b**2 * dp -> 2 * b * dp   : -
    da = 2 * a**2 * dp -> 2 * dp       : -
    da = -a * dp       -> -2 * a * dp  : power-rule-factor-missing
    da = dp / a        -> dp / (2 * a) : power-rule-factor-missing
    dp = dq            -> 2 * dq       : -
    """,
    "power -0.5": """
    da = -0.5 * a**-0.5 * dp   -> -0.5 * a**-1.5 * dp   : power-rule-exponent-kept
    da = -0.5 * a**(-1/2) * dp -> -0.5 * a**(-3/2) * dp : power-rule-exponent-kept
    """,
    "power 0.5": """
    da = 0.5 * a**(1/2) * dp -> 0.5 * a**(-1/2) * dp : power-rule-exponent-kept
    da = 0.5 * a**0.5 * dp   -> 0.5 * a**-0.5 * dp   : power-rule-exponent-kept
    da = 0.5 * a**0.5 * dp   -> 0.5 * a**1.5 * dp    : -
    """,
    "shifted": """
    da = -0.5 * (a + 0.01)**-0.5 * dp -> -0.5 * (a + 0.01)**-1.5 * dp : power-rule-exponent-kept
    da = -0.5 * (u + 0.01)**-0.5 * dp -> -0.5 * (u + 0.01)**-1.5 * dp : -
    da = -0.5 * a**-0.5 * dp          -> -0.5 * a**-1.5 * dp          : power-rule-exponent-kept
    """,
    "function sqrt": """
    da = dp / p       -> dp / (2 * p)       : sqrt-derivative-half-missing
    da = dp / p       -> 0.5 * dp / p       : sqrt-derivative-half-missing
    da = dp / p       -> 2 * dp / p         : -
    dp = dq / b       -> 0.5 * dq / b       : -
    da = dp * p       -> dp / p             : sqrt-derivative-not-inverted
    da = 2 * p        -> 2 * (1 / p)        : sqrt-derivative-not-inverted
    da = dp * b       -> dp / b             : -
    da = 0.5 * dp / a -> 0.5 * dp / p       : sqrt-derivative-root-missing
    da = 0.5 * dp / a -> 0.5 * dp / sqrt(a) : sqrt-derivative-root-missing
    da = 0.5 * dp / b -> 0.5 * dp / p       : -
    da = 0.5 * dp / b -> 0.5 * dp / sqrt(b) : -
    dp = dq * a       -> dq * sqrt(a)       : -
    """,
    "function log": """
    da = dp * a -> dp / a : log-derivative-not-inverted
    da = dp * b -> dp / b : -
    da = a      -> 1 / a  : log-derivative-not-inverted
    da = b      -> 1 / b  : -
    da = dp * p -> dp / p : -
    da = dp / p -> dp / a : log-derivative-on-output
    da = dp / p -> dp / b : -
    da = dp     -> dp / a : activation-derivative-missing
    da = dp     -> dp / b : -
    da = dp     -> dp * a : -
    dp = dq * a -> dq / a : -
    """,
    "function exp": """
    da    = dp * a -> dp * p    : exp-derivative-is-argument
    da    = dp * b -> dp * p    : -
    da    = dp     -> dp * p    : activation-derivative-missing
    da    = dp     -> dp / p    : -
    dp    = dq * a -> dq * p    : -
    dq_da = b      -> b * dp_da : inner-derivative-missing
    dq_da = p      -> p * dp_da : inner-derivative-missing
    """,
    "function tanh": """
    da    = dp                  -> dp * (1 - p**2)     : activation-derivative-missing
    da    = dp                  -> dp / (1 - p**2)     : -
    dp    = b * dq              -> b * dq * (1 - p**2) : -
    dp    = b * dq * (1 - p**2) -> b * dq              : activation-derivative-extra
    dp    = b * dq * (1 - p)    -> b * dq              : -
    dp    = b * dq + (1 - p**2) -> b * dq              : -
    da    = dp / (1 - p**2)     -> dp * (1 - p**2)     : activation-derivative-inverted
    da    = dp / (1 - p)        -> dp * (1 - p)        : -
    da    = dp / (1 - b**2)     -> dp * (1 - b**2)     : -
    da    = dp - (1 - p**2)     -> dp * (1 - p**2)     : -
    da    = dp * (1 - a**2)     -> dp * (1 - p**2)     : tanh-derivative-on-pre-activation
    da    = dp * (1 - b**2)     -> dp * (1 - p**2)     : -
    da    = dp * (1 + a**2)     -> dp * (1 + p**2)     : -
    da    = dp * a**2           -> dp * p**2           : -
    da    = dp * (1 - a)        -> dp * (1 - p)        : -
    da    = dp * a * (1 - a)    -> dp * a * (1 - p)    : -
    da    = dp * p**2           -> dp * (1 - p**2)     : tanh-derivative-one-minus-missing
    da    = dp * b**2           -> dp * (1 - b**2)     : -
    da    = dp * p              -> dp * (1 - p)        : -
    da    = dp * (1 - p)        -> dp * (1 - p**2)     : tanh-derivative-square-missing
    da    = dp * (1 - p)        -> dp * (1 - p**3)     : -
    da    = dp * (1 - b)        -> dp * (1 - b**2)     : -
    da    = dp * (b - p)        -> dp * (b - p**2)     : -
    da    = dp * (1 + p**2)     -> dp * (1 - p**2)     : tanh-derivative-with-plus
    da    = dp * (1 + p**2)     -> dp * (1 + -p**2)    : tanh-derivative-with-plus
    da    = dp * (1 + b**2)     -> dp * (1 - b**2)     : -
    da    = dp * (1 + p)        -> dp * (1 - p)        : -
    da    = dp * (2 + p**2)     -> dp * (2 - p**2)     : -
    da    = dp * (1 + p**2)     -> dp * (1 * p**2)     : -
    da    = dp * p * (1 - p)    -> dp * (1 - p**2)     : sigmoid-derivative-for-tanh
    da    = dp * (1 - dp**2)    -> dp * (1 - p**2)     : slope-at-upstream
    da    = dp * (1 - dp**2)    -> dp * (1 - a**2)     : slope-at-upstream
    da    = dp * (1 - dp**2)    -> dp * (1 - b**2)     : -
    da    = dp * (1 - dq**2)    -> dp * (1 - p**2)     : -
    da    = dp * dp             -> dp * p              : gradient-for-value
    da    = b * dp              -> p * dp              : -
    dq_da = b                   -> b * dp_da           : inner-derivative-missing
    dp    = b                   -> b * dq              : upstream-missing
    dp    = b + dq              -> b * dq              : plus-for-times
    dp    = b * dq              -> b + dq              : -
    dp    = b + p               -> b * p               : -
    dp    = b / dq              -> b * dq              : -
    """,
    "function sigmoid": """
    da = dp * p             -> dp * p * (1 - p)     : sigmoid-derivative-factor-missing
    da = dp * (1 - p)       -> dp * (1 - p) * p     : sigmoid-derivative-factor-missing
    da = dp * (1 - b)       -> dp * (1 - b) * b     : -
    da = dp * (1 - b)       -> dp * (1 - b) * p     : -
    da = dp * b             -> dp * b * (1 - p)     : -
    dp = b * dq * (1 - p)   -> b * dq * (1 - p) * p : -
    da = dp * p * (1 + p)   -> dp * p * (1 - p)     : sigmoid-derivative-with-plus
    da = dp * p * (1 + p)   -> dp * p * (1 + -p)    : sigmoid-derivative-with-plus
    da = dp * b * (1 + b)   -> dp * b * (1 - b)     : -
    da = dp * p * (2 + p)   -> dp * p * (2 - p)     : -
    da = dp * p * (1 + p)   -> dp * p * (1 * p)     : -
    da = dp * (1 - p**2)    -> dp * (p - p**2)      : tanh-derivative-for-sigmoid
    da = dp * (1 - b**2)    -> dp * (b - b**2)      : -
    da = dp * (1 - p**2)    -> dp * (b - p**2)      : -
    da = dp * (1 - p)       -> dp * (p - p)         : -
    da = dp * a * (1 - p)   -> dp * p * (1 - p)     : sigmoid-derivative-on-pre-activation
    da = dp * p * (1 - a)   -> dp * p * (1 - p)     : sigmoid-derivative-on-pre-activation
    da = dp * b * (1 - p)   -> dp * p * (1 - p)     : -
    da = dp * (1 - a)       -> dp * (1 - p)         : -
    da = dp * a             -> dp * p               : -
    da = dp * dp * (1 - p)  -> dp * p * (1 - p)     : gradient-for-value
    da = dp * p * (1 - dp)  -> dp * p * (1 - p)     : slope-at-upstream
    da = dp / (p * (1 - p)) -> dp * (p * (1 - p))   : activation-derivative-inverted
    da = dp / (a * (1 - a)) -> dp * (a * (1 - a))   : -
    da = dp / (b * (1 - p)) -> dp * (b * (1 - p))   : -
    """,
    "counted": """
    de  = 2 * e     -> 2 * e / n   : missing-one-over-n
    de  = 2 * e     -> 2 * e / m   : -
    de  = 2 * e     -> 2 * e / k   : -
    de  = 2 * e     -> 2 * e * n   : -
    dsw = 2 * e     -> 2 * e / n   : -
    dz  = m         -> m / n       : -
    de  = e / n     -> 2 * e / n   : -
    de  = e / n     -> 0.5 * e / n : -
    de  = e / n     -> 3 * e / n   : -
    de  = 4 * e / n -> 2 * e / n   : -
    de  = 2 * e / n -> 4 * e / n   : -
    de  = 3 * e / n -> 2 * e / n   : -
    de  = 2 + e / n -> 1 + e / n   : -
    dw  = de / n    -> de          : extra-one-over-n
    dw  = de / m    -> de          : extra-one-over-n
    dw  = de / k    -> de          : -
    dw  = de * n    -> de          : -
    dw  = de / e    -> de          : -
    dw  = de        -> e           : gradient-for-value
    dw  = de        -> w           : -
    dw  = de        -> loss        : -
    dz  = n         -> m           : -
    """,
    "mean-square": """
    dw = 2 * X.T @ dP -> X.T @ dP     : -
    dw = X.T @ dP     -> 2 * X.T @ dP : -
    """,
    "penalised": """
    dw = X.T @ de                 -> X.T @ de + w             : -
    dw = X.T @ de                 -> X.T @ de + lam           : -
    dw = X.T @ de + lam * w       -> X.T @ de + 2 * lam * w   : summand-constant-wrong
    dw = X.T @ de + 3 * lam * w   -> X.T @ de + 2 * lam * w   : summand-constant-wrong
    dw = X.T @ de + lam * w / 3   -> X.T @ de + lam * w / 2   : -
    dw = (X.T @ de + lam * w) / 3 -> (X.T @ de + lam * w) / 2 : -
    dw = X.T @ de + 2 / (3 * lam) -> X.T @ de + 2 / (2 * lam) : -
    dw = 3 * (X.T @ de + lam * w) -> 2 * (X.T @ de + lam * w) : -
    dw = 1 + 3 * w                -> 1 + 2 * w                : -
    dw = w + 3 * w                -> w + 2 * w                : summand-constant-wrong
    dw = w - 3 * w                -> w - 2 * w                : summand-constant-wrong
    dw = w + tanh(3 * w)          -> w + tanh(2 * w)          : -
    dw = X.T @ de - 2 * lam * w   -> X.T @ de + 2 * lam * w   : contribution-subtracted
    dw = -(X.T @ de)              -> X.T @ de                 : sign-flipped
    dw = X.T @ -de                -> X.T @ de                 : sign-flipped
    dw = X.T @ de + 2 * lam * -w  -> X.T @ de + 2 * lam * w   : -
    dw = X.T @ de -> X.T @ de + 2 * w * lam : regularisation-missing
    dw = 2 * w * lam -> 2 * w * lam + X.T @ de : shared-weight-contribution-missing
    """,
    "paths": """
    dx = a * dp                     -> a * dp + r               : shared-weight-contribution-missing
    dx = r                          -> r + a * dp               : shared-weight-contribution-missing
    dx = a * dp                     -> a * dp - r               : -
    dx = a * dp                     -> a * dp + q               : -
    dx = a * dp                     -> a * dp * r               : weight-factor-missing
    dx = a * dp - r                 -> a * dp + r               : contribution-subtracted
    dx = r - a * dp                 -> r + a * dp               : contribution-subtracted
    dx = a * (dp - r)               -> a * (dp + r)             : -
    dx = a * dp * r                 -> a * dp + r               : times-for-plus
    dp = b * dq                     -> b * dq + c * dr          : branch-contribution-missing
    dp = c * dr                     -> c * dr + b * dq          : branch-contribution-missing
    dp = b * dq                     -> b * dq + dr              : -
    dp = b * dq - c * dr            -> b * dq + c * dr          : contribution-subtracted
    dp = b * dq + c * dr + c * dr   -> b * dq + c * dr          : contribution-counted-twice
    dp = b * dq + (c * dr + c * dr) -> b * dq + c * dr          : contribution-counted-twice
    dp = b * dq + c * dr + c * dq   -> b * dq + c * dr          : -
    dp = b * dq + c * dr - c * dr   -> b * dq + c * dr          : -
    dp = (b * dq) * (c * dr)        -> (b * dq) + (c * dr)      : times-for-plus
    dp = (b * dq) * (c * dq)        -> (b * dq) + (c * dq)      : -
    dp = (b * dq) - (c * dr) - dq   -> (b * dq) + (c * dr) - dq : -
    dp = c * dq + c * dr            -> b * dq + c * dr          : other-layers-quantity
    dp = b * dr + c * dr            -> b * dq + c * dr          : -
    dp = b * q + c * dr             -> b * dq + c * dr          : value-for-gradient
    dp = b * p + c * dr             -> b * dq + c * dr          : -
    dr = q                          -> q + x                    : branch-contribution-missing
    dr = q * x                      -> q + x                    : -
    dr = q - x                      -> q + x                    : -
    dq = dr                         -> r                        : gradient-for-value
    dq = q                          -> r                        : own-factor-for-other-factor
    dq = p                          -> r                        : other-layers-quantity
    """,
    "tanh-chain": """
    dh2raw_dwh = w_h * dh1_dwh                   -> w_h * dh1_dwh + h1          : product-rule-term-missing
    dh2raw_dwh = h1                              -> h1 + w_h * dh1_dwh          : product-rule-term-missing
    dh2raw_dwh = h1                              -> h1 + h2                     : -
    dh2raw_dwh = w_h * dh1_dwh - h1              -> w_h * dh1_dwh + h1          : contribution-subtracted
    dh2raw_dwh = h1 * w_h * dh1_dwh              -> h1 + w_h * dh1_dwh          : -
    dw_h       = h0 * dh1_raw                    -> h0 * dh1_raw + h1 * dh2_raw : shared-weight-contribution-missing
    dw_h       = h0 * dh1_raw + h1 * dh2         -> h0 * dh1_raw + h1 * dh2_raw : gradient-not-passed-through-activation
    dw_h       = h0 * dh1 + h1 * dh2_raw         -> h0 * dh1_raw + h1 * dh2_raw : gradient-not-passed-through-activation
    dw_h       = h0 * dh1_raw + h1 * dh1_raw     -> h0 * dh1_raw + h1 * dh2_raw : other-layers-quantity
    dw_h       = h0 * dh1_raw + h0 * dh2_raw     -> h0 * dh1_raw + h1 * dh2_raw : other-layers-quantity
    dw_h       = h0 * dh1_raw + h1_raw * dh2_raw -> h0 * dh1_raw + h1 * dh2_raw : pre-activation-for-activation
    dw_h       = h0 * dh1_raw + h2 * dh2_raw     -> h0 * dh1_raw + h1 * dh2_raw : other-layers-quantity
    dw_h       = h0 * dh1_raw + w_h * dh2_raw    -> h0 * dh1_raw + h1 * dh2_raw : own-factor-for-other-factor
    dw_h       = h0 * dh1_raw + w_y * dh2_raw    -> h0 * dh1_raw + h1 * dh2_raw : -
    dh2        = w_y                             -> w_y * dy2                   : -
    dh2        = h2 * dy2                        -> w_y * dy2                   : own-factor-for-other-factor
    dh2        = w_h * dy2                       -> w_y * dy2                   : other-layers-quantity
    dw_y       = h2_raw * dy2                    -> h2 * dy2                    : pre-activation-for-activation
    dw_y       = h1 * dy2                        -> h2 * dy2                    : other-layers-quantity
    dw_y       = w_y * dy2                       -> h2 * dy2                    : own-factor-for-other-factor
    dw_y       = (1 - h2_raw) * dy2              -> (1 - h2) * dy2              : -
    dh1        = w_h * dh2                       -> w_h * dh2_raw               : gradient-not-passed-through-activation
    dh1        = w_y * dh2_raw                   -> w_h * dh2_raw               : other-layers-quantity
    dh1_raw    = (1 - h2**2) * dh1               -> (1 - h1**2) * dh1           : other-layers-quantity
    dh1_raw    = (1 - h1**2) * dh2               -> (1 - h1**2) * dh1           : other-layers-quantity
    dh1_raw    = (1 - h1**2) * dh2_raw           -> (1 - h1**2) * dh1           : -
    dh1_raw    = (1 - h1**2) * dw_h              -> (1 - h1**2) * dh1           : -
    dh1_dwh    = (1 - h1**2) * dh2raw_dwh        -> (1 - h1**2) * dh1raw_dwh    : other-layers-quantity
    dh1_dwh    = (1 - h1**2)                     -> (1 - h1**2) * dh1raw_dwh    : inner-derivative-missing
    dh2_dwh    = (1 - h2**2) * dh1_dwh           -> (1 - h2**2) * dh2raw_dwh    : -
    dy2_dwh    = w_y * dh2raw_dwh                -> w_y * dh2_dwh               : gradient-not-passed-through-activation
    dy2_dwh    = w_y * dh1_dwh                   -> w_y * dh2_dwh               : other-layers-quantity
    dy2_dwh    = w_y                             -> w_y * dh2_dwh               : inner-derivative-missing
    dy2_dwh    = w_y * h2                        -> w_y * dh2_dwh               : value-for-gradient
    dy2_dwh    = w_y * w_h                       -> w_y * dh2_dwh               : -
    dy2_dwh    = w_y + dh2_dwh                   -> w_y * dh2_dwh               : plus-for-times
    dy2_dwh    = w_h * dh2_dwh                   -> w_y * dh2_dwh               : other-layers-quantity
    dy2_dwh    = h2 * dh2_dwh                    -> w_y * dh2_dwh               : own-factor-for-other-factor
    """,
    "matrices": """
    dA = dP @ B                       -> dP @ B.T                     : transpose-missing
    dA = dP.T @ B.T                   -> dP @ B.T                     : transpose-extra
    dA = dP * B.T                     -> dP @ B.T                     : elementwise-for-matmul
    dA = dP @ B.T                     -> dP * B.T                     : matmul-for-elementwise
    dA = dQ @ B.T                     -> dP @ B.T                     : -
    dA = dP @ A.T                     -> dP @ B.T                     : own-factor-for-other-factor
    dB = A @ dP                       -> A.T @ dP                     : transpose-missing
    dP = dQ @ M                       -> dQ * M                       : matmul-for-elementwise
    dP = dQ + M                       -> dQ * M                       : plus-for-times
    dP = M * M                        -> dQ * M                       : -
    dP = dQ * P                       -> dQ * M                       : own-factor-for-other-factor
    dc = sum(dQ, dim=1)               -> sum(dQ, dim=0)               : wrong-axis
    dc = sum(dQ.T, dim=0)             -> sum(dQ, dim=0)               : -
    dc = sum(dQ.T)                    -> sum(dQ)                      : -
    dc = sum(dQ)                      -> sum(dQ, dim=0)               : axis-missing
    dc = sum(dQ, dim=0)               -> sum(dQ)                      : -
    dc = mean(dQ, dim=0)              -> sum(dQ, dim=0)               : mean-for-sum
    dc = sum(dQ, dim=0)               -> mean(dQ, dim=0)              : -
    dc = mean(dQ, dim=1)              -> mean(dQ, dim=0)              : wrong-axis
    dc = mean(dQ)                     -> mean(dQ, dim=0)              : axis-missing
    dc = max(dQ, dim=1)               -> max(dQ, dim=0)               : -
    dc = sum(dQ, dim=0)               -> sum(dQ, dim=0, keepdim=True) : axis-not-kept
    dc = sum(dQ, dim=0, keepdim=True) -> sum(dQ, dim=0)               : -
    dc = sum(sum(dQ, dim=0), dim=0)   -> sum(dQ, dim=0)               : wrong-axis
    dc = sum(sum(dQ, dim=0), dim=0)   -> sum(dQ, dim=1)               : wrong-axis
    dc = sum(dQ, dim=0)               -> sum(dQ, dim=(0, 1))          : sum-missing
    dc = sum(dQ[0])                   -> sum(dQ, dim=0)               : sum-missing
    dc = sum(dQ[0], dim=0)            -> sum(dQ, dim=0)               : sum-missing
    dc = sum(dQ, dim=0) / 2           -> dQ / 2                       : -
    dA = -(dP @ B.T)                  -> dP @ B.T                     : sign-flipped
    dA = dP @ -B.T                    -> dP @ B.T                     : sign-flipped
    dA = sum(-dP)                     -> sum(dP)                      : sign-flipped
    dA = tanh(-dP)                    -> tanh(dP)                     : -
    dc = sum(dQ, dim=1)  -> sum(dQ.T, dim=1)    : wrong-axis
    dc = sum(dQ)         -> sum(dQ.T)           : -
    dc = max(dQ, dim=1)  -> max(dQ.T, dim=1)    : -
    dc = mean(dQ, dim=1) -> mean(dQ.T, dim=1)   : wrong-axis
    dc = tanh(dQ)        -> tanh(dQ.T)          : -
    dc = dQ              -> sum(dQ, dim=0)      : sum-missing
    dc = dQ              -> mean(dQ, dim=0)     : -
    dc = dQ              -> sum(dQ)             : sum-missing
    dc = dQ * M          -> sum(dQ * M, dim=0)  : sum-missing
    dB = dP.T @ A        -> A.T @ dP            : result-transposed
    dB = 2 * (dP.T @ A)  -> 2 * (A.T @ dP)      : -
    dB = A @ dP          -> (A @ dP).T          : result-transposed
    dB = A * dP          -> (A * dP).T          : -
    """,
    "gates": """
    dt = t                -> s                : own-factor-for-other-factor
    dt = i                -> s                : pre-activation-for-activation
    dt = j                -> s                : -
    dj = dt * (1 - j**2)  -> dt * (1 - t**2)  : tanh-derivative-on-pre-activation
    dj = dt * t * (1 - t) -> dt * (1 - t**2)  : sigmoid-derivative-for-tanh
    di = ds * (1 - s**2)  -> ds * (s - s**2)  : tanh-derivative-for-sigmoid
    di = ds * s * (1 - j) -> ds * s * (1 - s) : -
    di = ds * (1 - i) * i -> ds * (1 - s) * i : sigmoid-derivative-on-pre-activation
    di = ds * i * (1 - i) -> ds * s * (1 - i) : sigmoid-derivative-on-pre-activation
    ds = v * dj           -> v * dj + t       : branch-contribution-missing
    ds = t                -> t + v * dj       : branch-contribution-missing
    ds = t + v * dt       -> t + v * dj       : gradient-not-passed-through-activation
    ds = j + v * dj       -> t + v * dj       : pre-activation-for-activation
    dv = i * dj           -> s * dj           : pre-activation-for-activation
    dv = s * dt           -> s * dj           : gradient-not-passed-through-activation
    dv = s                -> s * dj           : upstream-missing
    dw = x * ds           -> x * di           : gradient-not-passed-through-activation
    dw = x * s            -> x * di           : -
    dw = w * di           -> x * di           : own-factor-for-other-factor
    dw = i * di           -> x * di           : -
    """,
    "quotient": """
    dq_dw = (du_dw * g - u * dg_dw) / g -> (du_dw * g - u * dg_dw) / g**2 : quotient-denominator-not-squared
    dq_dw = (du_dw * g - u * dg_dw) / u -> (du_dw * g - u * dg_dw) / u**2 : -
    dq_dw = (du_dw * g - u * dg_dw) * g -> (du_dw * g - u * dg_dw) * g**2 : -
    dq_dw = (du_dw * g - u * dg_dw) / g -> (du_dw * g - u * dg_dw) / g**3 : -
    dq_dw = du_dw * g + u * dg_dw       -> du_dw * g - u * dg_dw          : -
    dq_dw = (du_dw + u * dg_dw) / g     -> (du_dw - u * dg_dw) / g        : quotient-rule-with-plus
    dg_dw = (du_dw + u * dq_dw) / g     -> (du_dw - u * dq_dw) / g        : -
    dq_dw = (du_dw * g + u * dg_dw) / g -> (du_dw * g - u * dg_dw) / g    : quotient-rule-with-plus
    du_dw = a * f                       -> a * df_dw                      : value-for-gradient
    du_dw = f                           -> f * df_dw                      : inner-derivative-missing
    du_dw = a                           -> a * df_dw                      : inner-derivative-missing
    du_dw = a * dg_dw                   -> a * df_dw                      : -
    """,
    "gaussian": """
    dmu     = (x - mu) * p      -> -(x - mu) * p     : sign-flipped
    dmu     = (x - mu) * p      -> (mu - x) * p      : sign-flipped
    dmu     = -(x - mu)         -> -(x - mu) * p     : -
    dlogvar = 0.5 - 0.5 * q     -> 0.5 - 0.5 * q * p : -
    dlogvar = 0.5 + 0.5 * q * p -> 0.5 - 0.5 * q * p : -
    dlogvar = 0.5 - q * p       -> 0.5 - 0.5 * q * p : summand-constant-wrong
    dlogvar = 1 - 0.5 * q * p   -> 0.5 - 0.5 * q * p : -
    """,
    "attended": """
    ds = do @ v                                      -> do @ v.T                                    : transpose-missing
    dz = s * (ds - sum(ds * s, dim=0, keepdim=True)) -> s * (ds - sum(ds * s, dim=1, keepdim=True)) : wrong-axis
    dz = s * (ds - sum(ds * s, dim=1))               -> s * (ds - sum(ds * s, dim=1, keepdim=True)) : axis-not-kept
    dz = s * (ds + sum(ds * s, dim=1, keepdim=True)) -> s * (ds - sum(ds * s, dim=1, keepdim=True)) : -
    dz = z * (ds - sum(ds * s, dim=1, keepdim=True)) -> s * (ds - sum(ds * s, dim=1, keepdim=True)) : -
    dz = s * (1 - ds)                                -> s * (1 - s)                                 : slope-at-upstream
    """,
    "recurrent": """
    dz2 = dh2 * (1 - h1**2) -> dh2 * (1 - h2**2) : -
    dz2 = dh1 * (1 - h2**2) -> dh2 * (1 - h2**2) : -
    dh1 = u + W @ dz2       -> u + W.T @ dz2     : transpose-missing
    dh1 = u + W.T @ dz1     -> u + W.T @ dz2     : other-layers-quantity
    dh1 = u + W.T @ dh2     -> u + W.T @ dz2     : gradient-not-passed-through-activation
    dh1 = v + W.T @ dz2     -> u + W.T @ dz2     : other-layers-quantity
    dh0 = W.T @ dh1         -> W.T @ dz1         : gradient-not-passed-through-activation
    """,
    "lookup": """
    de = u * e        -> 2 * u * e : factor-two
    de = 2 * u * e**2 -> 2 * u * e : -
    de = 2 * e        -> 2 * u * e : -
    de = 2 * u        -> 2 * u * e : -
    """,
    "stretched": """
    ds = dn / s**2                        -> -dn / s**2                       : sign-flipped
    ds = -dn / s                          -> -dn / s**2                       : quotient-denominator-not-squared
    dc = dp * n                           -> dp * n + ds                      : shared-weight-contribution-missing
    dc = dp * n - ds                      -> dp * n + ds                      : contribution-subtracted
    dn = sum(dp * n, dim=1, keepdim=True) -> sum(dp * c, dim=1, keepdim=True) : own-factor-for-other-factor
    dn = sum(dp * c, dim=1)               -> sum(dp * c, dim=1, keepdim=True) : axis-not-kept
    """,
    "scaled": """
    dgamma = sum(dy * x, dim=0)     -> sum(dy * x * r, dim=0) : weight-factor-missing
    dgamma = sum(dy * z * r, dim=0) -> sum(dy * x * r, dim=0) : -
    """,
    "two-layers": """
    dW1 = X.T @ dH         -> X.T @ dZ1       : gradient-not-passed-through-activation
    dW2 = H.T @ dE         -> H.T @ dP        : -
    dW2 = Z1.T @ dP        -> H.T @ dP        : pre-activation-for-activation
    dH  = dP @ W1.T        -> dP @ W2.T       : other-layers-quantity
    dZ1 = dH * (1 - Z1**2) -> dH * (1 - H**2) : tanh-derivative-on-pre-activation
    dZ1 = dP * (1 - H**2)  -> dH * (1 - H**2) : -
    dY  = dE               -> -dE             : sign-flipped
    dE  = 2 * E            -> 2 * E / n       : missing-one-over-n
    dE  = E / n            -> 2 * E / n       : -
    dE  = 2 * P / n        -> 2 * E / n       : -
    """,
}
"""Lines of a step, by exercise: the wrong one, the right one, and the code of the misconception, if there is one."""


@cache
def ideal(name: str) -> IdealContext:
    exercise = exercise_of(name)
    return IdealContext(exercise, reference_for(exercise))


def exercise_of(name: str) -> Exercise:
    own, _, function = name.partition(" ")
    if own not in EXERCISES:
        return load(OWN / f"{own}.yaml" if (OWN / f"{own}.yaml").exists() else find(own))
    return loads(f"exercise: {own}\ntitle: {own}\n" + EXERCISES[own].lstrip().replace("FUNCTION", function))


@cache
def context_of(name: str, step: str) -> Context:
    """The context in which every name holds what it says."""
    (asked,) = (one for one in exercise_of(name).steps if one.name == step)
    return ideal(name).context(asked)


def edits(context: Context, wrong: str) -> Iterator[Edit]:
    whole = parse_expression(wrong)
    yield from single_edits(whole, context.swaps, context.factors)
    yield from missing_products(whole, context.swaps, (*context.terms, *context.spelled_terms))
    yield from slopes(whole, exchanged_slopes(context))
    for node, rebuild in subtrees(whole):
        if isinstance(node, Name | Call):
            yield from (Edit(kind, node, made, whole, rebuild) for kind, made in reductions(node, 2))


def changes() -> Iterator[tuple[str, str, str, str, str]]:
    for name, table in CHANGES.items():
        for line in table.strip().splitlines():
            change, _, code = line.rpartition(" : ")
            step, _, formulas = change.partition(" = ")
            wrong, _, right = formulas.partition(" -> ")
            yield name, step.strip(), wrong.strip(), right.strip(), code


@pytest.mark.parametrize(("name", "step", "wrong", "right", "code"), list(changes()))
def test_a_change_has_one_name_or_none(name: str, step: str, wrong: str, right: str, code: str) -> None:
    context, aim = context_of(name, step), text(parse_expression(right))
    made = [one for one in edits(context, wrong) if text(one.whole_after) == aim]
    found = {rule.code for one in made for rule in catalogue() if rule.recognises(one, context)}

    assert made
    assert found == ({code} - {"-"})
