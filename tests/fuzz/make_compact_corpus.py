#!/usr/bin/python3
"""Writes the files NAME.compact of corpus/certificate: NAME-good, some of which say what NAME-good.xml does, and files named
after their defect. tests/unit/exchange_compact.c says what each one gives."""
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "certificate")
SHA = bytes.fromhex("0123456789abcdef" * 4)
MONITOR = bytes.fromhex("fedcba9876543210" * 4)
MAGIC = b"\x8eRNNP\r\n\x01"


def number(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def signed(n):
    return number(2 * n if n >= 0 else -2 * n - 1)


def text(t):
    t = t.encode() if isinstance(t, str) else t
    return number(len(t)) + t


def low_zeros(numbers):
    return next((k for k in range(64) if any(n >> k & 1 for n in numbers)), 0)


def region(lo, hi, monitor=0, shift=None):
    shift = low_zeros(lo + hi) if shift is None else shift
    return number(monitor) + number(shift) + b"".join(
        signed(a >> shift) + number((b - a) % 2**64 >> shift) for a, b in zip(lo, hi))


HINTS = b"\0\1\3\3"  # on, region 0, region 1, region 1
FIRST = region([-7, 0], [2**63 - 1, 12], monitor=3)
SECOND = region([-2**63, 1], [3, 4])


def proof(claim=b"\0", name=text("safe"), formula=text("G(a -> out=b)"), monitor=MONITOR, eps=b"\5", eps_logit=b"\x4d",
          depth=b"\2", start=b"\1", more=b"\0", region_count=b"\2", regions=FIRST + SECOND, hint_count=b"\4",
          hints=HINTS):
    return (claim + name + formula + monitor + eps + eps_logit + depth + start + more + region_count + regions
            + hint_count + hints)


def write(file, proofs=None, magic=MAGIC, sha256=SHA, cell=text("gru"), layers=b"\1", hidden=b"\2", state=b"\2",
          count=b"\1", after=b"", **changes):
    body = proof(**changes) if proofs is None else proofs
    with open(os.path.join(FOLDER, file + ".compact"), "wb") as f:
        f.write(magic + sha256 + cell + layers + hidden + state + count + body + after)


def sides(file, region):
    write(file, start=b"\0", region_count=b"\1", regions=region, hint_count=b"\0", hints=b"")


def box(file, lo, hi, **changes):
    sides(file, region(lo, hi, **changes))


EQUAL = proof(b"\1", text("truth.dot"), b"", hint_count=b"\0", hints=b"")
write("one-good")
write("two-good", proofs=proof() + EQUAL, count=b"\2")
write("more-good", more=b"\1\3\4")
write("formula-lines-good", formula=text("G(a ->\n\tout=b)\r"))
write("cuts-good", hint_count=b"\6", hints=b"\2\4\0\1\3\3")
box("shift-good", [-2**40, 5 << 30], [2**40, 6 << 30])
box("zeros-good", [0, 0], [0, 0])
box("least-good", [-2**63, 0], [0, -2**63])
box("ends-swapped-good", [2**63 - 1, 4], [-2**63, 3])

with open(os.path.join(FOLDER, "magic-alone.compact"), "wb") as f:
    f.write(MAGIC[:1])
write("magic-line-breaks", magic=MAGIC.replace(b"\r\n", b"\n"))
write("version-two", magic=MAGIC[:-1] + b"\2")
write("cell-unknown", cell=text("grue"))
write("cell-not-utf8", cell=text(b"\xff"))
write("layers-zero", layers=b"\0")
write("hidden-large", hidden=number(2**31))
write("state-none", state=b"\0")
write("state-of-three", state=b"\3")
write("state-large", state=number(2**31 - 1))
write("state-large-more", state=number(2**31 - 1), more=b"\1\3\4")
write("proofs-none", count=b"\0", proofs=b"")
write("proofs-past-end", count=number(10000))
write("name-of-two", proofs=proof() + proof(), count=b"\2")
write("claim-two", claim=b"\2")
write("name-empty", name=text(""))
write("name-blank", name=text("sa fe"))
write("name-zero-byte", name=text("sa\0fe"))
write("name-not-utf8", name=text(b"sa\xc0\x80fe"))
write("name-no-character", name=text("sa\uffffe"))
write("name-past-end", name=number(2**40) + b"safe")
write("formula-control", formula=text("a \1"))
write("formula-surrogate", formula=text(b"\xed\xa0\x80"))
write("eps-large", eps=number(2**63))
write("eps-66-bits", eps=b"\xff" * 9 + b"\2")
write("eps-eleven-bytes", eps=b"\xff" * 10 + b"\0")
write("eps-superfluous-byte", eps=b"\x85\0")
write("eps-logit-large", eps_logit=number(2**64 - 1))
write("depth-none", depth=b"\0")
write("start-no-region", start=b"\2")
write("more-two", more=b"\2\3\4")
write("more-large", more=b"\1\3" + number(2**63))
write("regions-none", region_count=b"\0", regions=b"", hint_count=b"\0", hints=b"")
write("regions-past-end", region_count=number(2**31 - 1))
write("region-monitor-large", regions=region([-7, 0], [7, 12], monitor=2**31) + SECOND)
box("shift-64", [0, 0], [1, 1], shift=64)
box("shift-small", [-8, 4], [8, 4], shift=1)
box("shift-large", [0, 0], [0, 0], shift=1)
sides("low-large", b"\0\1" + signed(2**62) + b"\1\0\1")
sides("low-small", b"\0\1" + signed(-2**62 - 1) + b"\1\0\1")
sides("length-large", b"\0\1\0" + number(2**63) + b"\0\1")
write("hints-past-end", hint_count=b"\5")
write("hint-no-region", hints=b"\0\1\3\5")
write("hint-large", hints=b"\0\1\3" + number(2**64 - 1))
write("cut-no-coordinate", hints=b"\0\1\3\6")
write("bytes-after", after=b"\0\0")
