"""Styles of keeping: the steps as entries of a dict or attributes of an object, under names written out or computed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from tests.styles.derivations import Body, Derivation, DoesNotFit, is_step, parsed, renamed, written

Rewrite = Callable[[Derivation], Derivation]


def _in(one: Derivation, made: dict[str, str], start: str, holder: str) -> Derivation:
    """Steps bound to, and read from, places in a container."""
    _plain_names(one)
    backward = [*parsed(start), *renamed(one.backward, made)]
    return replace(one, backward=backward, kept=made, holder=holder)


def dict_with_written_keys(one: Derivation) -> Derivation:
    """`grads["dh1"] = grads["dh2"] * w`."""
    return _in(one, {name: f"grads[{name!r}]" for name in one.asked}, "grads = {}", "grads")


def dict_keyed_by_variable(one: Derivation) -> Derivation:
    """`grads["h1"]` for dh1; a step that is no gradient of a variable keeps its name."""
    known = {step.name.partition("[")[0] for step in one.loaded.forward_steps} | set(one.inputs)
    made = {name: f"grads[{name[1:]!r}]" for name in one.asked if name[:1] == "d" and name[1:] in known}
    if not made:
        raise DoesNotFit
    return replace(_in(one, made, "grads = {}", "grads"), holder="")


def nested_dicts(one: Derivation) -> Derivation:
    """`grads["layer2"]["dh1"]`: the steps parted into thirds."""
    size = -(-len(one.asked) // 3)
    made = {name: f"grads['layer{3 - place // size}'][{name!r}]" for place, name in enumerate(one.asked)}
    return _in(one, made, "grads = {'layer1': {}, 'layer2': {}, 'layer3': {}}", "grads")


def attributes_of_a_namespace(one: Derivation) -> Derivation:
    """`gr.dh1 = gr.dh2 * w` on an empty SimpleNamespace."""
    with_import = replace(one, before=[*parsed("from types import SimpleNamespace"), *one.before])
    return _in(with_import, {name: f"gr.{name}" for name in one.asked}, "gr = SimpleNamespace()", "gr")


def attributes_of_a_class(one: Derivation) -> Derivation:
    """`Grads.dh1 = ...`: attributes of the class itself."""
    with_class = replace(one, before=[*parsed("class Grads:\n    pass"), *one.before])
    return _in(with_class, {name: f"Grads.{name}" for name in one.asked}, "", "Grads")


def keys_joined_from_parts(one: Derivation) -> Derivation:
    """`grads["d" + "h1"]`, `grads["d%s" % "h1"]`, `grads["d{}".format("h1")]`, in turn."""
    made = {name: f"grads[{_key(place, name)}]" for place, name in enumerate(one.asked)}
    return _in(one, made, "grads = {}", "grads")


def _key(place: int, name: str) -> str:
    first, rest = name[:1], name[1:]
    forms = (f"{first!r} + {rest!r}", f"'{first}%s' % {rest!r}", f"'{first}{{}}'.format({rest!r})")
    return forms[place % 3]


def _locals_named_otherwise(one: Derivation) -> tuple[Body, dict[str, str]]:
    """The lines backwards with `g_h1` for dh1, and what became of each step."""
    _plain_names(one)
    if any(_is_family(one, name) for name in one.asked):
        raise DoesNotFit
    made = {name: f"from_{name.removeprefix('d').strip('_')}" for name in one.asked}
    # A style before this one may have renamed them.
    return renamed(one.backward, {one.spelled(name): new for name, new in made.items()}), made


def _plain_names(one: Derivation) -> None:
    """Names in a text, as in `globals()["dh1"]`, are not found and renamed."""
    if any(word in written(one.backward) for word in ("globals()", "exec(")):
        raise DoesNotFit


def _is_family(one: Derivation, name: str) -> bool:
    return any(step.family == name for step in one.loaded.steps)


def _at_the_end(
    one: Derivation, build: Callable[[dict[str, str]], str], start: str = "", entry: str = ""
) -> Derivation:
    """Steps under other names first, then all put into a container at once."""
    backward, made = _locals_named_otherwise(one)
    kept = {name: (entry or "grads[{!r}]").format(name) for name in one.asked}
    before = [*parsed(start), *one.before]
    return replace(one, before=before, backward=[*backward, *parsed(build(made))], kept=kept, holder="grads")


def _pairs(made: dict[str, str]) -> str:
    """Keys without their first letter, where all begin with a d."""
    return ", ".join(f"{name[1:]!r}: {value}" for name, value in made.items())


def _start(made: dict[str, str]) -> str:
    """The letter all names begin with."""
    letters = {name[0] for name in made}
    if len(letters) > 1:
        raise DoesNotFit
    return letters.pop()


def keys_by_f_string_in_a_loop(one: Derivation) -> Derivation:
    """`for k, v in {"h1": ...}.items(): grads[f"d{k}"] = v`."""
    return _at_the_end(
        one,
        lambda made: f"grads = {{}}\nfor k, v in {{{_pairs(made)}}}.items():\n    grads[f'{_start(made)}{{k}}'] = v",
    )


def keys_by_percent_in_a_loop(one: Derivation) -> Derivation:
    """`for k, v in ...: grads["d%s" % k] = v`."""
    return _at_the_end(
        one,
        lambda made: f"grads = {{}}\nfor k, v in {{{_pairs(made)}}}.items():\n    grads['{_start(made)}%s' % k] = v",
    )


def dict_of_zip(one: Derivation) -> Derivation:
    """`grads = dict(zip(["dh1", ...], [...]))`."""
    return _at_the_end(one, lambda made: f"grads = dict(zip({list(made)!r}, [{', '.join(made.values())}]))")


def dict_comprehension(one: Derivation) -> Derivation:
    """`grads = {"d" + k: v for k, v in ...}`."""
    return _at_the_end(
        one,
        lambda made: f"grads = {{{_start(made)!r} + name: value for name, value in {{{_pairs(made)}}}.items()}}",
    )


def dict_update(one: Derivation) -> Derivation:
    """`grads.update(dh1=..., dh2=...)`."""
    return _at_the_end(one, lambda made: f"grads = {{}}\ngrads.update({_words(made)})")


def dict_merged(one: Derivation) -> Derivation:
    """`grads |= {"dh1": ...}`."""
    whole = "{{{}}}"
    return _at_the_end(
        one,
        lambda made: (
            "grads = {}\ngrads |= " + whole.format(", ".join(f"{name!r}: {value}" for name, value in made.items()))
        ),
    )


def _words(made: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in made.items())


def namespace_built_at_once(one: Derivation) -> Derivation:
    """`grads = SimpleNamespace(dh1=..., dh2=...)`."""
    return _at_the_end(
        one,
        lambda made: f"grads = SimpleNamespace({_words(made)})",
        "from types import SimpleNamespace",
        "grads.{}",
    )


def named_tuple(one: Derivation) -> Derivation:
    """`Grads = namedtuple("Grads", ...)`, `grads = Grads(dh1=..., dh2=...)`."""
    start = f"from collections import namedtuple\nGrads = namedtuple('Grads', {list(one.asked)!r})"
    return _at_the_end(one, lambda made: f"grads = Grads({_words(made)})", start, "grads.{}")


def data_class(one: Derivation) -> Derivation:
    """A dataclass with a field for each step."""
    fields = "\n".join(f"    {name}: object" for name in one.asked)
    start = f"from dataclasses import dataclass\n@dataclass\nclass Grads:\n{fields}"
    return _at_the_end(one, lambda made: f"grads = Grads({', '.join(made.values())})", start, "grads.{}")


def set_attributes(one: Derivation) -> Derivation:
    """`setattr(grads, "d" + name, value)` in a loop."""
    return _at_the_end(
        one,
        lambda made: (
            f"grads = Grads()\nfor name, value in {{{_pairs(made)}}}.items():\n"
            f"    setattr(grads, {_start(made)!r} + name, value)"
        ),
        "class Grads:\n    pass",
        "grads.{}",
    )


def slopes_keyed_by_forward_names(one: Derivation) -> Derivation:
    """`slope["h1"] = 1 - h1**2`: a helper dict whose keys are names of forward values, and whose values are not."""
    found: dict[str, str] = {}

    class Replaced(ast.NodeTransformer):
        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            name = _of_slope(node)
            if name is None:
                return node
            found[name] = ast.unparse(node)
            return ast.parse(f"slope[{name!r}]", mode="eval").body

    replaced = [Replaced().visit(statement) for statement in parsed(written(one.backward))]
    if not found or any(name in written(one.backward).split("=")[0] for name in found):
        raise DoesNotFit
    start = "\n".join(["slope = {}", *(f"slope[{name!r}] = {value}" for name, value in found.items())])
    return replace(one, backward=[*parsed(start), *replaced])


def _of_slope(node: ast.BinOp) -> str | None:
    match node:
        case ast.BinOp(
            left=ast.Constant(value=1 | 1.0),
            op=ast.Sub(),
            right=ast.BinOp(left=ast.Name(id=name), op=ast.Pow(), right=ast.Constant(value=2)),
        ):
            return name
        case ast.BinOp(
            left=ast.Name(id=name),
            op=ast.Mult(),
            right=ast.BinOp(left=ast.Constant(value=1 | 1.0), op=ast.Sub(), right=ast.Name(id=other)),
        ) if name == other:
            return name
    return None


def sizes_keyed_by_forward_names(one: Derivation) -> Derivation:
    """A helper dict with the names of forward values as keys and something else (twice the value) in it."""
    plain = [name for name in (is_step(statement, _forward_names(one)) for statement in one.forward) if name]
    if not plain:
        raise DoesNotFit
    made = "\n".join(f"twice[{name!r}] = 2 * {name}" for name in plain[:3])
    return replace(one, backward=[*parsed("twice = {}\n" + made), *one.backward])


def _forward_names(one: Derivation) -> set[str]:
    return {step.name for step in one.loaded.forward_steps}


STYLES: tuple[Rewrite, ...] = (
    dict_with_written_keys,
    dict_keyed_by_variable,
    nested_dicts,
    attributes_of_a_namespace,
    attributes_of_a_class,
    keys_joined_from_parts,
    keys_by_f_string_in_a_loop,
    keys_by_percent_in_a_loop,
    dict_of_zip,
    dict_comprehension,
    dict_update,
    dict_merged,
    namespace_built_at_once,
    named_tuple,
    data_class,
    set_attributes,
    slopes_keyed_by_forward_names,
    sizes_keyed_by_forward_names,
)
