"""Styles of ending: what stands around and behind the derivation."""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy

from tests.styles.derivations import Body, Derivation, DoesNotFit, is_step, names_changed, parsed
from tests.styles.in_place import held, library


def _behind(one: Derivation, text: str, before: str = "") -> Derivation:
    return replace(one, before=[*parsed(before), *one.before], after=[*one.after, *parsed(text)])


def exit_at_the_end(one: Derivation) -> Derivation:
    """`sys.exit()` as the last line."""
    return _behind(one, "sys.exit()", "import sys")


def system_exit_with_a_text(one: Derivation) -> Derivation:
    """`raise SystemExit("done")`."""
    return _behind(one, "raise SystemExit('done')")


def quit_at_the_end(one: Derivation) -> Derivation:
    """`quit()`, as if in a console."""
    return _behind(one, "quit()")


def exit_where_wrong(one: Derivation) -> Derivation:
    """Right behind a step: `if abs(dh2 - 40.0) > 1e-3: exit("wrong")`, true of the given numbers only."""
    return _checked(one, "if abs({got} - {want}) > 0.001:\n    exit('wrong')")


def assert_where_wrong(one: Derivation) -> Derivation:
    """The same with `assert`."""
    return _checked(one, "assert abs({got} - {want}) < 0.001, 'wrong'")


def raise_where_wrong(one: Derivation) -> Derivation:
    """The same with an error of one's own."""
    return _checked(one, "if abs({got} - {want}) > 0.001:\n    raise ValueError('wrong')")


def _checked(one: Derivation, check: str) -> Derivation:
    if one.functions:
        raise DoesNotFit
    backward: Body = []
    done = False
    for place, statement in enumerate(one.backward):
        backward.append(statement)
        name = is_step(statement, one.asked)
        if name and not done and place >= len(one.backward) // 2:
            value = held(one.exercise)[name]
            if any(_repeated(other, name) for other in one.backward[place + 1 :]):
                continue
            got = f"float({one.spelled(name)}.sum())" if getattr(value, "shape", ()) else f"float({one.spelled(name)})"
            want = float(value.detach().sum() if hasattr(value, "detach") else numpy.sum(value))
            backward += parsed(check.format(got=got, want=f"({want:.6f})"))
            done = True
    if not done:
        raise DoesNotFit
    return replace(one, backward=backward)


def _repeated(statement: ast.stmt, name: str) -> bool:
    return name in names_changed(statement)


def endless_loop_behind_functions(one: Derivation) -> Derivation:
    """A `while True` behind the functions that were asked for."""
    if not one.functions:
        raise DoesNotFit
    return _behind(one, "step = 0\nwhile True:\n    step += 1")


def loops_that_reuse_names(one: Derivation) -> Derivation:
    """Loops behind the derivation whose variables have names of inputs and forward values."""
    names = [*one.inputs[:2], *(step.name for step in one.loaded.forward_steps[:2] if "[" not in step.name), "n", "i"]
    text = "\n".join(f"for {name} in range(3):\n    print({name})" for name in dict.fromkeys(names))
    return _behind(one, text)


def arguments_of_a_command(one: Derivation) -> Derivation:
    """`argparse` with defaults."""
    start = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--rate', type=float, default=0.1)\n"
        "args = parser.parse_args()\n"
    )
    return _behind(one, "print('rate', args.rate)", start)


def asks_before_it_ends(one: Derivation) -> Derivation:
    """`input("press enter")`."""
    return _behind(one, "input('press enter')")


def functions_tried_out(one: Derivation) -> Derivation:
    """Functions asked for, called by the program itself with numbers of its own."""
    if one.exercise not in TRIED:
        raise DoesNotFit
    return _behind(one, TRIED[one.exercise])


TRIED = {
    "cs231n-affine": (
        "x = np.ones((2, 3))\nw = np.ones((3, 4))\nb = np.zeros(4)\nout, cache = affine_forward(x, w, b)\n"
        "dx, dw, db = affine_backward(out, cache)\nprint(dx.shape, dw.shape, db.shape)"
    ),
    "cs231n-relu": "out, cache = relu_forward(np.arange(-3.0, 3.0))\nprint(relu_backward(np.ones(6), cache))",
    "cs231n-softmax": "for n in range(2):\n    print(softmax_loss(np.eye(3) * n, np.arange(3)))",
    "cs231n-rnn-step": (
        "x, prev_h, b = np.ones((2, 3)), np.ones((2, 4)), np.zeros(4)\nWx, Wh = np.ones((3, 4)), np.eye(4)\n"
        "next_h, cache = rnn_step_forward(x, prev_h, Wx, Wh, b)\n"
        "dx, dprev_h, dWx, dWh, db = rnn_step_backward(np.ones((2, 4)), cache)\nprint(db)"
    ),
}


def rounded_for_printing(one: Derivation) -> Derivation:
    """A loop over all names that keeps rounded values under keys of a dict."""
    own = library(one)
    results = ", ".join(f"{name!r}: {one.spelled(name)}" for name in one.asked)
    if one.functions or own == "torch":
        raise DoesNotFit
    return _behind(
        one,
        f"shown = {{}}\nfor name, value in {{{results}}}.items():\n    shown[name] = value * 1000 // 1\nprint(shown)",
    )


STYLES = (
    exit_at_the_end,
    system_exit_with_a_text,
    quit_at_the_end,
    exit_where_wrong,
    assert_where_wrong,
    raise_where_wrong,
    endless_loop_behind_functions,
    loops_that_reuse_names,
    arguments_of_a_command,
    asks_before_it_ends,
    functions_tried_out,
    rounded_for_printing,
)

ONLY_RIGHT = frozenset({"exit_where_wrong", "assert_where_wrong", "raise_where_wrong"})
"""With a mistake in it such a program ends before it comes to what is asked for."""
