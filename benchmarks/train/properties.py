"""A slow, direct reading of the property files: formulas are progressed moment by moment, as docs/properties.md defines
them. It is there to find the expected verdicts without the program that they test.

A formula without future operators means G(formula). Progression replaces the formula by what the rest of the trace must
satisfy; the trace is bad when that is false. (X and WX progress alike: a last moment can always be followed by another.)
"""

import os
import re

from automata import read_dfa

TOKEN = re.compile(r'\s*(?:(in|out)=("[^"]*"|\w+)|(matches|language)\("([^"]*)"\)|(<->|->|[!&|()])|(\w+))')
PAST, FUTURE = {"Y", "O", "H", "S"}, {"X", "WX", "G", "F", "U", "R"}


def read_file(path, alphabet, outputs):
    """[(name, Monitor)] of a property file."""
    with open(path) as file:
        lines = [re.sub(r"(^|\s)#.*", "", line.rstrip()) for line in file]
    entries = []
    for line in lines:
        if line[:1].isspace():
            entries[-1] += " " + line.strip()
        elif line:
            entries.append(line)
    split = [entry.split(":", 1) for entry in entries]
    return [(name.strip(), Monitor(text, alphabet, outputs, os.path.dirname(path))) for name, text in split]


# Regular expressions over symbols, as tuples; matching by derivatives (Brzozowski, JACM 11(4), 1964).
EMPTY, EPSILON = ("empty",), ("epsilon",)


def seq(a, b):
    if EMPTY in (a, b):
        return EMPTY
    return b if a == EPSILON else a if b == EPSILON else ("seq", a, b)


def alt(parts):
    flat = set()
    for p in parts:
        flat |= set(p[1]) if p[0] == "alt" else {p} - {EMPTY}
    return flat.pop() if len(flat) == 1 else ("alt", frozenset(flat)) if flat else EMPTY


def nullable(r):
    return r[0] in ("epsilon", "star") or (r[0] == "seq" and nullable(r[1]) and nullable(r[2])) or \
        (r[0] == "alt" and any(map(nullable, r[1])))


def derive(r, symbol):
    if r[0] == "symbol":
        return EPSILON if r[1] in (symbol, ".") else EMPTY
    if r[0] == "star":
        return seq(derive(r[1], symbol), r)
    if r[0] == "alt":
        return alt([derive(part, symbol) for part in r[1]])
    if r[0] == "seq":
        rest = derive(r[2], symbol) if nullable(r[1]) else EMPTY
        return alt([seq(derive(r[1], symbol), r[2]), rest])
    return EMPTY


def parse_regex(text):
    tokens = re.findall(r"[()|*+?.]|[^\s()|*+?.]+", text) + [")"]

    def alternatives():
        parts = [EPSILON]
        while tokens[0] != ")":
            token = tokens.pop(0)
            if token == "|":
                parts.append(EPSILON)
                continue
            item = ("symbol", token)
            if token == "(":
                item = alternatives()
                tokens.pop(0)
            while tokens[0] in ("*", "+", "?"):
                sign = tokens.pop(0)
                item = alt([item, EPSILON]) if sign == "?" else seq(item if sign == "+" else EPSILON, ("star", item))
            parts[-1] = seq(parts[-1], item)
        return alt(parts)

    return alternatives()


class Monitor:
    def __init__(self, text, alphabet, outputs, folder):
        self.text = " ".join(text.split())
        self.alphabet, self.outputs, self.folder = alphabet, outputs, folder
        self.past, self.languages = [], []
        position, self.tokens = 0, []
        while position < len(self.text.rstrip()):
            match = TOKEN.match(self.text, position)
            assert match, "cannot read %r" % self.text[position:]
            self.tokens.append(match.groups())
            position = match.end()
        formula = self.binary(0)
        assert not self.tokens, "what follows the formula in %r?" % self.text
        if self.is_past(formula):
            formula = ("G", formula)
        start = (formula, (None,) * len(self.past), tuple(language[0] for language in self.languages))
        self.states, self.index, self.table = [start], {start: 0}, {}

    # Parsing, by precedence.
    LEVELS = ["<->", "->", "|", "&", "URS"]

    def sign(self):
        return (self.tokens[0][4] or self.tokens[0][5] or "") if self.tokens else ""

    def binary(self, level):
        if level == len(self.LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        signs = list("URS") if level == 4 else [self.LEVELS[level]]
        while self.sign() in signs:
            sign = self.tokens.pop(0)
            sign = sign[4] or sign[5]
            right = self.binary(level if sign in ("->", "U", "R", "S") else level + 1)
            if sign == "->":
                left = ("or", ("not", left), right)
            elif sign == "<->":
                left = ("or", ("and", left, right), ("and", ("not", left), ("not", right)))
            else:
                left = self.keep(({"&": "and", "|": "or"}.get(sign, sign), left, right))
        return left

    def unary(self):
        kind, name, call, argument, sign, word = self.tokens.pop(0)
        if kind:
            return self.atom(kind, name.strip('"'))
        if call == "matches":
            r = parse_regex(argument)
            return self.language(r, derive, nullable)
        if call:
            dfa = read_dfa(os.path.join(self.folder, argument), self.alphabet)
            return self.language(0, lambda q, a: dfa.delta[q][self.alphabet.index(a)], lambda q: bool(dfa.out[q]))
        if sign == "(":
            inner = self.binary(0)
            self.tokens.pop(0)
            return inner
        if sign == "!":
            return ("not", self.unary())
        if word in ("X", "WX", "G", "F", "Y", "O", "H"):
            return self.keep((word, self.unary()))
        kinds = [k for k, names in (("in", self.alphabet), ("out", self.outputs)) if word in names]
        assert len(kinds) == 1, "%r is not one symbol or one output" % word
        return self.atom(kinds[0], word)

    def atom(self, kind, name):
        return (kind, (self.alphabet if kind == "in" else self.outputs).index(name))

    def language(self, start, step, accepts):
        self.languages.append((start, step, accepts))
        return ("language", len(self.languages) - 1)

    def keep(self, node):
        """Past operators get a place in the memory: the value of what they must remember."""
        if node[0] in PAST:
            assert all(self.is_past(f) for f in node[1:]), "future below past in %r" % self.text
            self.past.append(node)
            return ("past", len(self.past) - 1)
        return node

    def is_past(self, f):
        return f[0] not in FUTURE and all(self.is_past(g) for g in f[1:] if isinstance(g, tuple))

    # Running: a state is an index; the transition table is filled as it is asked for.
    def bad(self, state):
        return self.states[state][0] is False

    def step(self, state, symbol, output):
        key = (state, symbol, output)
        if key not in self.table:
            after = self.advance(self.states[state], symbol, output)
            if after not in self.index:
                self.index[after] = len(self.states)
                self.states.append(after)
            self.table[key] = self.index[after]
        return self.table[key]

    def advance(self, state, symbol, output):
        formula, memory, positions = state
        if formula is False:
            return state
        name = self.alphabet[symbol]
        positions = tuple(language[1](p, name) for language, p in zip(self.languages, positions))
        values, remembered = [], []

        def value(f):
            if f[0] == "in":
                return f[1] == symbol
            if f[0] == "out":
                return f[1] == output
            if f[0] == "language":
                return self.languages[f[1]][2](positions[f[1]])
            if f[0] == "past":
                return values[f[1]]
            if f[0] == "not":
                return not value(f[1])
            return (all if f[0] == "and" else any)([value(f[1]), value(f[2])])

        for node, before in zip(self.past, memory):  # operands stand before their operators
            if node[0] == "Y":
                values.append(bool(before))
                remembered.append(value(node[1]))
                continue
            if node[0] == "O":
                values.append(bool(before) or value(node[1]))
            elif node[0] == "H":
                values.append(before is not False and value(node[1]))
            else:
                values.append(value(node[2]) or (bool(before) and value(node[1])))
            remembered.append(values[-1])

        def both(f, g):
            return False if False in (f, g) else g if f is True or f == g else f if g is True else ("and", f, g)

        def either(f, g):
            return True if True in (f, g) else g if f is False or f == g else f if g is False else ("or", f, g)

        def negate(f):
            return not f if isinstance(f, bool) else ("not", f)

        def conjuncts(f):
            return conjuncts(f[1]) | conjuncts(f[2]) if isinstance(f, tuple) and f[0] == "and" else {f}

        def progress(f):
            if isinstance(f, bool):
                return f
            if self.is_past(f):
                return value(f)
            if f[0] == "not":
                return negate(progress(f[1]))
            if f[0] == "and":
                return both(progress(f[1]), progress(f[2]))
            if f[0] == "or":
                return either(progress(f[1]), progress(f[2]))
            if f[0] in ("X", "WX"):
                return f[1]
            if f[0] == "G":
                return both(progress(f[1]), f)
            if f[0] == "F":
                return either(progress(f[1]), f)
            if f[0] == "U":
                return either(progress(f[2]), both(progress(f[1]), f))
            return both(progress(f[2]), either(progress(f[1]), f))

        rest, result = progress(formula), True
        for part in sorted(conjuncts(rest), key=repr):
            result = both(part, result)
        return (result, tuple(remembered), positions)
