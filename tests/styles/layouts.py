"""Styles of layout: the same lines as a script, as functions, as classes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.styles.derivations import (
    Body,
    Derivation,
    DoesNotFit,
    Program,
    derivation,
    expression,
    fresh,
    names_bound,
    names_read,
    parsed,
    renamed,
    written,
)
from tests.styles.programs import MARK, cached, functions, script

Layout = Callable[[Derivation], Program]


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def _returned(one: Derivation) -> str:
    """What a function with the lines backwards gives back."""
    return one.holder or "(" + ", ".join(one.spelled(name) for name in one.asked) + ",)"


def _received(one: Derivation) -> str:
    """What a call of such a function is bound to."""
    return one.holder or ", ".join(one.asked) + ","


def _plain(one: Derivation) -> None:
    """Some layouts are of programs; where functions are asked for, these are the layout. In a function, what `exec`
    binds is no local."""
    if one.functions or "exec(" in written(one.backward):
        raise DoesNotFit


def _program(*parts: Body | str) -> Program:
    return Program(([statement for part in parts for statement in (parsed(part) if isinstance(part, str) else part)],))


def one_function(one: Derivation) -> Program:
    """`def derive(x, w): ...` with everything in it, called once."""
    _plain(one)
    given = ", ".join(one.inputs)
    inside = written([*one.forward, *one.backward, *parsed("pass")]).removesuffix("\npass")
    text = f"def derive({given}):\n{_indented(inside)}\n    return {_returned(one)}\n{_received(one)} = derive({given})"
    return _program(one.before, text, one.after)


def function_returning_a_dict(one: Derivation) -> Program:
    """The same, with `return {"dh1": dh1, ...}` or `return dict(dh1=dh1, ...)`."""
    _plain(one)
    given = ", ".join(one.inputs)
    results = ", ".join(f"{name!r}: {one.spelled(name)}" for name in one.asked)
    text = f"def derive({given}):\n{_indented(written([*one.forward, *one.backward]))}\n    return {{{results}}}"
    return _program(one.before, text, f"found = derive({given})", one.after)


def forward_and_backward_with_a_tuple(one: Derivation) -> Program:
    """`forward(x, w)` gives a cache, `backward(cache)` takes it apart."""
    _plain(one)
    names = cached(one)
    if not names:
        raise DoesNotFit
    given, cache = ", ".join(one.inputs), ", ".join(names) + ","
    loss = sorted(names_bound(one.forward))[-1]
    text = (
        f"def forward({given}):\n{_indented(written(one.forward))}\n    return {loss}, ({cache})\n"
        f"def backward(cache):\n    {cache} = cache\n{_indented(written(one.backward))}\n    return {_returned(one)}\n"
        f"_, cache = forward({given})\n{_received(one)} = backward(cache)"
    )
    return _program(one.before, text, one.after)


def forward_and_backward_with_a_dict(one: Derivation) -> Program:
    """`cache["h1"]` in the lines backwards."""
    _plain(one)
    names = cached(one)
    given = ", ".join(one.inputs)
    inside = renamed(
        one.backward, {name: f"cache[{name!r}]" for name in names if name not in names_bound(one.backward)}
    )
    text = (
        f"def forward({given}):\n{_indented(written(one.forward))}\n"
        f"    return {{{', '.join(f'{name!r}: {name}' for name in names)}}}\n"
        f"def backward(cache):\n{_indented(_rebound(one, names) + written(inside))}\n    return {_returned(one)}\n"
        f"cache = forward({given})\n{_received(one)} = backward(cache)"
    )
    return _program(one.before, text, one.after)


def _rebound(one: Derivation, names: list[str]) -> str:
    return "".join(f"{name} = cache[{name!r}]\n" for name in names if name in names_bound(one.backward))


def class_with_attributes(one: Derivation) -> Program:
    """`self.h1`, `self.dh1` in methods forward and backward."""
    _plain(one)
    whole = [*one.forward, *one.backward]
    if _passing(whole) & set(one.inputs):
        raise DoesNotFit
    kept = {name: f"self.{name}" for name in (names_bound(whole) | set(one.inputs)) - _passing(whole)}
    given = ", ".join(one.inputs)
    start = "\n".join(f"        self.{name} = {name}" for name in one.inputs)
    text = (
        f"class Network:\n    def __init__(self, {given}):\n{start}\n"
        f"    def forward(self):\n{_indented(_indented(written(renamed(one.forward, kept))))}\n"
        f"    def backward(self):\n{_indented(_indented(written(renamed(one.backward, kept))))}\n"
        f"network = Network({given})\nnetwork.forward()\nnetwork.backward()"
    )
    return _program(one.before, text, one.after)


def _passing(body: Body) -> set[str]:
    """Variables of loops, comprehensions and functions inside."""
    found: set[str] = set()
    for part in (part for one in body for part in ast.walk(one)):
        match part:
            case ast.For(target=target) | ast.comprehension(target=target):
                found |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
            case ast.Lambda(args=arguments) | ast.FunctionDef(args=arguments):
                found |= {argument.arg for argument in arguments.args}
                found |= names_bound(part)
    return found


def class_with_locals(one: Derivation) -> Program:
    """Methods that keep the forward values on `self` and the steps in locals, which they return."""
    _plain(one)
    names = [name for name in cached(one) if name not in one.inputs]
    given = ", ".join(one.inputs)
    keep = "\n".join(f"        self.{name} = {name}" for name in names) or "        pass"
    load = "\n".join(f"        {name} = self.{name}" for name in names) or "        pass"
    text = (
        f"class Model:\n    def forward(self, {given}):\n{_indented(_indented(written(one.forward)))}\n{keep}\n"
        f"    def backward(self, {given}):\n{load}\n{_indented(_indented(written(one.backward)))}\n"
        f"        return {_returned(one)}\n"
        f"model = Model()\nmodel.forward({given})\n{_received(one)} = model.backward({given})"
    )
    return _program(one.before, text, one.after)


def nested_functions(one: Derivation) -> Program:
    """A function `backward` inside of the function that goes forwards, which reads its variables."""
    _plain(one)
    given = ", ".join(one.inputs)
    if names_bound(one.backward) & (names_bound(one.forward) | set(one.inputs)):
        raise DoesNotFit
    text = (
        f"def derive({given}):\n{_indented(written(one.forward))}\n    def backward():\n"
        f"{_indented(_indented(written(one.backward)))}\n        return {_returned(one)}\n    return backward()\n"
        f"{_received(one)} = derive({given})"
    )
    return _program(one.before, text, one.after)


def early_return(one: Derivation) -> Program:
    """A function that returns early where only the loss is wanted."""
    _plain(one)
    given = ", ".join(one.inputs)
    loss = sorted(names_bound(one.forward))[-1]
    text = (
        f"def derive({given}, only_forward=False):\n{_indented(written(one.forward))}\n"
        f"    if only_forward:\n        return {loss}\n{_indented(written(one.backward))}\n"
        f"    return {_returned(one)}\n"
        f"print(derive({given}, only_forward=True))\n{_received(one)} = derive({given})"
    )
    return _program(one.before, text, one.after)


def generator(one: Derivation) -> Program:
    """A generator that yields each step with its name."""
    _plain(one)
    given = ", ".join(one.inputs)
    results = "\n".join(f"    yield {name!r}, {one.spelled(name)}" for name in one.asked)
    text = f"def derive({given}):\n{_indented(written([*one.forward, *one.backward]))}\n{results}"
    return _program(one.before, text, f"grads = dict(derive({given}))", one.after)


def main_function(one: Derivation) -> Program:
    """`def main(): ...` and `if __name__ == "__main__": main()`, the imports and helpers above."""
    _plain(one)
    imports = [
        part for part in one.before if isinstance(part, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
    ]
    rest = [part for part in one.before if part not in imports]
    inside = written([*rest, *one.forward, *one.backward, *one.after])
    return _program(imports, f"def main():\n{_indented(inside)}\nif __name__ == '__main__':\n    main()")


def main_guard(one: Derivation) -> Program:
    """Everything but the imports under `if __name__ == "__main__":`, without a function."""
    _plain(one)
    imports = [
        part for part in one.before if isinstance(part, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
    ]
    rest = [part for part in one.before if part not in imports]
    inside = written([*rest, *one.forward, *one.backward, *one.after])
    return _program(imports, f"if __name__ == '__main__':\n{_indented(inside)}")


def function_for_each_step(one: Derivation) -> Derivation:
    """`def find_dh2(a, b): return a * b` and `dh2 = find_dh2(w_y, dy2)`: a function for each line, with letters as
    its parameters."""
    return _by_functions(one, lambda place, own: dict(zip(own, "abcdefghijklmnop", strict=False)))


def function_with_names_of_others(one: Derivation) -> Derivation:
    """The same, where the parameters have the names of given and forward quantities they do not hold."""
    others = [*one.inputs, *sorted({step.name for step in one.loaded.forward_steps if "[" not in step.name})]

    def named(place: int, own: list[str]) -> Mapping[str, str]:
        turned = [others[(place + number + 1) % len(others)] for number in range(len(others))]
        return dict(zip(own, [name for name in turned if name not in own], strict=False))

    return _by_functions(one, named)


def _by_functions(one: Derivation, parameters: Callable[[int, list[str]], Mapping[str, str]]) -> Derivation:
    made: Body = []
    backward: Body = []
    libraries = {name for part in one.before for name in _imported(part)}
    for place, statement in enumerate(fresh(one.backward)):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp() | ast.UnaryOp() | ast.Call() as value):
                own = sorted(names_read(value) & _variables(one) - libraries - names_bound(value))
                called = parameters(place, own)
                if len(called) < len(own):
                    raise DoesNotFit
                inside = renamed([ast.Expr(value)], called)
                arguments = ", ".join(called[other] for other in own)
                mistaken = _mistaken_names(value)
                handed = (f"{MARK}({other})" if other in mistaken else other for other in own)
                found = f"find_{name}{place if f'def find_{name}(' in written(made) else ''}"
                made += parsed(f"def {found}({arguments}):\n    return {written(inside)}")
                call = f"{found}({', '.join(handed)})"
                is_short = _is_short_of_names(one, place, value)
                backward += parsed(f"{name} = {MARK}({call})" if is_short else f"{name} = {call}")
            case _:
                backward.append(statement)
    if not made:
        raise DoesNotFit
    return replace(one, before=[*one.before, *made], backward=backward)


def _is_short_of_names(one: Derivation, place: int, value: ast.expr) -> bool:
    """Whether a mistake left out a name, so that the function around it is not handed what it needs: it can be mended
    at the call as well."""
    right = derivation(one.exercise).backward
    return (
        MARK in names_read(value)
        and len(right) == len(one.backward)
        and not names_read(right[place]) <= names_read(value)
    )


def _mistaken_names(value: ast.expr) -> set[str]:
    """Names that stand in the place of others: the mistake is in what a function is handed as much as in it."""
    calls = (node for node in ast.walk(value) if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK)
    return {call.args[0].id for call in calls if isinstance(call.args[0], ast.Name)}


def _variables(one: Derivation) -> set[str]:
    return names_bound([*one.forward, *one.backward]) | set(one.inputs) | _arguments(one)


def _arguments(one: Derivation) -> set[str]:
    return {name.strip() for asked in one.functions for name in asked.arguments.split(",")}


def _imported(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import):
        return {alias.asname or alias.name for alias in statement.names}
    return {statement.name} if isinstance(statement, ast.FunctionDef) else set()


def lambda_for_each_step(one: Derivation) -> Derivation:
    """`find_dh2 = lambda a, b: a * b` before, and `dh2 = find_dh2(w_y, dy2)`."""
    by_function = function_for_each_step(one)
    made = [_as_lambda(part) if part not in one.before else part for part in by_function.before]
    return replace(by_function, before=made)


def _as_lambda(statement: ast.stmt) -> ast.stmt:
    assert isinstance(statement, ast.FunctionDef)
    arguments = ast.unparse(statement.args)
    (inside,) = statement.body
    return parsed(f"{statement.name} = lambda {arguments}: {written([inside]).removeprefix('return ')}")[0]


def shared_helper(one: Derivation) -> Derivation:
    """An expression that returns with other names (`1 - h1**2` and `1 - h2**2`) as a function called for each."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for node in (node for part in one.backward for node in ast.walk(part)):
        if isinstance(node, ast.BinOp):
            form, own = _form(node, _variables(one))
            groups.setdefault(form, []).append(own)
    often = [form for form, uses in groups.items() if len(set(uses)) > 1 and len(uses[0]) <= 3]
    if not often:
        raise DoesNotFit
    best = max(often, key=lambda form: (len(form), form))
    return replace(one, before=[*one.before, *_helper(best)], backward=_Called(best, _variables(one)).all(one.backward))


LETTERS = "uvw"


def _form(node: ast.expr, variables: set[str]) -> tuple[str, tuple[str, ...]]:
    """An expression with letters for its variables, and what these stand for."""
    own = tuple(
        dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in variables)
    )
    if not 0 < len(own) <= 3:
        return "", ()
    return written(renamed([ast.Expr(node)], dict(zip(own, LETTERS, strict=False)))), own


def _helper(form: str) -> Body:
    letters = [letter for letter in LETTERS if letter in names_read(expression(form))]
    return parsed(f"def part({', '.join(letters)}):\n    return {form}")


class _Called(ast.NodeTransformer):
    def __init__(self, form: str, variables: set[str]) -> None:
        self.form, self.variables = form, variables

    def all(self, body: Body) -> Body:
        return [self.visit(one) for one in fresh(body)]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        form, own = _form(node, self.variables)
        if form == self.form:
            return expression(f"part({', '.join(own)})")
        self.generic_visit(node)
        return node


def functions_in_a_class(one: Derivation) -> Program:
    """Functions asked for that pass the work on to methods of a class."""
    if len(one.functions) != 2:
        raise DoesNotFit
    *before, there, back = functions(one)
    assert isinstance(there, ast.FunctionDef)
    assert isinstance(back, ast.FunctionDef)
    methods = "\n".join(f"    @staticmethod\n{_indented(written([part]))}" for part in (there, back))
    calls = "\n".join(
        f"def {part.name}({ast.unparse(part.args)}):\n    return Layer.{part.name}({ast.unparse(part.args)})"
        for part in (there, back)
    )
    return _program(before, f"class Layer:\n{methods}\n{calls}", one.after)


LAYOUTS: tuple[Layout, ...] = (
    script,
    one_function,
    function_returning_a_dict,
    forward_and_backward_with_a_tuple,
    forward_and_backward_with_a_dict,
    class_with_attributes,
    class_with_locals,
    nested_functions,
    early_return,
    generator,
    main_function,
    main_guard,
    functions_in_a_class,
)

STYLES = (function_for_each_step, function_with_names_of_others, lambda_for_each_step, shared_helper)
