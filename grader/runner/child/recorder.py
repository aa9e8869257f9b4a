"""The methods of `__grader__`, which instrumented code calls at every binding.

The recorder reports bindings, replaces the given inputs by those of the point, and in a forced run hands each value
over before it learns whether to keep it.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Mapping
from enum import Enum
from itertools import islice
from typing import Any

from grader.instrument.name_matching import joined, normal
from grader.instrument.site import Site
from grader.runner import wire
from grader.runner.child.container_entries import (
    MAX_ENTRIES,
    Entry,
    changed,
    entries,
    is_part_of,
    is_same,
    kind_of,
    label_of,
    may_change,
)
from grader.runner.child.event_loops import result_of
from grader.runner.child.inputs import Inputs
from grader.runner.child.libraries import Libraries
from grader.runner.child.plan import MAX_CACHED_NAMES, Ends, Plan, Vocabulary, held_by, names_of
from grader.runner.child.values import close, encode, fit, held_as, kept_or_fit, laid_out, put_in_place, tape_or_fit
from grader.runner.wire import FIRST_ENTRY, NUMBERS, Binding, Wired

MAX_OCCURRENCES_PER_SITE = 256
"""Number of occurrences of a site that are reported one by one; of later ones, in a long loop, only the last binding of
a tracked name is."""

MAX_ENTRIES_PER_SITE = 4096
"""Maximum number of container entries looked at per site."""

MAX_BINDINGS = 50_000
MAX_VALUE_BYTES = 32 * 1024 * 1024
"""Beyond either limit, only each site's last binding of a tracked name or an input is reported, and no other name."""

MAX_KEY = 2**32


_UNSEEN = Wired(wire.OBJECT, "float64", (), b"")
_NOTHING = Wired(wire.EXCEPTION, "float64", (), b"")


class Enough(BaseException):
    """The answer has ended: nothing that follows can count."""


class Recorder:
    """The state of one run. `send` writes a frame; `ask` writes one and returns the replacement, or None to keep."""

    def __init__(
        self,
        sites: Mapping[int, Site],
        vocabulary: Vocabulary,
        libraries: Libraries,
        plan: Plan,
        send: Callable[[int, bytes, int], None],
        ask: Callable[[bytes], Wired | None],
    ) -> None:
        self._sites, self._words, self._libraries, self._plan = sites, vocabulary, libraries, plan
        self._send, self._ask = send, ask
        self._sequence = 0
        self._bytes = 0
        self._occurrences: dict[int, int] = {}
        self._tried: dict[int, int] = {}
        self._late: dict[int, tuple[Binding, int]] = {}
        self._seen: set[str] = set()
        self._inputs = Inputs(vocabulary, plan)
        self._last: dict[tuple[str, str], bytes] = {}
        self._held: dict[str, bytes] = {}
        self._known: dict[str, tuple[Any, bytes]] = {}
        self._kept: dict[int, Any] = {}
        self._given_instead: set[int] = set()
        self._waiting: dict[int, tuple[Binding, Any]] = {}
        self._shared: list[Any] = []
        """The objects that were given the numbers of an input in place: another input gets an object of its own."""
        self._stops, self._observe = plan.stops, plan.observe
        self._stopping = frozenset(number for number, _ in plan.stops)
        self._left = len(plan.stops)
        self._over = False
        # A forced run asks about its stops; it needs other values only to detect changes.
        self._sweeps = any(site.kind == "swept" for site in sites.values())
        self._wants_all = not plan.stops or plan.observe or self._sweeps
        self._compared = frozenset(name for site in sites.values() if site.kind == "touched" for name in site.names)
        self.ends: Ends | None = None
        self.own_inputs: dict[int, Any] = {}
        """The values inputs were bound to, by site, before the values of the point replaced them."""

    # called by instrumented code

    def imported(self) -> None:
        self._libraries.imported()

    def bound(self, number: int, value: Any) -> Any:
        """Handle the binding of a name to `value`; returns what it is actually bound to."""
        site = self._sites[number]
        if site.kind in ("appended", "argument") and self._occurrences.get(number, 0) >= MAX_OCCURRENCES_PER_SITE:
            return value  # rows of data, possibly thousands
        new = self._bind(site, "", value, self._count(number))
        if isinstance(new, dict):
            self._members(site, new)
        return self._look_into(site, "", new)

    def _bind(self, site: Site, label: str, value: Any, occurrence: int) -> Any:
        wired = self._encoded(site, occurrence, value)
        name = self._inputs.given_by(site, label, occurrence, wired)
        role = 0
        if name is not None:
            if occurrence == 0:
                self.own_inputs[site.number] = value
            point = laid_out(wired, self._plan.given[name], self._plan.point[name])
            if self.ends is not None and not self.ends.renumbered:
                self.ends.renumbered = not close(wired, point)
            value = self._replaced(site, value, point)
            wired = held_as(wired, point)
            role = wire.INPUT
            self._inputs.hold(site, label)
        elif self._inputs.changes(site, label):
            role = wire.UPDATE
        return self._report(site, occurrence, wired, role, value, label=label)

    def _replaced(self, site: Site, value: Any, point: Wired) -> Any:
        """An input's value with the numbers of the point: the same object, where the code may go on under another name
        for it (`W1 = net.W1`, `W1, W2 = weights`)."""
        if site.scope:
            return kept_or_fit(value, point)
        shared = site.kind == "unpack" or (site.copy and len(site.reads) > 1)
        shared &= getattr(value, "grad_fn", None) is None  # torch's graph goes through it
        if not shared or any(value is one for one in self._shared) or not put_in_place(value, point):
            return fit(value, point)
        self._shared.append(value)
        return value

    def awaited(self, value: Any) -> Any:
        return result_of(value)

    def goes_on(self, number: int) -> bool:
        """Whether a guarded statement that builds a value has not raised before in this run."""
        return number not in self._given_instead

    def instead(self, number: int, *held: Any) -> tuple[Any, ...]:
        """For a guarded statement that raised: the value for what it binds, as a tuple of one; an empty tuple where the
        grader gives none. `held` is the value that the statement would have gone on building."""
        site = self._sites[number]
        if not held and (made := self.member(number)):
            return made
        asked = self.ask_for(number)
        label, new = ("", asked) if asked is not None else self._plan.unknown.get(number, ("", None))
        if new is not None and new.form == wire.PLACEHOLDER:
            return (...,)
        begun = encode(held[0]).data if held and site.kind in ("again", "assign") else b""
        if new is None or (any(begun) and len(begun) != len(new.data)):
            return ()  # a sum of its own for each row, say, and not the whole quantity
        self._given_instead.add(number)
        if held and isinstance(held[0], list) and not held[0]:
            held[0].extend(fit(None, new))  # its entries are arrays, where the code has such
            value = held[0]
        elif held and put_in_place(held[0], new):
            value = held[0]
        else:
            value = fit(held[0] if held else None, new)
        if asked is None:
            self._report(site, wire.IN_PLACE_OF_ERROR, encode(value), 0, value, label=label, in_place=True)
        return (value,)

    def member(self, number: int) -> tuple[Any, ...]:
        """For a guarded statement in a loop that raised before it bound a member of a family: a value for this pass, as
        a tuple of one; an empty tuple where the grader gives none. It is bound like the student's own would be."""
        site, (_, new) = self._sites[number], self._plan.unknown.get(number, ("", _NOTHING))
        if new.form != NUMBERS or not site.in_loop or not self._is_of_family(site):
            return ()
        value = fit(None, new)
        if site.kind == "assign":
            value = self._report(site, self._count(number), encode(value), 0, value)
        return (value,)

    def _is_of_family(self, site: Site) -> bool:
        return not self._words.families.isdisjoint(self._words.goes_by(site, "").labels)

    def parameter(self, number: int, value: Any) -> Any:
        site = self._sites[number]
        name = self._words.input_of(site.names[0])
        occurrence = self._count(number)
        if name is None:
            return self._note(site, occurrence, value)
        own = encode(value)
        # Only a given number passed in unchanged, or an array that may be a given one: anything else was computed, or
        # replaced before.
        if not close(own, self._plan.given[name]) and not self._may_be_given(number, occurrence, name, own):
            return self._note(site, occurrence, value)
        self._inputs.bound.add(name)
        point = self._plan.point[name]._replace(shape=own.shape)  # it may have been reshaped
        return self._report(site, occurrence, held_as(own, point), wire.INPUT, kept_or_fit(value, point))

    def _may_be_given(self, number: int, occurrence: int, name: str, own: Wired) -> bool:
        """Whether the grader has decided that an argument is an input that has no other name, `f(rng.normal(size=3))`.
        In the first run, such arguments are reported."""
        if self._plan.decisions is not None:
            return self._plan.decisions.get((number, occurrence)) == name
        like = own.shape == self._plan.given[name].shape != ()
        if like and not occurrence and name not in self._inputs.bound:
            binding = Binding(self._sequence, number, occurrence, None, "", own)
            self._send(wire.BINDING, wire.pack_binding(binding), 0)
        return False

    def typed(self, number: int, value: Any) -> Any:
        """A typed-in number without a name. Where it equals a given one, the grader may decide that it stands for
        that."""
        occurrence = self._count(number)
        if self._plan.decisions is not None:
            name = self._plan.decisions.get((number, occurrence))
            return value if name is None else fit(value, self._plan.point[name])
        if occurrence < MAX_OCCURRENCES_PER_SITE and not self._over:
            wired = encode(value)
            if any(close(wired, given) for given in self._plan.given.values()):
                binding = Binding(self._sequence, number, occurrence, None, "", wired)
                self._send(wire.BINDING, wire.pack_binding(binding), 0)
        return value

    def passed(self, number: int, value: Any) -> None:
        """A loop variable at the start of an iteration."""
        self._note(self._sites[number], self._count(number), value)

    def _note(self, site: Site, occurrence: int, value: Any) -> Any:
        """Report a value that is no quantity by its name, in runs that want every name. Returns what is to be bound."""
        if (self._observe and self._is_kept(site, occurrence)) or (site.number, occurrence) in self._stops:
            return self._report(site, occurrence, encode(value), 0, value)
        return value

    def again(self, number: int, value: Any) -> Any:
        """A name whose object may have been changed in place, and may be shared with other names."""
        site = self._sites[number]
        role = wire.UPDATE if self._inputs.changes(site, "") else 0
        occurrence = self._count(number)
        wired = self._encoded(site, occurrence, value)
        return self._look_into(site, "", self._report(site, occurrence, wired, role, value, in_place=True))

    def keep(self, number: int, part: Any) -> Any:
        """Store a part of a target that must not be computed twice: a key, or the container it belongs to."""
        self._kept[number] = part
        return part

    def kept(self, number: int) -> Any:
        return self._kept.pop(number, None)

    def item(self, number: int, container: Any, key: Any) -> None:
        """`container[key]` has been bound: report first the element, then the whole container."""
        element, whole = self._sites[number], self._sites[number + 1]
        if isinstance(key, str | Enum):
            self._entry(element, container, key)
        elif (index := _index(key)) is not None:
            if self._has_members(element):
                self._element(element, container, index)
        elif isinstance(container, dict):
            self._nameless(element, container, key)
        if not isinstance(container, dict):
            occurrence = self._count(whole.number)
            if self._may_wait(whole):
                self._wait(whole, occurrence, container)
                return
            wired = self._encoded(whole, occurrence, container)
            self._report(whole, occurrence, wired, 0, container, in_place=True)

    def _has_members(self, site: Site) -> bool:
        """Whether entries that `site` puts into its container may be quantities: not in a quantity that is no
        family."""
        label = normal(site.owner)
        return self._observe or label not in self._words.tracked or label in self._words.families

    def _may_wait(self, site: Site) -> bool:
        """Whether only the last change of an array in a loop is wanted."""
        return site.in_loop and not (self._stops or self._observe or self._over)

    def _wait(self, site: Site, occurrence: int, container: Any) -> None:
        self._sequence += 1
        tracked, labels, *_ = self._words.goes_by(site, "")
        if tracked:
            self._seen.update(labels)
        self._waiting[site.number] = (Binding(self._sequence, site.number, occurrence, None, "", _UNSEEN), container)

    def settle(self) -> None:
        """Report the delayed bindings: arrays that a loop changes many times, with their present values."""
        if not self._waiting:  # the usual case, after every statement
            return
        waiting, self._waiting = self._waiting, {}
        for binding, container in waiting.values():
            site = self._sites[binding.site]
            made = binding._replace(value=encode(container))
            self._remember(site, "", container, made.value.data)
            self._keep(made, 0, self._words.goes_by(site, "").tracked)

    def _entry(self, site: Site, container: Any, key: str | Enum) -> None:
        try:
            value = container[key]
        except Exception:  # a container need not be readable to be written to
            return
        label = label_of(key)
        new = self._look_into(site, label, self._bind(site, label, value, self._count(site.number)))
        if new is not value:
            self._put(container, key, new)

    def _nameless(self, site: Site, container: Any, key: Any) -> None:
        """An entry under a key that is no name: `d["h1", 0]`."""
        occurrence = self._count(site.number)
        if not self._is_kept(site, occurrence):
            return  # a table of results, possibly thousands
        try:
            value = container[key]
        except Exception:
            return
        new = self._report(site, occurrence, self._encoded(site, occurrence, value), 0, value)
        if new is not value:
            self._put(container, key, new)

    def _element(self, site: Site, container: Any, key: int) -> None:
        try:
            value = container[key]
            place = key + len(container) if key < 0 and not isinstance(container, dict) else key
        except Exception:
            return
        if not 0 <= place < MAX_KEY:
            return
        occurrence = self._count(site.number)
        new = self._report(site, occurrence, self._encoded(site, occurrence, value), 0, value, key=place)
        new = self._look_into(site, str(place), new)
        if new is not value:
            self._put(container, key, new)

    def _put(self, container: Any, key: Any, new: Any) -> None:
        """Put a value into a container, unseen: its own `__setitem__` may bind names. What does not fit, a column for a
        number, is not put."""
        counted, over = dict(self._occurrences), self._over
        self._over = True
        try:
            with contextlib.suppress(TypeError, ValueError):
                container[key] = new
        finally:
            self._occurrences, self._over = counted, over

    def _look_into(self, site: Site, label: str, value: Any) -> Any:
        """If the value bound or changed under this name is a container, bind its entries too. Returns what is to be
        bound."""
        if kind_of(value) is None or self._over:  # the usual case
            return value
        path = ".".join(filter(None, (held_by(site, label), *names_of(site, label)[:1])))
        for entry in list(entries(path, value, self._words.wants)):
            new = self._entered(site, entry)
            if new is not entry.value:
                value = changed(value, entry.keys, new)
        return value

    def _members(self, site: Site, held: dict[Any, Any]) -> None:
        """Bind the members of a family that a dictionary was made with: `dh = {t: g for t, g in back}`. Those of a
        display, `h = {0: h0}`, have sites of their own, which follow."""
        following = self._sites.get(site.number + 1)
        is_display = following is not None and (following.kind, following.statement) == ("item", site.statement)
        if self._over or is_display or not self._words.names_family(site):
            return
        for key in list(islice(dict.__iter__(held), MAX_ENTRIES)):
            if type(key) is not int or not 0 <= key < MAX_KEY:
                continue
            value, occurrence = dict.__getitem__(held, key), FIRST_ENTRY + self._count(~site.number)
            new = self._report(site, occurrence, self._encoded(site, occurrence, value), 0, value, key=key)
            if new is not value:
                self._put(held, key, new)

    def _entered(self, site: Site, entry: Entry) -> Any:
        count = self._count(~site.number)  # counted apart from the site's own bindings
        if count - self._tried.get(~site.number, 0) >= MAX_ENTRIES_PER_SITE:
            return entry.value
        label, occurrence = joined(entry.owner, entry.label), FIRST_ENTRY + count
        if not self._awaits((site.number, occurrence)) and self._is_known(site, label, entry.value):
            return entry.value
        return self._bind(site, label, entry.value, occurrence)

    def _awaits(self, place: tuple[int, int]) -> bool:
        """Whether the grader must see this binding: it is a stop, or an input's."""
        return place in self._stops or place in (self._plan.decisions or ())

    def _is_known(self, site: Site, label: str, value: Any) -> bool:
        """Whether this same object was bound under an equivalent name before, and has not been changed since."""
        name = self._words.goes_by(site, label).surest[0]
        before, data = self._known.get(name, (None, b""))
        if before is value and self._words.input_of(name) is not None:
            self._inputs.hold(site, label)
        return not self._wants_all or (before is value and encode(value).data == data)

    def within(self, number: int, container: Any) -> None:
        """Something in an entry of this container may have been bound: `grads[k]["dW"] = ...`."""
        self._look_into(self._sites[number], "", container)

    def touched(self, number: int, *objects: Any) -> None:
        """A call may have changed these objects in place."""
        site = self._sites[number]
        self.settle()
        tracked = {name for name in site.names if normal(name) in self._words.tracked}
        for name, value in zip(site.names, objects, strict=True):
            self._look_into(site, name, value)
            # Always counted, so that the numbering of occurrences does not depend on what has changed.
            occurrence = self._count(number)
            stop = (number, occurrence) in self._stops
            # For other names, at most their value when a step is computed is of interest.
            if not (stop or name in tracked or (self._observe and self._is_kept(site, occurrence))):
                continue
            wired = encode(value)
            if stop or (wired.form == NUMBERS and self._last.get((site.scope, name)) != wired.data):
                self._report(site, occurrence, wired, 0, value, label=name, in_place=True)

    def settled(self, number: int, through: str, names: dict[str, Any]) -> None:
        """A statement or loop has ended that may have changed the object under the name `through`, and objects it is
        part of. Reports the new values of tracked names that have not been reported; where every name is wanted, of all
        names."""
        self.settle()
        changed, count = names.get(through), self._count(number)
        if self._over or count >= MAX_OCCURRENCES_PER_SITE or not may_change(changed):
            return
        site = self._sites[number]
        everything = self._observe or number in self._stopping
        places = self._words.all_places if everything else self._words.places
        for name, place in places(self._sites).items():
            occurrence = FIRST_ENTRY + count * MAX_CACHED_NAMES + place
            stop = (number, occurrence) in self._stops
            if name not in names or not (stop or (self._wants_all and self._settles(site, name, names, through))):
                continue
            value = names[name]
            names[name] = self._report(site, occurrence, encode(value), 0, value, label=name, in_place=True)

    def _settles(self, site: Site, name: str, names: dict[str, Any], through: str) -> bool:
        """Whether the object under `name` was changed through another name, or through a part of it. Where both names
        hold the same object, the other one reuses it for another quantity, unless the object was zeros, made to be
        filled."""
        value, changed = names[name], names[through]
        last = self._last.get((site.scope, name))
        if last is None or not may_change(value):
            return False
        if name != through and (any(last) if is_same(changed, value) else not is_part_of(changed, value)):
            return False
        wired = encode(value)
        return wired.form == NUMBERS and wired.data != last

    # called between top-level statements

    def answer_begins(self) -> None:
        """From now on bindings are reported however often the functions were tried out before."""
        self._tried = dict(self._occurrences)
        self._bytes = 0

    def give(self, names: dict[str, Any], name: str, label: str) -> None:
        """Bind an input that the submission does not bind itself. A number on a tape of its own stays on it."""
        names[label] = tape_or_fit(names.get(label), self._plan.point[name])
        self._held[label] = self._plan.point[name].data

    def sweep(self, site: Site, names: dict[str, Any]) -> None:
        """After a statement that may have bound names unseen: report the names whose values have not been reported."""
        self.settle()
        for name in list(names):
            if normal(name) not in self._words.tracked and self._words.input_of(name) is None:
                continue
            value = names[name]
            wired = encode(value)
            if wired.form == NUMBERS and self._held.get(name) != wired.data:
                new = self._bind(site, name, value, self._count(site.number))
                if new is not value:
                    names[name] = new

    def given_up(self, name: str) -> None:
        """A statement that raised was the last to bind `name`: the answer no longer waits for it."""
        self._seen.add(normal(name))

    def asked_all(self, cell: int) -> bool:
        """Whether, up to this cell, every asked-for step has been bound under one of its names and gets no further
        entries in later cells; or will never be bound."""
        filled = self._words.filled
        return self._plan.ends_when_asked and all(
            any(filled.get(name, 0) <= cell for name in names & self._seen) for names in self._words.asked
        )

    def finished(self) -> bool:
        """Whether nothing that follows can count: a forced run has made all its stops, or the answer has ended.

        Checked separately, since the submission may have caught the `Enough` exception."""
        return self._over or (bool(self._stops) and self._left <= 0)

    def flush(self) -> None:
        self.settle()
        for binding, role in self._late.values():
            self._send(wire.BINDING, wire.pack_binding(binding), role)
        self._late.clear()

    def ended(self, sites: tuple[Site, ...], names: dict[str, Any]) -> None:
        """A statement has ended: hand over the present values of its names that are stops."""
        self.settle()
        if not self._stops:
            return
        for site in sites:
            if (site.number, wire.AFTER_STATEMENT) in self._stops and site.names and site.names[0] in names:
                value = names[site.names[0]]
                self._sequence += 1
                binding = Binding(self._sequence, site.number, wire.AFTER_STATEMENT, None, "", encode(value))
                names[site.names[0]] = self._stop(binding, value, in_place=True)

    def ask_for(self, number: int) -> Wired | None:
        """Request a value for a name whose statement raised, if it is a stop."""
        if (number, wire.IN_PLACE_OF_ERROR) in self._stops:
            occurrence = wire.IN_PLACE_OF_ERROR
        elif (number, wire.AFTER_STATEMENT) in self._stops:
            occurrence = wire.AFTER_STATEMENT
        elif (number, 0) in self._stops and not self._occurrences.get(number):
            occurrence = 0
        else:
            return None
        self._sequence += 1
        self._left -= 1
        return self._ask(wire.pack_binding(Binding(self._sequence, number, occurrence, None, "", _NOTHING)))

    # inside

    def _encoded(self, site: Site, occurrence: int, value: Any) -> Wired:
        """The encoded value, where this run needs it."""
        if self._wants_all or (site.number, occurrence) in self._stops or not self._compared.isdisjoint(site.names):
            return encode(value)
        return _UNSEEN

    def _count(self, number: int) -> int:
        occurrence = self._occurrences.get(number, 0)
        self._occurrences[number] = occurrence + 1
        return occurrence

    def _report(
        self,
        site: Site,
        occurrence: int,
        wired: Wired,
        role: int,
        value: Any,
        *,
        key: int | None = None,
        label: str = "",
        in_place: bool = False,
    ) -> Any:
        """Send a binding, or in a forced run ask what to do with it. Returns what is to be bound."""
        if self._over:
            return value
        self._sequence += 1
        tracked, labels, *_ = self._words.goes_by(site, label)
        if self._waiting and (tracked or role or in_place):
            self.settle()
        if tracked:
            self._seen.update(self._words.bound_for_good(site, labels, wired))
        self._remember(site, label, value, wired.data)
        place = (site.number, occurrence)
        binding = Binding(self._sequence, site.number, occurrence, key, label, wired)
        if place in self._stops:
            value = self._stop(binding, value, in_place or _is_part_unpacked(site, value))
            if self._sweeps:
                self._remember(site, label, value, encode(value).data)  # no other name has reported the replacement
            return value
        self._keep(binding, role, tracked)
        if role == wire.UPDATE and self.asked_all(site.cell):
            self._over = True
            raise Enough
        return value

    def _is_kept(self, site: Site, occurrence: int) -> bool:
        """Whether this occurrence of a site is reported by itself."""
        return occurrence - self._tried.get(site.number, 0) < MAX_OCCURRENCES_PER_SITE

    def _remember(self, site: Site, label: str, value: Any, data: bytes) -> None:
        reading = self._words.goes_by(site, label)
        if reading.matters and site.kind not in ("keyword", "parameter", "loop"):  # names of a callee or a loop
            self._known.update(dict.fromkeys(reading.surest, (value, data)))
        for name in names_of(site, label):
            self._last[site.scope, name] = data
            # A function's own names are not those of the top level.
            if not site.scope:
                self._held[name] = data

    def _keep(self, binding: Binding, role: int, tracked: bool) -> None:
        if self._stops and not self._observe:
            return
        occurrence = binding.occurrence
        if MAX_OCCURRENCES_PER_SITE <= occurrence < FIRST_ENTRY and not self._is_kept(
            self._sites[binding.site], occurrence
        ):
            if tracked:
                self._late[binding.site] = (binding, role)
            return
        self._bytes += len(binding.value.data)
        if self._sequence < MAX_BINDINGS and self._bytes < MAX_VALUE_BYTES:
            self._send(wire.BINDING, wire.pack_binding(binding), role)
        elif tracked or role:
            self._late[binding.site] = (binding, role)

    def _stop(self, binding: Binding, value: Any, in_place: bool) -> Any:
        whole = (binding.site, binding.occurrence) in self._plan.whole
        new = self._ask(wire.pack_binding(binding))
        self._left -= 1
        if new is not None and not (in_place and not whole and put_in_place(value, new)):
            value = fit(value if binding.value.form == NUMBERS else None, new, whole)
        if self._left <= 0:
            self._over = True
            raise Enough
        return value


def _is_part_unpacked(site: Site, value: Any) -> bool:
    """Whether a name holds a part of an array whose parts are unpacked, `di, df = stacked`: code that reads the whole
    array afterwards reads this value too."""
    return site.kind == "unpack" and (
        getattr(value, "base", None) is not None or getattr(value, "_base", None) is not None
    )


def _index(key: Any) -> int | None:
    """The single index a key stands for; None for a slice, a mask, an array of indices."""
    try:
        return None if isinstance(key, bool) else operator.index(key)
    except Exception:
        return None
