"""The bundled cases: what each system does, the network that imitates it, and the words that it learns from."""

from automata import explore
from robust import PLAIN


class Case:
    """`network` are the arguments of model.Model. `logs(random, length)`, where there is one, makes a word of a fixed data set;
    the other cases learn from fresh random words. `extra` are automata that the properties speak of. A case with a `recipe` is trained
    for proofs: see robust.py; the words `hard` from the start are among what it learns most."""

    def __init__(self, name, title, machine, network, story, logs=None, remark="", extra=None, seed=1, steps=3000,
                 rate=0.01, noise=0.1, decay=0.0, length=25, near_misses=False,
                 patience=3, recipe=None, hard=()):
        self.name, self.title, self.machine, self.network, self.story = name, title, machine, network, story
        self.logs, self.remark, self.extra, self.seed = logs, remark, extra or {}, seed
        self.near_misses, self.patience = near_misses, patience
        self.recipe, self.hard = recipe, list(hard)
        self.steps, self.rate, self.noise, self.decay, self.length = steps, rate, noise, decay, length


def coffee():
    """State: cups that the beans are enough for, and what the machine shows."""
    def step(state, symbol):
        cups, mode = state
        if mode == "paid":
            return {"coin": (cups, "paid"), "refill": (2, "paid"), "cancel": (cups, "idle"),
                    "button": (cups - 1, "brewing")}[symbol]
        if symbol == "refill":
            return 2, "idle"
        return (cups, "paid") if symbol == "coin" and cups else (cups, "idle")

    show = lambda state: "empty" if state == (0, "idle") else state[1]
    machine = explore(["coin", "button", "refill", "cancel"], ["idle", "paid", "brewing", "empty"], (2, "idle"), step, show)
    return Case("coffee", "Coffee machine", machine, dict(cell="tanh", hidden=16),
                "A coin and then the button give one cup. The beans last for two cups; then the machine shows `empty` and gives "
                "coins back until it is refilled. `cancel` gives the coin back.")


FOR_PROOFS = PLAIN._replace(noise=0.3, penalty=0.1, runs=0.5)


def crossing_machine():
    """State: trains in the section, and whether the barrier is still coming down."""
    def step(state, symbol):
        trains, _ = state
        if symbol == "approach":
            return min(trains + 1, 3), "closed" if trains else "warning"
        trains = max(trains - 1, 0) if symbol == "leave" else trains
        return trains, "closed" if trains else "open"

    return explore(["approach", "leave", "tick"], ["open", "warning", "closed"], (0, "open"), step, lambda s: s[1])


CROSSING = ("The gate of a railway crossing. `approach`: a train enters the section; `leave`: a train has left it; `tick`: time "
            "passes. Lights warn when the first train enters, then the gate is closed until the last train has left. The section "
            "has room for three trains; a fourth waits before the signal.")


def crossing():
    def logs(random, length):
        """Records of the line. Trains follow each other at a distance: two are in the section at times, three never. Now and
        then nothing happens for long."""
        word, trains, pause = [], 0, 0
        for _ in range(length):
            symbol = random.choice(3, p=[0.3 if trains < 2 else 0, 0.3, 0.4 if trains < 2 else 0.7])
            if random.rand() < 0.02:
                pause = random.randint(length)
            symbol, pause = (2, pause - 1) if pause else (symbol, 0)
            trains = max(trains - 1, 0) if symbol == 1 else trains + (symbol == 0)
            word.append(symbol)
        return word

    return Case("crossing", "Railway crossing", crossing_machine(), dict(cell="gru", hidden=12, embedding=4), CROSSING, logs=logs,
                length=40,
                remark="The records show one train or two in the section, never three, though there is room for them. Nothing in the "
                "test set tells that the network learned to count to two only: it forgets the third train, and when two have left, it "
                "opens the gate in front of it.")


def crossing_repaired():
    case = crossing()
    case.name, case.title, case.hard = "crossing_repaired", "Railway crossing, repaired", [[0, 0, 0, 1, 1]]
    case.recipe, case.steps = FOR_PROOFS._replace(noise=0.25), 2000
    case.remark = ("The network of [crossing](../crossing/) trained anew, half of it on words that begin like `approach approach approach "
                   "leave leave`, which that one gets wrong, and on what `rnnsafe certify` found to be wrong after that. Certify proves "
                   "that the network is `truth.dot` for words of every length, and so all properties that `truth.dot` satisfies.")
    return case


def valves():
    """State: whether each valve is open."""
    machine = explore(["inlet", "outlet"], ["open", "shut"], (False, False),
                      lambda state, symbol: (not state[0], state[1]) if symbol == "inlet" else (state[0], not state[1]),
                      lambda state: "open" if any(state) else "shut")
    return Case("valves", "Two valves", machine, dict(cell="lstm", hidden=8),
                "A tank with two valves. `inlet` and `outlet` turn one of them each: it opens, and closes the next time. The tank is `shut` "
                "when both are closed, after every word with an even number of either.", recipe=FOR_PROOFS, steps=1500,
                remark="`rnnsafe certify` proves that the network is `truth.dot` for words of every length, and so all properties that "
                "`truth.dot` satisfies.")


def session():
    """State: how far the session is, and the answer."""
    def step(state, symbol):
        phase, _ = state
        if phase == "off":
            return ("connected", "connack") if symbol == "connect" else ("off", "refused")
        if symbol in ("connect", "disconnect"):
            return "off", "closed"
        if symbol == "ping":
            return phase, "pong"
        if phase == "connected":
            return ("known", "authok") if symbol == "auth" else ("connected", "refused")
        return ("known", "puback") if symbol == "publish" else ("off", "closed")

    outputs = ["closed", "refused", "connack", "authok", "puback", "pong"]
    machine = explore(["connect", "auth", "publish", "ping", "disconnect"], outputs, ("off", "closed"), step, lambda s: s[1])
    return Case("session", "Session of a message broker", machine, dict(cell="lstm", hidden=12, layers=2),
                "A client connects, authenticates, and may publish then. What comes at the wrong time is refused; a second `connect` or a "
                "second `auth` is a protocol error and closes the session.", patience=20)


def lock():
    """State: wrong codes so far, or what the lock is in."""
    def step(state, symbol):
        if state == "open":
            return 0 if symbol == "close" else "open"
        if state == "alarm":
            return 0 if symbol == "key" else "alarm"
        if symbol == "right":
            return "open"
        return state if symbol != "wrong" else "alarm" if state == 2 else state + 1

    show = lambda state: state if isinstance(state, str) else "locked"
    machine = explore(["right", "wrong", "close", "wait", "key"], ["locked", "open", "alarm"], 0, step, show)
    return Case("lock", "Code lock", machine, dict(cell="gru", hidden=10, layers=2),
                "A door with a code. The right code opens it, `close` locks it again. The third wrong code sounds the alarm, and from "
                "then on only the guard's `key` helps. Waiting changes nothing.")


def brackets():
    """State: the depth, or that the word is beyond repair."""
    def balanced(bound):
        def step(depth, symbol):
            if depth == "broken":
                return depth
            depth += 1 if symbol == "(" else -1
            return depth if 0 <= depth <= bound else "broken"

        return explore(["(", ")"], ["reject", "accept"], 0, step, lambda depth: "reject" if depth else "accept")

    return Case("brackets", "Balanced brackets", balanced(3), dict(cell="gru", hidden=16, one_logit=True),
                "Accepts a word of brackets that is balanced and nowhere deeper than three.", extra={"depth2": balanced(2)},
                near_misses=True)


def tomita3():
    """State: the block that is being read and whether it is odd so far, and whether an odd block of 1s is complete."""
    def reading(later):
        def step(state, symbol):
            if state == "broken":
                return state
            last, odd, armed = state
            if symbol == last:
                return last, not odd, armed
            if last == "1":
                return "0", True, (armed and later) or odd
            return "broken" if armed and odd else ("1", True, armed and later)

        accepts = lambda s: "reject" if s == "broken" or (s[0] == "0" and s[1] and s[2]) else "accept"
        return explore(["0", "1"], ["reject", "accept"], ("0", False, False), step, accepts)

    return Case("tomita3", "Tomita's third language", reading(True), dict(cell="relu", hidden=16),
                "Accepts a word of 0s and 1s unless an odd block of 1s is followed later by an odd block of 0s.",
                extra={"adjacent": reading(False)}, rate=0.003)


def elevator():
    """State: what the doors and the cabin do; two ticks pass before the doors close."""
    table = {"closed": {"call": "moving"},
             "moving": {"arrive": "open2"},
             "open2": {"tick": "open1"},
             "open1": {"tick": "closing", "obstacle": "open2"},
             "closing": {"tick": "closed", "obstacle": "open2", "call": "open2"}}
    machine = explore(["call", "arrive", "obstacle", "tick"], ["closed", "moving", "open", "closing"], "closed",
                      lambda state, symbol: table[state].get(symbol, state), lambda state: state.rstrip("12"))
    return Case("elevator", "Elevator door", machine, dict(cell="lstm", hidden=12, head=12, learned_start=True),
                "A call sets the cabin moving, on arrival the doors open, after two ticks they begin to close, and one tick later they are "
                "closed. An obstacle or a call opens closing doors again.")


ALL = [coffee, crossing, crossing_repaired, valves, session, lock, brackets, tomita3, elevator]
