"""Transcripts and logs, as docs/formats.md §21 says."""

from basics import refuse_unless, Refused, refused, same, sha384, unhex, verifies, words
from messages import MAX_MESSAGE, Reader, REASONS, ROLES

MAX_ENTRIES = 4096
CEREMONIES = {0: "creation", 1: "reshare"}
# kind, its name in errors, label of the heads, label of the signature
RECORDS = {
    "transcript": (7, "Transcript", b"cloison/v1/transcript", b"cloison/v1/transcript-export"),
    "log": (8, "Log", b"cloison/v1/log", b"cloison/v1/log-export"),
}
OTHER_KINDS = (1, 2, 3, 4, 5, 7, 8, 9, 10, 12)


def digest(r):
    return r.fixed(48).hex()


def line(limit):
    return lambda r: r.line(limit)


def varint(bits):
    return lambda r: r.varint(bits)


def cards(r):
    return r.list(16, Reader.u8)


def role(r):
    return r.one_of(ROLES, r.u8())


def reason(r):
    return r.one_of(dict(enumerate(REASONS, 1)), r.u8())


def alarms(r):
    r.named = r.list(8, lambda r: variant(r, "alarm", ALARMS))
    refuse_unless(r.named, "Malformed")
    return r.named


def more(r):
    """Others are counted only where as many as can be are named."""
    count = r.varint(16)
    refuse_unless(count == 0 or len(r.named) == 8, "Malformed")
    return count


def variant(r, field, variants):
    number = r.varint(32)
    refuse_unless(number < len(variants), "Malformed")
    name, fields = variants[number]
    return {field: name} | {named: read(r) for named, read in fields.items()}


MEASURES = dict(enumerate(["cores", "tracing", "privileges", "memory", "reserve", "files", "calls"]))
# In the order of the variants' numbers: the name, then the fields in their order.
ACTS = [
    ("began", {"ceremony": lambda r: r.one_of(CEREMONIES, r.varint(32)), "plan": digest, "program": line(64), "image": lambda r: r.option(digest)}),
    ("self-tested", {"answers": varint(16)}),
    ("present", {"name": line(64), "role": role}),
    ("absent", {"name": line(64), "role": role}),
    ("entropy", {"source": line(24), "by": line(64), "amount": varint(32), "tested": varint(32)}),
    ("dealt", {"vault": Reader.vault, "epoch": varint(16), "threshold": Reader.u8, "cards": Reader.u8}),
    ("shown", {"index": Reader.u8, "custodian": line(64)}),
    ("read-back", {"index": Reader.u8}),
    ("stored", {}),
    ("drill-began", {}),
    ("drilled", {"index": Reader.u8}),
    ("proven", {"cards": Reader.u8, "subsets": varint(32)}),
    ("keys-compared", {"keys": Reader.u8, "fingerprint": digest}),
    ("activated", {"descriptor": digest}),
]
HAPPENINGS = [
    ("created", {}),
    ("opened", {"cards": cards}),
    ("enrolled", {"name": line(64), "key": digest, "cards": cards}),
    ("presented", {"request": digest, "requester": digest, "cards": cards}),
    ("answered", {"request": digest, "requester": digest, "case": digest, "key": Reader.key, "cards": cards, "granted": Reader.u8,
                  "emergency": Reader.flag}),
    ("refused", {"request": digest, "requester": digest, "reason": reason}),
    ("drilled", {"epoch": varint(16), "count": Reader.u8, "transcript": digest}),
    ("redealt", {"epoch": varint(16), "cards": cards}),
    ("redeal-abandoned", {"epoch": varint(16)}),
    ("restored", {"cards": cards, "descriptor": Reader.flag, "backup": lambda r: r.option(varint(64))}),
    ("confirmed", {"cards": cards}),
    ("renewed", {"cards": cards}),
    ("rotated", {"key": Reader.key, "cards": cards}),
    ("revoked", {"name": line(64), "key": digest, "cards": cards}),
    ("succeeded", {"by": Reader.vault, "cards": cards}),
    ("follows", {"old": Reader.vault, "cards": cards}),
    ("reviewed", {"cards": cards, "operations": varint(16)}),
    ("backed-up", {"backup": digest}),
    ("alarmed", {"alarms": alarms, "more": more}),
]
ALARMS = [
    ("interface", {"name": line(64)}),
    ("radio", {"name": line(64)}),
    ("usb-device", {"vendor": varint(16), "product": varint(16), "class": Reader.u8, "name": line(64)}),
    ("unreadable", {"name": line(64)}),
    ("unconfined", {"measure": lambda r: r.one_of(MEASURES, r.varint(32))}),
]
VARIANTS = {"transcript": ("act", ACTS), "log": ("happening", HAPPENINGS)}


def read_entry(r, what):
    field, variants = VARIANTS[what]
    return {"at": r.varint(64)} | variant(r, field, variants)


def read_heading(r):
    return {"vault": r.vault(), "mode": r.mode(), "title": r.line(64), "identity": r.point().hex(), "first": r.varint(64), "before": digest(r)}


def encoded(r, read):
    """Reads one value that must be in its one encoding, and gives its bytes too."""
    start, r.canonical = r.at, True
    value = read(r)
    refuse_unless(r.canonical, "Malformed")
    return value, r.data[start:r.at]


def header(data, what):
    number = RECORDS[what][0]
    refuse_unless(len(data) <= MAX_MESSAGE, "TooLong")
    refuse_unless(len(data) >= 4 and data[:2] == b"CL", "NotAMessage")
    refuse_unless(data[2] == 1, "Version")
    refuse_unless(data[3] in OTHER_KINDS, f"UnknownKind({data[3]})")
    refuse_unless(data[3] == number, "OtherKind")


def decode_heading(r):
    heading, data = encoded(r, read_heading)
    refuse_unless(r.take(48) == sha384(b"cloison/v1/heading", data), "heading")
    count, _ = encoded(r, varint(32))
    refuse_unless(count <= MAX_ENTRIES and heading["first"] > 0, "heading")
    refuse_unless((heading["first"] == 1) == (heading["before"] == "00" * 48), "heading")
    refuse_unless(heading["first"] - 1 + count < 1 << 64, "heading")
    return heading, count


def decode_entry(r, what, head, last):
    entry, data = encoded(r, lambda r: read_entry(r, what))
    head = sha384(RECORDS[what][2], head, data)
    refuse_unless(r.take(48) == head and entry["at"] >= last, "entry")
    return entry | {"bytes": data.hex(), "head": head.hex()}


def record_decode(data, what):
    """Gives heading and entries; or says, as RecordFault does, which is the first place that is wrong."""
    header(data, what)
    r = Reader(data[4:])
    try:
        heading, count = decode_heading(r)
    except Refused:
        raise Refused("Record(Heading)") from None
    entries, head, last = [], bytes.fromhex(heading["before"]), 0
    for number in range(heading["first"], heading["first"] + count):
        try:
            entries.append(decode_entry(r, what, head, last))
        except Refused:
            raise Refused(f"Record(Entry {{ number: {number} }})") from None
        head, last = bytes.fromhex(entries[-1]["head"]), entries[-1]["at"]
    refuse_unless(len(r.data) - r.at == 96, f"Record(End {{ last: {heading['first'] + count - 1} }})")
    signed = RECORDS[what][3] + data[:-96]
    refuse_unless(verifies(bytes.fromhex(heading["identity"]), data[-96:], signed), "Record(Signature)")
    return heading, entries, head


def places(heading_bytes, entries, first):
    """For every byte of a record but its header, what an alteration of it must be called."""
    expected = ["Record(Heading)"] * (heading_bytes + 48) + ["Record("]
    for number, entry in enumerate(entries, first):
        expected += [f"Record(Entry {{ number: {number} }})"] * (len(entry["bytes"]) // 2 + 48)
    return expected + ["Record(Signature)"] * 96


def altered_everywhere(data, what, heading, entries):
    """Alters each byte in three ways; each time the record is refused and the right place is named."""
    count_bytes = 1
    assert len(entries) < 128, "the number of entries takes more than a byte"
    heading_bytes = len(data) - 4 - 48 - count_bytes - sum(len(entry["bytes"]) // 2 + 48 for entry in entries) - 96
    expected = ["NotAMessage", "NotAMessage", "Version", "OtherKind UnknownKind"] + places(heading_bytes, entries, heading["first"])
    same("number of bytes", len(expected), len(data))
    for at, place in enumerate(expected):
        for change in (0x01, 0x80, 0xFF):
            try:
                record_decode(data[:at] + bytes([data[at] ^ change]) + data[at + 1:], what)
            except Refused as error:
                named = str(error).split("(")[0] if at < 4 else str(error)
                assert named in place or place == "Record(" and named.startswith(place), f"byte {at}: {error}, expected {place}"
            else:
                raise AssertionError(f"byte {at} altered by {change:#x} is not noticed")
    return f"{len(data)} bytes altered, each named to its place"


def record(case):
    if case["check"] == "case":
        return same("commitment", sha384(b"cloison/v1/case", unhex(case["salt"]), case["case"].encode()).hex(), case["commitment"])
    if case["check"] == "malformed":
        return refused(case, lambda: record_decode(unhex(case["bytes"]), case["read_as"]))
    data, what = unhex(case["bytes"]), case["check"]
    heading, entries, head = record_decode(data, what)
    for field, value in heading.items():
        same(field, value, case[field])
    same("entries", entries, case["entries"])
    same("head", head.hex(), case["head"])
    same("words", words(head), case["words"])
    return altered_everywhere(data, what, heading, entries)
