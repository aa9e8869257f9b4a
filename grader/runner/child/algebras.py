"""Elements of an algebra that stand for a number with a direction: the polynomial `w + t`, or the matrix
`[[w, 1], [0, w]]`.

A function of such an element, computed by a library or by a series, has the function's value in it, and beside that its
derivative. A term in `beside(x)`, which is the element without its number, changes the derivative alone, as another
slope of the function does.
"""

from __future__ import annotations

import sys
from typing import Any

from grader.runner.child.perturbed_slopes import shape_of

MAX_ROWS = 16
"""Maximum size of a matrix that is examined."""

_POLYNOMIALS = frozenset({"poly1d", "ABCPolyBase", "PolyElement", "Poly"})
_MATRICES = frozenset({"MatrixBase", "_matrix"})


def is_symbolic(x: Any) -> bool:
    """Whether this is a polynomial of a library, or a matrix of one whose functions are those of matrices."""
    return bool(_kinds_of(x) & (_POLYNOMIALS | _MATRICES))


def is_element(x: Any) -> bool:
    """Whether this is a polynomial of a library, an expression with symbols, or a matrix."""
    kinds = _kinds_of(x)
    if "Expr" in kinds:
        return bool(x.free_symbols)
    return bool(kinds & (_POLYNOMIALS | _MATRICES)) or _is_square(x)


def degree(x: Any) -> int:
    """The degree of a polynomial; 0 for a matrix."""
    kinds = _kinds_of(x)
    if "poly1d" in kinds:
        return int(x.order)
    if "Expr" in kinds:
        return int(sys.modules["sympy"].Poly(x, *x.free_symbols).total_degree())
    return int(x.degree()) if kinds & _POLYNOMIALS else 0


def beside(x: Any) -> Any:
    """The element without its number: without its constant term, or without the mean of its diagonal."""
    kinds = _kinds_of(x)
    if "poly1d" in kinds:
        return x - x.coeffs[-1]
    if "ABCPolyBase" in kinds:
        return x - x.coef[0]
    if "PolyElement" in kinds:
        return x - x.coeff(1)
    if "Poly" in kinds:
        return x - x.eval(0)
    if "Expr" in kinds:
        return x - x.subs(dict.fromkeys(x.free_symbols, 0))
    made = x.detach().clone() if hasattr(x, "detach") else x.copy()
    rows = _rows(x)
    mean = sum(made[row, row] for row in range(rows)) / rows
    for row in range(rows):
        made[row, row] = made[row, row] - mean
    return made


def cut_off(x: Any, most: int) -> Any:
    """A polynomial without its terms of a higher degree than `most`; a matrix as it is."""
    kinds = _kinds_of(x)
    if "poly1d" in kinds:
        return type(x)(x.coeffs[-most - 1 :])
    if "ABCPolyBase" in kinds:
        return x.truncate(most + 1)
    if "PolyElement" in kinds:
        return x.ring.from_dict({powers: number for powers, number in x.items() if sum(powers) <= most})
    if kinds & {"Poly", "Expr"}:
        poly = sys.modules["sympy"].Poly(x, *x.free_symbols)
        kept = {powers: number for powers, number in poly.terms() if sum(powers) <= most}
        made = poly.from_dict(kept or {(0,) * len(poly.gens): 0}, *poly.gens)
        return made if "Poly" in kinds else made.as_expr()
    return x


def product(one: Any, other: Any) -> Any:
    """The product of two such elements."""
    return one @ other if _is_square(one) else one * other


def _is_square(x: Any) -> bool:
    shape = shape_of(x)
    return len(shape) == 2 and 1 < shape[0] == shape[1] <= MAX_ROWS and not isinstance(x, type)


def _rows(x: Any) -> int:
    return int(x.shape[0] if hasattr(x, "shape") else x.rows)


def _kinds_of(x: Any) -> frozenset[str]:
    """The names of the classes of libraries that this is an instance of."""
    libraries = ("numpy", "sympy", "mpmath")
    if not any(one in sys.modules for one in libraries):
        return frozenset()
    return frozenset(one.__name__ for one in type(x).__mro__ if one.__module__.partition(".")[0] in libraries)
