"""Words to learn from and to test on: arrays [length, count] of symbols, and of the machine's classes after each symbol."""

import numpy


def states_of(machine, words, start=0):
    """The machine's states after each symbol; `start` is one state or one for every word."""
    delta = numpy.array(machine.delta)
    state, states = numpy.zeros(words.shape[1], dtype=int) + start, numpy.zeros_like(words)
    for t, symbols in enumerate(words):
        states[t] = state = delta[state, symbols]
    return states


def classes_of(machine, words):
    return numpy.array(machine.out)[states_of(machine, words)]


def uniform(machine, random, count, length):
    words = random.randint(len(machine.alphabet), size=(length, count))
    return words, classes_of(machine, words)


def varied(machine, random, count, length, near_misses=False):
    """Words of four kinds: every symbol alike; favourite symbols of its own; on to another state at every step, mostly out
    of traps; long stays in every state. So rare states, long runs and slow forgetting are all seen. Near misses are words of
    the third kind with two neighbouring symbols exchanged: they go into a trap and seem to come out again."""
    symbols, states = len(machine.alphabet), machine.states()
    fill = lambda choices: (choices * symbols)[:symbols]
    moves = [[a for a in range(symbols) if machine.delta[q][a] != q] or list(range(symbols)) for q in range(states)]
    trap = [all(r == q for r in row) for q, row in enumerate(machine.delta)]
    open_moves = [[a for a in moves[q] if not trap[machine.delta[q][a]]] or moves[q] for q in range(states)]
    moves, open_moves = numpy.array([fill(m) for m in moves]), numpy.array([fill(m) for m in open_moves])
    loops = [[a for a in range(symbols) if machine.delta[q][a] == q] for q in range(states)]
    stays = numpy.array([fill(loops[q] or list(open_moves[q])) for q in range(states)])
    delta, kind = numpy.array(machine.delta), random.randint(4, size=count)
    weights = numpy.where((kind == 0)[:, None], 1.0 / symbols, random.dirichlet([0.5] * symbols, count))
    bounds = weights.cumsum(axis=1)[:, :-1]
    state, words = numpy.zeros(count, dtype=int), numpy.zeros((length, count), dtype=int)
    for t in range(length):
        free = (random.rand(count, 1) > bounds).sum(axis=1)
        pick = random.randint(symbols, size=count)
        moving = numpy.where(random.rand(count) < 0.03, moves[state, pick], open_moves[state, pick])
        staying = numpy.where(random.rand(count) < 0.1, moving, stays[state, pick])
        words[t] = numpy.select([kind == 2, kind == 3], [moving, staying], free)
        state = delta[state, words[t]]
    if near_misses:
        for i in numpy.flatnonzero((kind == 2) & (random.rand(count) < 0.7)):
            t = random.randint(min(length, 30) - 1)
            words[[t, t + 1], i] = words[[t + 1, t], i]
    return words, classes_of(machine, words)


def pumped(machine, random, count, length):
    """Words u v^k w, cut to the length, with u up to 8 and v up to 5 symbols, and w from anywhere. Of ten v's the first that leads back
    to the state after u, unless that is a trap, else the last."""
    delta = numpy.array(machine.delta)
    trap = (delta == numpy.arange(machine.states())[:, None]).all(axis=1)
    words = varied(machine, random, count, length)[0]
    at = states_of(machine, words)
    for i in range(count):
        u = random.randint(min(9, length))
        end = random.randint(u, length + 1) if random.rand() < 0.5 else length
        before = at[u - 1, i] if u else 0
        for _ in range(10):
            v, q = random.randint(len(delta[0]), size=random.randint(1, 6)), before
            for symbol in v:
                q = delta[q, symbol]
            if q == before and not trap[q]:
                break
        words[u:end, i] = numpy.resize(v, end - u)
    return words


def logged(machine, logs, random, count, length):
    words = numpy.array([logs(random, length) for _ in range(count)]).T
    return words, classes_of(machine, words)
