"""Whether a repaired script says what its author had written: the same text, but for the order of summands and
factors, and 0 for 0.0."""

from __future__ import annotations

import ast


def is_natural(mended: str, original: str) -> bool:
    """Whether two scripts are the same, except for brackets, spaces and the order within sums and products."""
    return _normal(mended) == _normal(original)


def _normal(source: str) -> str | None:
    try:
        return ast.dump(_Ordered().visit(ast.parse(source)))
    except SyntaxError:
        return None


class _Ordered(ast.NodeTransformer):
    """Brings what may be exchanged into one order. `x.dot(y)`, `np.exp(x)` and `x ** 2` stay as they are."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        return ast.Constant(float(node.value)) if number else node  # type: ignore[arg-type]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.Add | ast.Sub):
            parts = sorted(_signed(sign, self.visit(one)) for sign, one in _summands(node, 1))
            return ast.Call(ast.Name("sum"), [ast.Constant(part) for part in parts], [])
        if isinstance(node.op, ast.Mult | ast.Div):
            signs, factors = _factors(node)
            parts = sorted(f"{sign} {ast.dump(self.visit(one))}" for sign, one in factors)
            made = ast.Call(ast.Name("product"), [ast.Constant(part) for part in parts], [])
            return made if signs > 0 else ast.UnaryOp(ast.USub(), made)
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        inner = node.operand
        if isinstance(node.op, ast.USub) and isinstance(inner, ast.BinOp) and not isinstance(inner.op, ast.Pow):
            if isinstance(inner.op, ast.Add | ast.Sub):
                parts = sorted(_signed(sign, self.visit(one)) for sign, one in _summands(inner, -1))
                return ast.Call(ast.Name("sum"), [ast.Constant(part) for part in parts], [])
            if isinstance(inner.op, ast.Mult | ast.Div):
                return self.visit(ast.BinOp(ast.UnaryOp(ast.USub(), inner.left), inner.op, inner.right))
        return self.generic_visit(node)


def _signed(sign: int, node: ast.AST) -> str:
    """A summand with its sign, which may stand in front of a product."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -sign, node.operand
    return f"{sign:+d} {ast.dump(node)}"


def _summands(node: ast.expr, sign: int) -> list[tuple[int, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = sign if isinstance(node.op, ast.Add) else -sign
        return [*_summands(node.left, sign), *_summands(node.right, other)]
    return [(sign, node)]


def _factors(node: ast.expr) -> tuple[int, list[tuple[str, ast.expr]]]:
    """The sign of a product, and its factors and divisors."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        sign, left = _factors(node.left)
        other, right = _factors(node.right)
        turned = {"*": "/", "/": "*"}
        below = [(turned[kind], one) for kind, one in right]
        return sign * other, [*left, *(right if isinstance(node.op, ast.Mult) else below)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, inner = _factors(node.operand)
        return -sign, inner
    return 1, [("*", node)]
