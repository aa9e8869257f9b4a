"""Map quantities to the names they may go by, and a student's name to the quantity it means.

Matching order: the exact name; the name without case and underscores; the usual spellings of d(y)/d(x); the exercise's
aliases. A name that fits two quantities equally well means neither; then only the value can decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.exercise.types import Exercise, Step
from grader.formula.syntax import Derivative, Expression, Index, Name
from grader.instrument.name_matching import holds_gradients, input_of, normal, numbered_in, spelled_in
from grader.instrument.site import Site
from grader.runner.types import Event, Key, Labels

EXACT, NORMAL, SPELLED, ALIAS = range(4)

MAX_CACHED_NAMES = 4096
"""Size at which a cache of `Names` is cleared."""

_Binder = tuple[str, tuple[str, ...], str, str, str, str, int | None]
"""All of a site and of a binding there that decides what it means: `kind`, `names`, `owner` and `within` of the site,
`label`, `owner` and `key` of the binding."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The quantity a name stands for, the name, and the rank of the rule that matched it (0 is the surest)."""

    quantity: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Names:
    """The names that quantities may go by; a family counts as one quantity, under its own name.

    `spellings` leads from a normal spelling to the quantities it may mean, each with its rank. `indices` are the
    indices of a family's members: `dh[0]` means nothing where the family begins at 1."""

    exact: frozenset[str]
    indices: Mapping[str, frozenset[int]]
    spellings: Mapping[str, Mapping[str, int]]
    labels: Labels
    doubted: frozenset[Key] = frozenset()
    """Bindings in containers whose names are not believed (see `containers`)."""
    known: dict[str, Meaning | None] = field(default_factory=dict, repr=False, compare=False)
    """Cache of `means`: the same names are looked up at every binding of every run."""
    read: dict[_Binder, tuple[Meaning, ...]] = field(default_factory=dict, repr=False, compare=False)
    """Cache of `meanings`: a site that a loop reaches a thousand times binds the same names each time."""

    def means(self, name: str) -> Meaning | None:
        """Return the quantity a student's name means; None if it means none, or several equally well."""
        try:
            return self.known[name]
        except KeyError:
            if len(self.known) >= MAX_CACHED_NAMES:
                self.known.clear()
            found = self.known[name] = self._found(name)
            return found

    def _found(self, name: str) -> Meaning | None:
        if name in self.exact:
            return Meaning(name, name, EXACT)
        found = self.spellings.get(normal(name), {})
        if not found:
            return None
        best = min(found.values())
        sure = [quantity for quantity, rank in found.items() if rank == best]
        return Meaning(sure[0], name, best) if len(sure) == 1 else None


def names_of(exercise: Exercise) -> Names:
    """Return the names of an exercise."""
    quantities = (*exercise.forward_steps, *exercise.steps)
    exact = frozenset(key(step) for step in quantities)
    spellings: dict[str, dict[str, int]] = {}
    for step in quantities:
        for name, rank in _spelled(exercise, step):
            label = normal(name)
            known = spellings.setdefault(label, {})
            known[key(step)] = min(rank, known.get(key(step), rank))
    asked: dict[str, set[str]] = {}
    for step in exercise.steps:
        if not step.optional:
            own = {normal(name) for name, _ in _spelled(exercise, step)}
            # Leave out what fits another step better: `dw_h` is that step's own name, even where both are d(y2)/d(w_h).
            own = {label for label in own if spellings[label][key(step)] == min(spellings[label].values())}
            asked.setdefault(key(step), set()).update(own)
    families = {step.family for step in quantities if step.family is not None}
    labels = Labels(
        _inputs(exercise, exact),
        exact,
        frozenset(spellings),
        tuple(frozenset(found) for found in asked.values()),
        frozenset(label for label, known in spellings.items() if not families.isdisjoint(known)),
    )
    indices: dict[str, frozenset[int]] = {}
    for step in quantities:
        if step.family is not None and step.index is not None:
            indices[step.family] = indices.get(step.family, frozenset()) | {step.index}
    return Names(exact, indices, spellings, labels)


def key(step: Step) -> str:
    """The name that identifies a quantity: for a member of a family, the family's name."""
    return step.family or step.name


def meanings(names: Names, event: Event, site: Site) -> tuple[Meaning, ...]:
    """Return every quantity a binding may be, one for each name it binds: `x = dh2 = ...` binds two."""
    if event.place in names.doubted:
        return ()
    binder = (site.kind, site.names, site.owner, site.within, event.label, event.owner, event.key)
    found = names.read.get(binder)
    if found is None:
        if len(names.read) >= MAX_CACHED_NAMES:
            names.read.clear()
        found = names.read[binder] = _meanings(names, event, site)
    return found


def _meanings(names: Names, event: Event, site: Site) -> tuple[Meaning, ...]:
    found = []
    for ways in _ways(event, site):
        for name in ways:
            meaning = names.means(name)
            if meaning is not None and (event.key is None or event.key in names.indices.get(meaning.quantity, ())):
                found.append(meaning)
                break
    return tuple(found)


def spoken_name(event: Event, site: Site) -> str:
    """The name a binding is reported under; empty for a binding without a name (`return e`)."""
    if site.kind in _NAMELESS and not event.label:
        return ""
    return next(iter(names_of_binding(event, site)), site.owner)


def input_given(names: Names, event: Event, site: Site) -> str | None:
    """The input whose starting value a binding sets, judged by its name; None if it sets none."""
    labels = names.labels
    for label in names_of_binding(event, site):
        for name in spelled_in(held_by(event, site), label):
            found = input_of(name, labels.inputs, names.exact)
            if found is not None:
                return found
            # Where `d` holds data, `d["x"]` is no gradient.
            if normal(name) in labels.tracked and not holds_gradients(held_by(event, site)):
                break
    return None


def held_by(event: Event, site: Site) -> str:
    """The path of the container a binding belongs to; "" for a plain name."""
    return event.owner or site.owner


def names_of_binding(event: Event, site: Site) -> tuple[str, ...]:
    """The names bound: those in the code, or the one made at run time."""
    return (event.label,) if event.label else site.names


_NAMELESS = ("loop", "parameter", "returned", "appended", "argument", "keyword")
"""Kinds of sites that bind no name, or no name of a quantity."""


def _ways(event: Event, site: Site) -> tuple[tuple[str, ...], ...]:
    """For each bound name the readings to try, in order: `grads['w_h']` is first read as `dw_h`."""
    if site.kind in _NAMELESS and not event.label:
        return ()
    if site.kind == "item" and not event.label:
        return (spelled_in(site.within, site.owner),)
    # `h2.grad = ...` is a derivative stored on its variable; `self.g` may be the gate g.
    if not event.label and site.owner and any(label in ("grad", "g") for label in site.names):
        return tuple((f"d{site.owner}", label) for label in site.names)
    owner = held_by(event, site)
    return tuple((*spelled_in(owner, one), *numbered_in(owner, one)) for one in names_of_binding(event, site))


def _inputs(exercise: Exercise, exact: frozenset[str]) -> dict[str, str]:
    """The names of inputs: exact names and aliases, and each normal spelling that only one input has."""
    found = {spelling: one.name for one in exercise.inputs for spelling in (one.name, *one.aliases)}
    taken = {normal(name) for name in exact}
    owners: dict[str, set[str]] = {}
    for spelling, name in found.items():
        owners.setdefault(normal(spelling), set()).add(name)
    unique = {label: next(iter(names)) for label, names in owners.items() if len(names) == 1 and label not in taken}
    return {**unique, **found}


def _spelled(exercise: Exercise, step: Step) -> Iterable[tuple[str, int]]:
    name = key(step)
    yield name, NORMAL
    for alias in step.aliases:
        yield alias, ALIAS
    if isinstance(step.quantity, Derivative) and step.quantity.via is None and not step.quantity.partial:
        of, by = _spoken(step.quantity.of), _spoken(step.quantity.by)
        if of and by:
            ways = derivative_names(of, by, of == exercise.output)
            # `grads` is the usual container of all gradients, not a spelling of `grad_s`.
            spelled = [one for one in (name, *ways) if normal(one) != "grads"]
            yield from ((one, SPELLED) for one in spelled)
            if step.family is not None:
                yield from ((f"{one}_t", SPELLED) for one in spelled)  # rebound in each pass of a loop over time


def derivative_names(of: str, by: str, of_output: bool) -> Iterable[str]:
    yield from (f"d{of}_d{by}", f"d{of}_by_d{by}", f"d{of}_by_{by}", f"{of}_{by}_grad")
    if of_output:
        yield from (f"d{by}", f"grad_{by}", f"{by}_grad", f"dL_d{by}", f"dloss_d{by}", f"{by}_bar")
        yield from (f"delta_{by}", f"\N{GREEK SMALL LETTER DELTA}{by}")


def _spoken(expression: Expression) -> str | None:
    match expression:
        case Name(id=name) | Index(base=Name(id=name)):
            return name
        case _:
            return None
