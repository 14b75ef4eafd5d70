"""Complete deterministic Moore machines: the ground truth of the bundled networks. A DFA is one with outputs reject, accept."""

import re


class Machine:
    """delta[state][symbol] is a state, out[state] an output; all are indices, and state 0 is the start."""

    def __init__(self, alphabet, outputs, delta, out):
        self.alphabet, self.outputs, self.delta, self.out = alphabet, outputs, delta, out

    def states(self):
        return len(self.out)

    def is_dfa(self):
        return self.outputs == ["reject", "accept"]


def explore(alphabet, outputs, start, step, output):
    """The machine of a step function step(state, symbol) over any hashable states, in breadth-first order, minimised."""
    order, index, delta = [start], {start: 0}, []
    for state in order:
        row = []
        for symbol in alphabet:
            after = step(state, symbol)
            if after not in index:
                index[after] = len(order)
                order.append(after)
            row.append(index[after])
        delta.append(row)
    return minimise(Machine(alphabet, outputs, delta, [outputs.index(output(state)) for state in order]))


def minimise(machine):
    """Moore's algorithm: refine the blocks until the successors' blocks agree. Blocks are numbered by their first state."""
    block = machine.out
    while True:
        signature = [(block[q],) + tuple(block[r] for r in machine.delta[q]) for q in range(machine.states())]
        number = {}
        refined = [number.setdefault(s, len(number)) for s in signature]
        if len(number) == len(set(block)):
            break
        block = refined
    first = [refined.index(b) for b in range(len(number))]
    return Machine(machine.alphabet, machine.outputs, [[refined[r] for r in machine.delta[q]] for q in first],
                   [machine.out[q] for q in first])


def write_dot(machine, name, path):
    """The dialect of AALpy's files: accepting states are double circles; Moore states are labelled "number|output"."""
    lines = ["digraph %s {" % name]
    for q in range(machine.states()):
        if machine.is_dfa():
            lines.append("q%d [label=q%d%s];" % (q, q, ", shape=doublecircle" if machine.out[q] else ""))
        else:
            lines.append('%d [label="%d|%s", shape=record, style=rounded];' % (q, q, machine.outputs[machine.out[q]]))
    node = "q%d" if machine.is_dfa() else "%d"
    for q, row in enumerate(machine.delta):
        for symbol, r in zip(machine.alphabet, row):
            lines.append('%s -> %s [label="%s"];' % (node % q, node % r, symbol))
    lines += ['__start0 [label="", shape=none];', '__start0 -> %s [label=""];' % (node % 0), "}", ""]
    with open(path, "w") as file:
        file.write("\n".join(lines))


def read_dfa(path, alphabet):
    """A DFA that write_dot wrote; the alphabet's order is the caller's."""
    with open(path) as file:
        text = file.read()
    accepting = dict((name, "doublecircle" in rest) for name, rest in re.findall(r"^(q\d+) \[label=q\d+(.*)\];", text, re.M))
    names = list(accepting)
    start = re.search(r"__start0 -> (q\d+)", text).group(1)
    names.remove(start)
    names.insert(0, start)
    delta = [[None] * len(alphabet) for _ in names]
    for source, target, symbol in re.findall(r'^(q\d+) -> (q\d+) \[label="(.*)"\];', text, re.M):
        delta[names.index(source)][alphabet.index(symbol)] = names.index(target)
    return Machine(alphabet, ["reject", "accept"], delta, [int(accepting[name]) for name in names])
