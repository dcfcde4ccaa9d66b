"""Frames, transfers and age headers, as docs/formats.md §16 to §18 say."""

import base64
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from basics import (
    age_key, Classical, extract, hkdf, hpke_open, hybrid_key, point, public, refuse_unless, Refused, refused, same, sha384,
    unhex,
)
from messages import MAX_MESSAGE, Reader


# ---- frames -------------------------------------------------------------------------------------

def frame_decode(data):
    refuse_unless(data[:1] and data[0] & 0xF0 == 0xC0, "NotAFrame")
    refuse_unless(data[0] == 0xC1, "Version")
    symbol, length, symbol_id = data[13:], int.from_bytes(data[5:8], "big"), int.from_bytes(data[8:11], "big")
    refuse_unless(len(data) >= 13 and hashlib.sha256(data[:11] + symbol).digest()[:2] == data[11:13], "Damaged")
    refuse_unless(length > 32 and 0 < len(symbol) <= 2940, "Damaged")
    symbols = -(-length // len(symbol))
    refuse_unless(length <= MAX_MESSAGE + 32 and symbols <= 16384, "TooLong")
    return {"transfer": data[1:5], "length": length, "symbol_id": symbol_id, "symbol": symbol, "source_symbols": symbols}


def whole(frames):
    """Puts an object together from source symbols alone; None where one is missing."""
    first = frames[0]
    symbols = {frame["symbol_id"]: frame["symbol"] for frame in frames if frame["transfer"] == first["transfer"]}
    if any(number not in symbols for number in range(first["source_symbols"])):
        return None
    data = b"".join(symbols[number] for number in range(first["source_symbols"]))
    same("padding", data[first["length"]:].strip(b"\0"), b"")
    payload, digest = data[:first["length"] - 32], data[first["length"] - 32:first["length"]]
    refuse_unless(hashlib.sha256(payload).digest() == digest and digest[:4] == first["transfer"], "Corrupt")
    return payload


def frame(case):
    if case["check"] == "malformed":
        return refused(case, lambda: frame_decode(unhex(case["bytes"])))
    found = frame_decode(unhex(case["bytes"]))
    for field in ("transfer", "symbol"):
        same(field, found[field], unhex(case[field]))
    for field in ("length", "symbol_id", "source_symbols"):
        same(field, found[field], case[field])


def transfer(case):
    if case["check"] == "refused":
        payload, size = unhex(case["payload"]), case["symbol_size"]
        size = min(size, len(payload) + 32)
        error = "Empty" if not payload else "TooLong" if len(payload) > MAX_MESSAGE else "SymbolSize"
        assert error != "SymbolSize" or size == 0 or size > 65535 or -(-(len(payload) + 32) // size) > 16384
        return same("error", error, re.match(r"\w+", case["error"])[0])
    if case["check"] == "transfer":
        payload = unhex(case["payload"])
        frames = [frame_decode(unhex(shown["bytes"])) for shown in case["frames"]]
        same("symbol ids", [f["symbol_id"] for f in frames], [shown["number"] % (1 << 24) for shown in case["frames"]])
        same("transfers", {f["transfer"] for f in frames}, {hashlib.sha256(payload).digest()[:4]})
        same("transfer", hashlib.sha256(payload).digest()[:4], unhex(case["transfer"]))
        same("source symbols", {f["source_symbols"] for f in frames}, {case["source_symbols"]})
        same("symbol sizes", {len(f["symbol"]) for f in frames}, {min(case["symbol_size"], len(payload) + 32)})
        found = whole(frames)
        return same("payload", found, payload) if found else "repair symbols not checked"
    frames = [frame_decode(unhex(code)) for code in case["codes"]]
    if "Corrupt" in case["fates"]:
        return refused({"error": "Corrupt"}, lambda: whole(frames[:1]))
    last = [f for f in frames if f["transfer"] == hashlib.sha256(unhex(case["payload"])).digest()[:4]]
    # Each size of symbols is put together by itself.
    sizes = {len(f["symbol"]) for f in last}
    found = {whole([f for f in last if len(f["symbol"]) == size]) for size in sizes}
    same("payload", found - {None}, {unhex(case["payload"])})
    return "payload only, not each frame's fate"


# ---- the test pattern ---------------------------------------------------------------------------

# (symbols side by side, screens a second, bytes a symbol) of each profile
PROFILES = ((1, 5, 213), (1, 6, 412), (1, 8, 858), (2, 10, 858), (2, 10, 1273), (2, 15, 1465))
TURN = 20


def turn(shows, screen):
    shown = [number for number in range(len(PROFILES)) if shows >> number & 1]
    return shown[screen // TURN % len(shown)] if shown else None


def pattern_decode(data):
    """Gives what a code says, or None where it is not one."""
    if len(data) < 10 or data[0] != 0xD1 or data[2] >= len(PROFILES):
        return None
    shows, profile, place, screen = data[1], data[2], data[3], int.from_bytes(data[4:8], "big")
    across, _, capacity = PROFILES[profile]
    right = shows < 1 << len(PROFILES) and turn(shows, screen) == profile and place < across and len(data) == capacity
    summed = hashlib.sha256(data[:8] + data[10:]).digest()[:2] == data[8:10]
    return {"shows": shows, "profile": profile, "place": place, "screen": screen} if right and summed else None


def tallied(read):
    shows, screens = read[0]["shows"], [code["screen"] for code in read]
    first, last = min(screens), max(screens)
    scores = []
    for profile, (across, _, _) in enumerate(PROFILES):
        shown = across * sum(turn(shows, screen) == profile for screen in range(first, last + 1))
        seen = {(code["screen"], code["place"]) for code in read if turn(shows, code["screen"]) == profile}
        if shown:
            scores.append({"profile": profile, "read": len(seen), "shown": shown})
    return scores, last - first + 1 >= TURN * bin(shows).count("1")


def recommended(scores, whole_round):
    speed = {}
    for score in scores:
        across, rate, capacity = PROFILES[score["profile"]]
        if score["read"] and score["read"] * 100 >= score["shown"] * 60:
            speed[score["profile"]] = across * rate * capacity * score["read"] // score["shown"]
    return max(speed, key=speed.get) if speed and whole_round else None


def pattern(case):
    if case["check"] == "tally":
        scores, whole_round = tallied(case["read"])
        same("scores", scores, case["scores"])
        return same("best", recommended(scores, whole_round), case["best"])
    found = pattern_decode(unhex(case["bytes"]))
    if case["check"] == "none":
        return same("no code", found, None)
    same("code", found, {field: case[field] for field in ("shows", "profile", "place", "screen")})
    start = unhex(case["bytes"])[:8]
    filler = b"".join(hashlib.sha256(start + number.to_bytes(2, "big")).digest() for number in range(100))
    return same("filler", unhex(case["bytes"])[10:], filler[: PROFILES[found["profile"]][2] - 10])


# ---- age ----------------------------------------------------------------------------------------

ARROW = re.compile(rb"-> ([!-~]+(?: [!-~]+)*)")
ARROW_SO_FAR = re.compile(rb"-> (?:[!-~]+(?: [!-~]+)* ?)?")
BODY_SO_FAR = re.compile(rb"[A-Za-z0-9+/]{0,64}")


def unbase64(data):
    """Base64 without padding, in the one form that encodes its bytes."""
    padded = data + b"=" * (-len(data) % 4)
    try:
        found = base64.b64decode(padded, validate=True)
    except ValueError:
        raise Refused("Malformed") from None
    refuse_unless(base64.b64encode(found).rstrip(b"=") == data, "Malformed")
    return found


def header_decode(file):
    intro, head = b"age-encryption.org/v1\n", file[:16384]
    refuse_unless(head.startswith(intro), "NotAge")
    cut = "Malformed" if len(head) == len(file) else "TooLong"
    at, stanzas = len(intro), []

    def line(whole, so_far):
        """The next line, which must match; where the bytes end within it, it must be right so far."""
        nonlocal at
        text, feed, _ = head[at:].partition(b"\n")
        found = (whole if feed else so_far).fullmatch(text)
        refuse_unless(found, "Malformed")
        refuse_unless(feed, cut)
        at += len(text) + 1
        return found

    while head.startswith(b"-> ", at):
        args, body = line(ARROW, ARROW_SO_FAR)[1].decode().split(" "), []
        while not body or len(body[-1]) == 64:
            body.append(line(BODY_SO_FAR, BODY_SO_FAR)[0])
        stanzas.append((args, unbase64(b"".join(body))))
    refuse_unless(len(head) >= at + 3, cut)
    refuse_unless(head.startswith(b"---", at), "Malformed")
    refuse_unless(len(head) >= at + 48, cut)
    refuse_unless(head[at + 3:at + 4] == b" " and head[at + 47:at + 48] == b"\n" and stanzas, "Malformed")
    mac = unbase64(head[at + 4:at + 47])
    refuse_unless(len(mac) == 32, "Malformed")
    refuse_unless(len(stanzas) == 1 or all(args[0] != "scrypt" for args, _ in stanzas), "Malformed")
    return {"bytes": head[:at + 48], "covered": head[:at + 3], "stanzas": stanzas, "mac": mac}


def name_of(key):
    return b"cloison-p384-v1" if isinstance(key, Classical) else b"cloison-mlkem1024p384-v1"


def header_unwrap(header, key):
    name, ours = name_of(key), []
    for args, body in header["stanzas"]:
        if args[0].encode() != name or len(args) != 3 or len(body) != 32:
            continue
        try:
            tag, enc = unbase64(args[1].encode()), unbase64(args[2].encode())
        except Refused:
            continue
        prk = extract(name, enc[-97:] + sha384(key.point)[:4])
        if len(enc) == key.enc_bytes and tag == prk[:4]:
            ours.append((enc, body))
    refuse_unless(ours, "NotForThisKey")
    refuse_unless(len(ours) == 1, "Ambiguous")
    file_key = hpke_open(key, ours[0][0], name, ours[0][1])
    mac_key = hkdf(file_key, b"header", 32, name="sha256")
    refuse_unless(hmac.digest(mac_key, header["covered"], "sha256") == header["mac"], "HeaderAltered")
    return file_key


def record_open(args, body, file_key):
    refuse_unless(args == ["cloison-record"], "record")
    try:
        aead = ChaCha20Poly1305(hkdf(file_key, b"cloison/v1/age/record", 32))
        r = Reader(aead.decrypt(bytes(12), body, b""))
    except (InvalidTag, ValueError):
        raise Refused("record") from None
    try:
        declared = {"record": r.line(64), "class": r.line(32), "size": r.varint(64)}
    except Refused:
        raise Refused("record") from None
    refuse_unless(r.canonical and r.at == len(r.data), "record")
    return declared


def age(case):
    check = case["check"]
    if check == "malformed-header":
        return refused(case, lambda: header_decode(unhex(case["file"])))
    if check == "malformed-whole":
        data = unhex(case["header"])
        return refused(case, lambda: refuse_unless(header_decode(data)["bytes"] == data, "Malformed"))
    if check == "refused":
        return refused(case, lambda: header_unwrap(header_decode(unhex(case["header"])), age_key(case["key"])))
    if check == "no-key":
        return refused(case, lambda: recipient(case["stanza"], unhex(case["public"])))
    file_key = unhex(case["file_key"])
    if check == "no-record":
        return refused({"error": "record"}, lambda: record_open([case["name"], *case["args"]], unhex(case["body"]), file_key))
    if check == "record":
        return same("declaration", record_open(["cloison-record"], unhex(case["body"]), file_key), case["declared"])
    header, key = header_decode(unhex(case["header"])), age_key(case["key"])
    if check == "not-declared":
        same("file key", header_unwrap(header, key), file_key)
        return refused(case, lambda: declared(header, file_key))
    same("stanzas", [args[0] for args, _ in header["stanzas"]], case["stanzas"])
    same("name", case["stanza"].encode(), name_of(key))
    same("public key", recipient(case["stanza"], unhex(case["public"])), key.public)
    same("file key", header_unwrap(header, key), file_key)
    same("declaration", declared(header, file_key), case.get("declared"))


def declared(header, file_key):
    """What is declared of a record; None where nothing is."""
    records = [stanza for stanza in header["stanzas"] if stanza[0][0] == "cloison-record"]
    try:
        refuse_unless(len(records) < 2, "two")
        return record_open(*records[0], file_key) if records else None
    except Refused:
        raise Refused("NotReadable") from None


def recipient(stanza, data):
    """A public key as HPKE takes it: 97 bytes, or 1665."""
    if stanza != "cloison-p384-v1":
        return hybrid_key(data)
    refuse_unless((len(data), data[:1]) in ((49, b"\x02"), (49, b"\x03"), (97, b"\x04")), "NotAKey")
    try:
        return point(public(data))
    except ValueError:
        raise Refused("NotAKey") from None
