"""Write the layers of torch modules as functions of weights with names.

A script is read in this form, and graded as it stands. `fc = nn.Linear(4, 3)` gets `fc_weight` and `fc_bias` beside it,
`fc(x)` is `F.linear(x, fc_weight, fc_bias)`, and `net(x)` of a module of the script's own is `net.forward(x)`. Every
line keeps its number.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.model import Cell, Submission
from grader.syntax_trees import tree_of

FUNCTIONAL = "torch.nn.functional"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as its constructor makes it: its kind (`Linear`), arguments, and the layers inside it."""

    kind: str
    arguments: tuple[ast.expr, ...]
    options: tuple[tuple[str, ast.expr], ...]
    inner: tuple[Layer, ...] = ()

    def option(self, name: str, place: int, default: str) -> str:
        """The text of an argument of the constructor."""
        known = dict(self.options)
        if name in known:
            return ast.unparse(known[name])
        return ast.unparse(self.arguments[place]) if place < len(self.arguments) else default

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of its weights."""
        if self.kind not in _WEIGHTED:
            return ()
        place = _WEIGHTED[self.kind]
        return ("weight",) if place is None or self.option("bias", place, "True") == "False" else ("weight", "bias")


_WEIGHTED: dict[str, int | None] = {
    "Linear": 2,
    "Conv1d": 7,
    "Conv2d": 7,
    "LayerNorm": 3,
    "BatchNorm1d": 9,
    "BatchNorm2d": 9,
    "Embedding": None,
}
"""The layers with weights, each with the place of `bias` among its arguments; None: it has no bias."""

_EPSILON = {"LayerNorm": (1, "1e-05"), "BatchNorm1d": (1, "1e-05"), "BatchNorm2d": (1, "1e-05")}

_PLAIN = {
    "ReLU": "relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Mish": "mish",
    "ELU": "elu",
    "SELU": "selu",
    "Softplus": "softplus",
    "Hardtanh": "hardtanh",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "LogSigmoid": "logsigmoid",
    "MaxPool1d": "max_pool1d",
    "MaxPool2d": "max_pool2d",
    "AvgPool1d": "avg_pool1d",
    "AvgPool2d": "avg_pool2d",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "KLDivLoss": "kl_div",
}
"""Layers that are a function with the arguments of the constructor behind its own."""

_LISTS = ("Sequential", "ModuleList")
_OTHERS = ("Identity", "Flatten", "Dropout", *_LISTS)
_KINDS = frozenset({*_WEIGHTED, *_PLAIN, *_OTHERS})


def plain(submission: Submission) -> Submission:
    """The same submission with its layers written as functions."""
    trees = [tree_of(cell.source) for cell in submission.cells]
    known = _Layers(trees)
    if not known.found and not known.modules:
        return submission
    cells = tuple(_rewritten(cell, tree, known) for cell, tree in zip(submission.cells, trees, strict=True))
    return replace(submission, cells=cells)


class _Layers:
    """The layers that the code binds to a name or a field, by that name."""

    def __init__(self, trees: Sequence[ast.Module]) -> None:
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self._taken = {node.id for node in nodes if isinstance(node, ast.Name)}
        self._fresh: set[str] = set()
        plain = [
            one for tree in trees for one in tree.body if isinstance(one, ast.Assign | ast.Import | ast.ImportFrom)
        ]
        self._top = {name for one in plain for name in _names_in(one)} | {"torch", "nn"}
        self.modules = frozenset(
            node.name
            for node in nodes
            if isinstance(node, ast.ClassDef) and any(_last(base) == "Module" for base in node.bases)
        )
        self.found: dict[str, Layer] = {}
        self._objects: set[str] = set()
        for node in nodes:
            for target, value in _bound(node):
                if (layer := made(value)) is not None:
                    self.found[_last(target)] = layer
                elif isinstance(value, ast.Call) and _last(value.func) in self.modules:
                    self._objects.add(_last(target))

    def layer(self, node: ast.expr) -> tuple[Layer, ast.expr, str] | None:
        """The layer that an expression stands for, what its weights are fields of (`net` of `net.fc`), and its name."""
        match node:
            case ast.Name(id=name) if name in self.found:
                return self.found[name], node, name
            case ast.Attribute(value=owner, attr=name) if name in self.found:
                return self.found[name], owner, name
            case ast.Subscript(value=base, slice=ast.Constant(value=int() as at)):
                whole = self.layer(base)
                if whole is not None and -len(whole[0].inner) <= at < len(whole[0].inner):
                    at %= len(whole[0].inner)
                    return whole[0].inner[at], whole[1], f"{whole[2]}_{at}"
        return None

    def is_module(self, node: ast.expr) -> bool:
        """Whether an expression stands for an object of a module of the script's own."""
        return isinstance(node, ast.Name | ast.Attribute) and _last(node) in self._objects

    def has(self, layer: Layer) -> bool:
        """Whether what the formula of a layer takes from its constructor means the same everywhere."""
        if layer.kind in ("Linear", "Embedding"):
            return True
        settings = (
            layer.options if layer.kind in _WEIGHTED else (*layer.options, *(("", one) for one in layer.arguments))
        )
        return self._top.issuperset(name for _, one in settings for name in _names_in(one))

    def fresh(self, stem: str) -> str:
        """A name that nothing has."""
        for name in itertools.chain((stem,), (f"{stem}_{k}" for k in itertools.count(2))):
            if name not in self._taken and name not in self._fresh:
                self._fresh.add(name)
                return name
        raise AssertionError


def made(node: ast.expr) -> Layer | None:
    """The layer that a call of a constructor makes; None if it makes something else."""
    if not isinstance(node, ast.Call) or (kind := _last(node.func)) not in _KINDS or not _is_torch(node.func):
        return None
    options = tuple((one.arg, one.value) for one in node.keywords if one.arg not in (None, "inplace"))
    named = tuple((name, value) for name, value in options if name is not None)
    if kind not in _LISTS:
        return Layer(kind, tuple(node.args), named)
    listed = node.args[0].elts if len(node.args) == 1 and isinstance(node.args[0], ast.List) else node.args
    inner = [made(one) for one in listed]
    known = tuple(one for one in inner if one is not None)
    return Layer(kind, (), (), known) if len(known) == len(inner) else None


def _is_torch(node: ast.expr) -> bool:
    """Whether a constructor may be one of `torch.nn`: `nn.Linear`, `torch.nn.Linear`, `Linear`."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _last(node.value) == "nn")


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement binds, each with its value: `f, g = Linear(3, 4), Linear(4, 2)` too."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            yield from zip(targets, values, strict=True)
        case ast.Assign(targets=[target], value=value):
            yield target, value


def _last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


class _Writer(ast.NodeTransformer):
    """Writes a statement anew. `before` are the lines that its layers one after the other need first."""

    def __init__(self, layers: _Layers) -> None:
        self._layers = layers
        self.before: list[str] = []

    def visit_Call(self, node: ast.Call) -> ast.expr:
        anonymous = made(node.func)
        known = self._layers.layer(node.func)
        inner = [self._layers.layer(one.func) if isinstance(one, ast.Call) else None for one in node.args]
        self.generic_visit(node)
        if anonymous is not None or known is not None:
            # What a layer inside another one computes has a name too: its derivative may be a step.
            for at, called in enumerate(inner):
                if called is not None and not isinstance(node.args[at], ast.Name):
                    node.args[at] = self._kept(node.args[at], called[2])
        if anonymous is not None:
            return self._applied(anonymous, node, None, "") or node
        if known is not None:
            layer, owner, name = known
            return self._applied(layer, node, owner if isinstance(owner, ast.expr) else None, name) or node
        if self._layers.is_module(node.func):
            node.func = ast.Attribute(node.func, "forward", ast.Load())
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        known = self._layers.layer(node.value) if isinstance(node.ctx, ast.Load) else None
        if known is None:
            self.generic_visit(node)
            return node
        layer, owner, name = known
        if node.attr in layer.weights:
            return _field(owner, node.value, name, node.attr)
        if node.attr == "eps" and layer.kind in _EPSILON:
            return _parsed(layer.option("eps", *_EPSILON[layer.kind]))
        return node

    def _applied(self, layer: Layer, node: ast.Call, owner: ast.expr | None, name: str) -> ast.expr | None:
        """A layer applied to what it is called with; None where there is no formula for it."""
        arguments = [ast.unparse(one) for one in node.args]
        if node.keywords or not arguments or (layer.weights and owner is None) or not self._layers.has(layer):
            return None
        weights = {one: ast.unparse(_field(owner, node.func, name, one)) for one in layer.weights if owner is not None}
        if layer.kind != "Sequential":
            text = _formula(layer, arguments, weights)
            return None if text is None else _parsed(text)
        for at, inner in enumerate(layer.inner):
            own = ast.Subscript(node.func, ast.Constant(at), ast.Load())
            step = ast.Call(own, [_parsed(one) for one in arguments], [])
            part = self._applied(inner, step, owner, f"{name}_{at}")
            if part is None:
                return None
            if at == len(layer.inner) - 1:
                return part
            arguments = [ast.unparse(self._kept(part, f"{name}_{at}"))]
        return None

    def _kept(self, node: ast.expr, name: str) -> ast.expr:
        """A name for what an expression computes, bound before the statement."""
        fresh = self._layers.fresh(f"{name}_out")
        self.before.append(f"{fresh} = {ast.unparse(node)}")
        return ast.Name(fresh, ast.Load())


def _names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _field(owner: ast.expr, node: ast.expr, name: str, weight: str) -> ast.expr:
    """The name that a weight of a layer has: `fc_weight`, `self.fc_weight`."""
    root = node
    while isinstance(root, ast.Subscript):
        root = root.value
    if isinstance(root, ast.Name):
        return ast.Name(f"{name}_{weight}", ast.Load())
    return ast.Attribute(owner, f"{name}_{weight}", ast.Load())


def _formula(layer: Layer, arguments: Sequence[str], weights: dict[str, str]) -> str | None:
    """The text of a layer's formula."""
    first, own = arguments[0], list(weights.values())
    match layer.kind:
        case "Linear":
            return f"{FUNCTIONAL}.linear({', '.join([first, *own])})"
        case "Conv1d" | "Conv2d":
            settings = [("stride", 3, "1"), ("padding", 4, "0"), ("dilation", 5, "1")]
            texts = [f"{name}={layer.option(name, place, default)}" for name, place, default in settings]
            return f"{FUNCTIONAL}.{layer.kind.lower()}({', '.join([first, *own, *texts])})"
        case "LayerNorm":
            eps = layer.option("eps", *_EPSILON[layer.kind])
            return f"{FUNCTIONAL}.layer_norm({first}, {own[0]}.shape, {', '.join(own)}, eps={eps})"
        case "BatchNorm1d" | "BatchNorm2d":
            eps = layer.option("eps", *_EPSILON[layer.kind])
            return f"{FUNCTIONAL}.batch_norm({first}, None, None, {', '.join(own)}, training=True, eps={eps})"
        case "Embedding":
            return f"{own[0]}[{first}]"
        case "Identity":
            return first
        case "Dropout":
            return first if layer.option("p", 0, "0.5") in ("0", "0.0") else None
        case "Flatten":
            whole = layer.option("start_dim", 0, "1") == "1"
            return f"({first}).reshape(({first}).shape[0], -1)" if whole else None
        case kind if kind in _PLAIN:
            options = [f"{name}={ast.unparse(value)}" for name, value in layer.options]
            every = [*arguments, *map(ast.unparse, layer.arguments), *options]
            return f"{FUNCTIONAL}.{_PLAIN[kind]}({', '.join(every)})"
    return None


def _weights_of(layer: Layer, target: str, field: str, at: str = "") -> Iterator[str]:
    """The lines that give the weights of a layer names of their own."""
    for weight in layer.weights:
        yield f"{field}_{weight} = {target}{at}.{weight}"
    for place, inner in enumerate(layer.inner):
        yield from _weights_of(inner, target, f"{field}_{place}", f"{at}[{place}]")


_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)


def _rewritten(cell: Cell, tree: ast.Module, layers: _Layers) -> Cell:
    lines = [line.encode() for line in cell.source.split("\n")]
    found = [node for node in ast.walk(tree) if isinstance(node, _SIMPLE)]
    for node in sorted(found, key=lambda one: (one.lineno, one.col_offset), reverse=True):
        text = _statement(node, layers)
        if text is None:
            continue
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        end = lines[last][node.end_col_offset or 0 :]
        whole = lines[first][: node.col_offset] + text.encode() + end
        lines[first : last + 1] = [whole, *[b""] * (last - first)]
    source = b"\n".join(lines).decode()
    return cell if source == cell.source else replace(cell, source=source)


def _statement(node: ast.stmt, layers: _Layers) -> str | None:
    """A statement written anew; None where it stays as it is."""
    named = [(ast.unparse(target), layer) for target, value in _bound(node) if (layer := made(value)) is not None]
    if named:
        return "; ".join([ast.unparse(node), *(line for one, layer in named for line in _weights_of(layer, one, one))])
    if changed := _changed(node, layers):
        return "; ".join([ast.unparse(node), *changed])
    writer = _Writer(layers)
    written = writer.visit(copy.deepcopy(node))
    text = ast.unparse(ast.fix_missing_locations(written))
    return None if text == ast.unparse(node) else "; ".join([*writer.before, text])


def _changed(node: ast.stmt, layers: _Layers) -> list[str]:
    """The lines that give weights their names anew, after a statement that may change them: `nn.init.zeros_(f.bias)`,
    `f.weight.data = w`."""
    if isinstance(node, ast.Assign):
        places: list[ast.AST] = [*node.targets]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _last(node.value.func).endswith("_"):
        places = [node]
    else:
        return []
    lines = {}
    for one in (inner for place in places for inner in ast.walk(place)):
        known = layers.layer(one.value) if isinstance(one, ast.Attribute) else None
        if known is not None and isinstance(one, ast.Attribute) and one.attr in known[0].weights:
            field = ast.unparse(_field(known[1], one.value, known[2], one.attr))
            lines[field] = f"{field} = {ast.unparse(one.value)}.{one.attr}"
    return [*lines.values()]
