"""Whether a history can have happened one operation after another, each between its call and its answer.

The search of Wing and Gong with what Lowe added: what has been tried is remembered by the set of operations that are done and
the state they led to. A history is checked in parts where no operation of one part can be told from another's: each pool, and
each reservation, by itself.

Not for clocks: whoever records a history gives instants of one clock. The one thing to know before changing it: a checker
that accepts everything looks just like a server that is right, so test_linearizability.py plants violations.
"""
import dataclasses
import itertools


@dataclasses.dataclass(slots=True)
class Operation:
    """`action` is what was asked for, `answer` what came back; None: nobody knows, it happened until `ended` or never."""

    action: tuple
    answer: object
    began: float
    ended: float
    who: object = ""
    # Nothing that comes later can move its end.
    is_settled: bool = False

    def __str__(self):
        return f"{self.began:.6f}–{self.ended:.6f} {self.who} {self.action} → {self.answer}"


@dataclasses.dataclass
class Verdict:
    is_linearizable: bool
    # Where it is not: the most operations that could be put in order, and those that were open then.
    ordered: list
    stuck: list

    def __bool__(self):
        return self.is_linearizable

    def __str__(self):
        lines = ["in order, the last of them:", *map(str, self.ordered[-12:]), "none of these can come next:"]
        return "\n".join([*lines, *map(str, self.stuck)])


class GaveUp(Exception):
    """More was tried than anybody waits for."""


# What is tried after one another at each place. First what changes nothing wherever it is: it can only be in the way later, so
# where it fits there is no other choice. Last what was never answered: it fits everywhere, and mostly nothing came of it.
UNCHANGING, CHANGING, UNANSWERED = range(3)


def _stage(operation):
    if operation.answer is None:
        return UNANSWERED
    return UNCHANGING if operation.action[0] in ("read", "get") or "no" in operation.answer[:1] else CHANGING


def check(operations, initial, step, tries_max=2_000_000):
    """`step(state, operation)` gives the states that the operation can lead to with its answer: none where it cannot be.

    States are hashable values.
    """
    count = len(operations)
    # A call before an answer of the same instant: then they may have been at the same time.
    order = sorted(
        itertools.chain(((o.began, 0, i) for i, o in enumerate(operations)),
                        ((o.ended, 1, i) for i, o in enumerate(operations))))
    # A list that is linked both ways, so that an operation can be taken out and put back: 2i is its call, 2i+1 its answer.
    head, tail = 2 * count, 2 * count + 1
    following, preceding = [0] * (tail + 1), [0] * (tail + 1)
    last = head
    for _, is_answer, index in order:
        node = 2 * index + is_answer
        following[last], preceding[node], last = node, last, node
    following[last], preceding[tail] = tail, last

    state, done, tries = initial, 0, 0
    seen, path, best = set(), [], ([], [])
    stages = list(map(_stage, operations))
    node, options, choice, stage = following[head], None, 0, UNCHANGING
    while following[head] != tail:
        if node != tail and node % 2 == 0:
            index = node // 2
            if options is None:
                options, choice = step(state, operations[index]) if stages[index] == stage else [], 0
            key = None
            while choice < len(options):
                tries += 1
                key = (done | 1 << index, options[choice])
                if key not in seen:
                    break
                choice += 1
            if choice == len(options):
                node, options = following[node], None
                continue
            if tries > tries_max:
                raise GaveUp("\n".join([f"{count} operations, {tries} tries", *map(str, sorted(operations, key=lambda o: o.began))]))
            seen.add(key)
            path.append((index, state, done, options, choice, stage))
            done, state = key
            for taken in (2 * index, 2 * index + 1):
                following[preceding[taken]] = following[taken]
                preceding[following[taken]] = preceding[taken]
            node, options, stage = following[head], None, UNCHANGING
            continue
        if stage != UNANSWERED:
            node, stage = following[head], stage + 1
            continue
        # An answer whose call is not in order yet: what was decided before is wrong.
        if len(path) >= len(best[0]):
            best = ([entry[0] for entry in path], _open(following, head, operations))
        stage = UNCHANGING
        while stage == UNCHANGING:
            if not path:
                return Verdict(False, [operations[i] for i in best[0]], best[1])
            index, state, done, options, choice, stage = path.pop()
            for taken in (2 * index + 1, 2 * index):
                following[preceding[taken]] = taken
                preceding[following[taken]] = taken
        node, choice = 2 * index, choice + 1
    return Verdict(True, [operations[entry[0]] for entry in path], [])


def _open(following, head, operations):
    node, found = following[head], []
    while node % 2 == 0 and node < head:
        found.append(operations[node // 2])
        node = following[node]
    return found
