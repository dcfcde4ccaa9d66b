"""The store, what a drill and a restore make of it, and what a vault answers, as docs/formats.md §11, §20 and §27 say."""

import hmac
import itertools
import struct

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from nacl.exceptions import CryptoError

from basics import (
    age_key, derive, Hybrid, hybrid_key, interpolate, point, private, recombine, refuse_unless, Refused, refused, same, scalar_of,
    sha384, unhex,
)
from messages import (
    ALGORITHMS, backup_open, card_decode, card_open, commitment, decode, digest_of_keys, present, Reader, USAGES,
)
from records import read_entry, RECORDS
from rules import folded


ENDLESS = 1 << 63
NOTHING = bytes(48)
MOST = (1 << 32) - 1
DAY = 86400


def chain(label, entries):
    head = NOTHING
    for entry in entries:
        head = sha384(label, head, bytes.fromhex(entry["bytes"]))
        yield entry | {"head": head.hex()}


def read_chain(r, what):
    entries = []
    for _ in range(r.varint(64)):
        start = r.at
        entries.append(read_entry(r, what) | {"bytes": r.data[start:r.at].hex()})
    return list(chain(RECORDS[what][2], entries))


def head_of(entries):
    return entries[-1]["head"] if entries else NOTHING.hex()


def ordered(r, size):
    """A set, of which the order and the repetitions do not matter to a reader."""
    return sorted({r.fixed(size).hex() for _ in range(r.varint(64))})


def whole(r):
    return r.data_within(ENDLESS).hex()


def read_public(r):
    return r.key() | {"bytes": r.data_within(2048).hex()}


def read_total(r):
    return r.key() | {"count": r.varint(32)}


def read_day(r):
    return {"day": r.varint(64), "requester": r.fixed(48).hex()} | read_total(r)


def read_state(r):
    return {"generation": r.varint(64), "descriptor": whole(r), "keys": r.list(ENDLESS, read_public), "enrolments": r.list(ENDLESS, whole),
            "used": ordered(r, 16), "drilled": r.flag(), "pending": r.option(whole), "transcript": read_chain(r, "transcript"),
            "totals": r.list(ENDLESS, read_total), "days": r.list(ENDLESS, read_day), "revoked": ordered(r, 48), "unconfirmed": r.flag(),
            "emergencies": r.varint(16), "predecessor": r.option(Reader.vault), "successor": r.option(Reader.vault),
            "backed_up": r.varint(64), "sealed": whole(r), "entries": read_chain(r, "log")}


def store_decode(data):
    """What can be known of a store without any key."""
    refuse_unless(len(data) <= 64 << 20, f"TooLong {{ found: {len(data)}, limit: {64 << 20} }}")
    refuse_unless(data[:4] == b"CLST" and len(data) > 4, "NotAStore")
    kind = "Newer" if data[4] > 2 else "Version"
    refuse_unless(data[4] == 2, f"{kind} {{ found: {data[4]}, known: 2 }}")
    refuse_unless(len(data) >= 53, "Malformed")
    state = read_state(Reader(data[5:-48]))
    try:
        state["described"] = decode("descriptor", bytes.fromhex(state["descriptor"]))
    except Refused:
        raise Refused("Malformed") from None
    times = [entry["at"] for entry in state["entries"]]
    refuse_unless(times == sorted(times) and len(times) == state["generation"], "Malformed")
    return state


def store_keys(root, mode):
    label = f"cloison/v1/{mode}/store/"
    return derive(root, label + "hmac-sha384/0", 48), derive(root, label + "xchacha20poly1305/0", 32)


def store_mac(key, data, state):
    signed = b"cloison/v1/store" + sha384(data[5:-48]) + struct.pack(">Q", state["generation"]) + bytes.fromhex(head_of(state["entries"]))
    return hmac.digest(key, signed, "sha384")


def cases_open(sealed, generation, mac_key, key):
    label = b"cloison/v1/store-cases" + struct.pack(">Q", generation)
    try:
        plain = xchacha_open(sealed[24:], label, sealed[:24], key)
    except (CryptoError, ValueError):
        raise Refused("Malformed") from None
    same("nonce", sealed[:24], hmac.digest(mac_key, label + plain, "sha384")[:24])
    try:
        return Reader(plain).list(ENDLESS, lambda r: {"entry": r.varint(64), "salt": r.fixed(16).hex(), "case": r.line(64)})
    except Refused:
        raise Refused("Malformed") from None


def store_verify(data, root, state=None):
    """What a store holds, once its MAC is right."""
    state = state or store_decode(data)
    mac_key, key = store_keys(root, state["described"]["mode"])
    refuse_unless(store_mac(mac_key, data, state) == data[-48:], "Unauthentic")
    state["cases"] = cases_open(bytes.fromhex(state["sealed"]), state["generation"], mac_key, key)
    try:
        state["enrolled"] = [decode("enrolment", bytes.fromhex(enrolment)) for enrolment in state["enrolments"]]
    except Refused:
        raise Refused("Malformed") from None
    return state


def of_store(verify):
    """Names a store's error as one of what the store was opened for."""
    try:
        return verify()
    except Refused as error:
        raise Refused(f"Store({error})") from None


def identity_of(root, mode):
    return point(private(scalar_of(root, f"cloison/v1/{mode}/identity/p384/0")).public_key(), compressed=True).hex()


def public_part(root, mode, key):
    known = age_key({"root": root.hex(), "mode": mode} | key)
    return (known.public if isinstance(known, Hybrid) else point(known.key.public_key(), compressed=True)).hex()


def store_open(case):
    """Opens a store as a vault does; gives its state before the opening is added, and the root."""
    data = unhex(case["bytes"])
    state = store_decode(data)
    vault = state["described"]
    root = present(vault, case["cards"])
    refuse_unless(identity_of(root, vault["mode"]) == vault["identity"], "OtherVault")
    of_store(lambda: store_verify(data, root, state))
    refuse_unless(state["drilled"], "NotDrilled")
    last = state["entries"][-1]["at"] if state["entries"] else 0
    refuse_unless(case["date"] >= last, f"Earlier {{ last: {last} }}")
    return state, root


def indices(cards):
    return [card_decode(unhex(card["bytes"]))[0]["index"] for card in cards]


def bare(entries):
    """Entries without what follows from their fields."""
    return [{field: value for field, value in entry.items() if field not in ("bytes", "head")} for entry in entries]


def changed(what, before, after, **fields):
    """One commit: the generation, one entry, and nothing but these fields."""
    at, happening = fields.pop("at"), fields.pop("happening")
    at = max([at] + [entry["at"] for entry in before["entries"][-1:]])
    for field, value in before.items():
        if field not in ("generation", "entries", "sealed", "described", "enrolled"):
            same(f"{field} {what}", after[field], fields.get(field, value))
    same("generation", after["generation"], before["generation"] + 1)
    same("the log before", after["entries"][:-1], before["entries"])
    same("the last entry", bare(after["entries"][-1:]), [{"at": at} | happening])


def replayed(state):
    """Counts again, from the log alone, what the vault counted."""
    name = "{usage}/{algorithm}/{number}".format
    totals, days, emergencies = {}, {}, 0
    for entry in state["entries"]:
        if entry["happening"] == "restored":
            totals = {name(**key): MOST for key in state["described"]["keys"]}
        elif entry["happening"] == "renewed":
            totals = {}
        elif entry["happening"] == "reviewed":
            emergencies = 0
        elif entry["happening"] == "answered" and entry["emergency"]:
            emergencies += entry["granted"]
        elif entry["happening"] == "answered":
            key, day = name(**entry["key"]), entry["at"] // DAY
            totals[key] = min(totals.get(key, 0) + entry["granted"], MOST)
            days = {known: count for known, count in days.items() if known[0] >= day}
            days[day, entry["requester"], key] = days.get((day, entry["requester"], key), 0) + entry["granted"]
    same("totals", {name(**count): count["count"] for count in state["totals"]}, totals)
    same("days", {(count["day"], count["requester"], name(**count)): count["count"] for count in state["days"]}, days)
    same("emergencies", state["emergencies"], emergencies)


def state_of(case):
    data, root = unhex(case["bytes"]), unhex(case["root"])
    state = store_verify(data, root)
    mode = state["described"]["mode"]
    same("mode", mode, case["mode"])
    same("keys", [key.hex() for key in store_keys(root, mode)], [case["store_key"], case["cipher_key"]])
    for field, value in state.items():
        if field not in ("described", "enrolled"):
            same(field, value, case[field])
    for key in state["keys"]:
        same("a key", key["bytes"], public_part(root, mode, key))
    for known in state["cases"]:
        entry, salted = state["entries"][known["entry"] - 1], bytes.fromhex(known["salt"]) + known["case"].encode()
        same("a case", entry["case"], sha384(b"cloison/v1/case", salted).hex())
        assert known["case"].encode() not in data, "a case can be read without a key"
    replayed(state)


def opened(case):
    before, root = store_open(case)
    happening = {"happening": "opened", "cards": indices(case["cards"])}
    changed("after opening", before, store_verify(unhex(case["after"]), root), at=case["now"], happening=happening)


def drilled(case):
    """Every subset of k cards gives one root, which gives the keys; then the vault serves."""
    before = store_decode(unhex(case["bytes"]))
    refuse_unless(before["pending"] or not before["drilled"], "Nothing")
    descriptor = before["pending"] if before["drilled"] else before["descriptor"]
    vault = decode("descriptor", bytes.fromhex(descriptor))
    roots = [present(vault, subset) for subset in itertools.combinations(case["cards"], vault["threshold"])]
    same("roots", len(set(roots)), 1)
    of_store(lambda: store_verify(unhex(case["bytes"]), roots[0], before))
    same("identity", identity_of(roots[0], vault["mode"]), vault["identity"])
    keys = [key_of(key) | {"bytes": public_part(roots[0], vault["mode"], key)} for key in vault["keys"]]
    refuse_unless(all(key in before["keys"] for key in keys), "OtherKeys")
    after, now = store_verify(unhex(case["after"]), roots[0]), case["now"]
    acts = [{"at": case["began"], "act": "drill-began"}]
    acts += [{"at": now, "act": "drilled", "index": index} for index in indices(case["cards"])]
    acts += [{"at": now, "act": "proven", "cards": vault["cards"], "subsets": len(roots)},
             {"at": now, "act": "keys-compared", "keys": len(keys), "fingerprint": digest_of_keys(vault | {"keys": keys}).hex()},
             {"at": now, "act": "activated", "descriptor": sha384(bytes.fromhex(descriptor)).hex()}]
    same("acts", bare(after["transcript"]), bare(before["transcript"]) + acts)
    happening = {"happening": "drilled", "epoch": vault["epoch"], "count": vault["cards"], "transcript": head_of(after["transcript"])}
    changed("after the drill", before, after, at=now, happening=happening, descriptor=descriptor, pending=None, drilled=True,
            transcript=after["transcript"])


# ---- restoring ----------------------------------------------------------------------------------

def first_of(cards):
    return card_decode(unhex(cards[0]["bytes"]))[0]


def shares_of(cards):
    """Opens cards that nothing describes but the first of them."""
    first, shares = first_of(cards), []
    for card in cards:
        header, _ = card_decode(unhex(card["bytes"]))
        refuse_unless((header["vault"], header["mode"]) == (first["vault"], first["mode"]), "WrongVault")
        refuse_unless(header["epoch"] == first["epoch"], "WrongEpoch")
        refuse_unless(header["profile"] == 1, f"UnknownProfile({header['profile']})")
        refuse_unless((header["threshold"], header["cards"]) == (first["threshold"], first["cards"]), "Forged")
        refuse_unless(header["index"] not in [index for index, _ in shares], "Duplicate")
        shares.append((header["index"], card_open(unhex(card["bytes"]), card["passphrase"])))
    return shares


def from_backup(backup, vault, root, mode):
    refuse_unless(backup["vault"] == vault, "OtherBackup")
    try:
        data = backup_open(backup, {"root": root.hex(), "mode": mode})
    except Refused:
        raise Refused("Altered") from None
    state = of_store(lambda: store_verify(data, root))
    refuse_unless((state["described"]["vault"], state["generation"]) == (vault, backup["generation"]), "Altered")
    return state


def commitments(shares, first, vault):
    """What is committed to at every index, by k shares alone."""
    every = range(1, first["cards"] + 1)
    values = [interpolate(shares, first["threshold"], index) for index in every]
    return [commitment(bytes.fromhex(vault), first | {"index": index}, value).hex() for index, value in zip(every, values)]


def usual(usage):
    return {"each": usage != "text", "approvals": 0, "view_only": False, "declared_only": False, "batch": 5, "per_session": 10,
            "per_day": 10, "total": 1000, "expires": 0, "requesters": [], "emergency": 0}


def found(shares, first, vault, root, now):
    """The description of a vault of which nothing is known but k cards; its nonce is random."""
    kinds = [("age", algorithm, number) for number in range(4) for algorithm in ("mlkem1024p384", "p384")]
    kinds += [("text", "p384", 0), ("digest", "p384", 0)]
    keys = [{"usage": usage, "algorithm": algorithm, "number": number, "made": now, "retired": number > 0, "policy": usual(usage)}
            for usage, algorithm, number in kinds]
    copied = {field: first[field] for field in ("mode", "epoch", "threshold", "cards")}
    custodians = [f"Card {index}" for index in range(1, first["cards"] + 1)]
    return copied | {"vault": vault, "title": vault[:12], "commitments": commitments(shares, first, vault), "custodians": custodians,
                     "identity": identity_of(root, first["mode"]), "keys": keys, "limits": {"idle_minutes": 10, "session_minutes": 120},
                     "made": now, "dealt": now}


def age(described):
    return described["epoch"], len(described["keys"])


def rebuilt(case):
    """Gives the root, the vault's id, the shares, and the description that is at hand."""
    described, cards, first = None, case["cards"], first_of(case["cards"])
    if case["descriptor"]:
        described = decode("descriptor", unhex(case["descriptor"]))
        present(described, cards)
        shares = [(first_of([card])["index"], card_open(unhex(card["bytes"]), card["passphrase"])) for card in cards]
    else:
        shares = shares_of(cards)
    refuse_unless(len(shares) >= first["threshold"], "Waiting")
    root = recombine(shares, first["threshold"])
    vault = derive(root, f"cloison/v1/{first['mode']}/vault-id", 16).hex()
    refuse_unless(vault.startswith(first["vault"]), "Broken")
    return root, vault, shares, described


def restored(case):
    backup = case["backup"] and decode("backup", unhex(case["backup"]))
    if backup and case["descriptor"]:
        refuse_unless(decode("descriptor", unhex(case["descriptor"]))["vault"] == backup["vault"], "OtherBackup")
    root, vault, shares, described = rebuilt(case)
    first, descriptor = first_of(case["cards"]), case["descriptor"]
    before = from_backup(backup, vault, root, first["mode"]) if backup else None
    if before and (not described or age(described) < age(before["described"])):
        described, descriptor = before["described"], before["descriptor"]
        refuse_unless(described["epoch"] == first["epoch"], f"OtherEpoch {{ cards: {first['epoch']}, backup: {described['epoch']} }}")
        refuse_unless(commitments(shares, first, vault) == described["commitments"], "OtherVault")
    if described:
        refuse_unless(described["vault"] == vault and described["identity"] == identity_of(root, first["mode"]), "OtherVault")
    after = store_verify(unhex(case["after"]), root)
    if not described:
        described, descriptor = after["described"], after["descriptor"]
        same("what was found", described, found(shares, first, vault, root, case["now"]) | {"nonce": described["nonce"]})
    compare_restored(case, before, after, described, descriptor, root)


def compare_restored(case, before, after, described, descriptor, root):
    blank = dict.fromkeys(("keys", "enrolments", "used", "transcript", "totals", "days", "revoked", "cases", "entries"), [])
    blank |= dict.fromkeys(("generation", "emergencies", "backed_up"), 0) | dict.fromkeys(("pending", "predecessor", "successor"))
    blank |= {"descriptor": "", "drilled": True, "unconfirmed": False}
    known, generation = bool(case["descriptor"] or before), before and before["generation"]
    happening = {"happening": "restored", "cards": indices(case["cards"]), "descriptor": known, "backup": generation}
    before = before or blank
    keys = [{field: key[field] for field in ("usage", "algorithm", "number")} for key in described["keys"]]
    exhausted = keys + [key for key in map(key_of, before["totals"]) if key not in keys]
    used_up = [key | {"count": MOST if key in keys else next(total["count"] for total in before["totals"] if key_of(total) == key)}
               for key in sorted(exhausted, key=order)]
    changed("after the restore", before, after, at=case["now"], happening=happening, descriptor=descriptor, drilled=True, pending=None,
            totals=used_up, keys=[key | {"bytes": public_part(root, described["mode"], key)} for key in keys],
            unconfirmed=before["unconfirmed"] or not known)


def key_of(fields):
    return {field: fields[field] for field in ("usage", "algorithm", "number")}


def order(key):
    """Keys are ordered by the numbers of usage and algorithm, then by their own."""
    numbers = {label: number for labels in (USAGES, ALGORITHMS) for number, label in labels.items()}
    return numbers[key["usage"]], numbers[key["algorithm"]], key["number"]


# ---- requests -----------------------------------------------------------------------------------

def fits(key, operations):
    asked = {operation["operation"] for operation in operations}
    if key["usage"] == "age":
        return asked in ({"unwrap"}, {"view"})
    signed = {"text": {"sign-text"}, "digest": {"sign-digest"}}
    return key["algorithm"] == "p384" and asked == signed.get(key["usage"])


def known_requester(state, request):
    """Why a vault does not look at what is asked, or the requester's name."""
    requester = sha384(bytes.fromhex(request["requester"])).hex()
    refuse_unless(request["vault"] == state["described"]["vault"], "OtherVault")
    try:
        hybrid_key(bytes.fromhex(request["reply_key"]))
    except Refused:
        raise Refused("ReplyKey") from None
    refuse_unless(requester not in state["revoked"], "Revoked")
    names = [enrolled["name"] for enrolled in state["enrolled"] if enrolled["key"] == request["requester"]]
    refuse_unless(names, "UnknownRequester")
    return names[0], requester


def answer(state, request, now):
    """What becomes of a request right after the vault was opened, as §11 lists it; and whether people may take the emergency path."""
    key, seen, asked, now = request["key"], request["seen"], len(request["operations"]), max(now, state["entries"][-1]["at"])
    name, requester = known_requester(state, request)
    refuse_unless(request["id"] not in state["used"], "Replayed")
    refuse_unless(now <= request["expires"], "Expired")
    heads = {0: seen["head"]} | dict(enumerate((entry["head"] for entry in state["entries"]), 1))
    refuse_unless(heads.get(seen["generation"]) == seen["head"], "RolledBack")
    known = [known for known in state["described"]["keys"] if key_of(known) == key]
    refuse_unless(known, "UnknownKey")
    policy, k = known[0]["policy"], state["described"]["threshold"]
    opens_only = known[0]["retired"] or state["successor"] or state["unconfirmed"]
    refuse_unless(key["usage"] == "age" or not opens_only, "Retired")
    refuse_unless(policy["expires"] == 0 or now <= policy["expires"], "KeyExpired")
    refuse_unless(not policy["requesters"] or folded(name) in map(folded, policy["requesters"]), "NotForYou")
    refuse_unless(asked <= policy["batch"], "TooMany")
    refuse_unless(fits(key, request["operations"]), "WrongUsage")
    refuse_unless(not (policy["view_only"] and request["operations"][0]["operation"] == "unwrap"), "ViewOnly")
    total = sum(count["count"] for count in state["totals"] if key_of(count) == key)
    today = {"day": now // DAY, "requester": requester} | key
    day = sum(count["count"] for count in state["days"] if today.items() <= count.items())
    emergency = state["emergencies"] + asked <= policy["emergency"]
    for used, quota, reason in ((total, "total", "TotalQuota"), (day, "per_day", "DayQuota"), (0, "per_session", "SessionQuota")):
        if used + asked > policy[quota]:
            return reason, emergency
    return "Review", emergency and policy["approvals"] > k


def received(case):
    state, _ = store_open(case)
    opening = varint(max(case["now"], state["entries"][-1]["at"])) + bytes([1, len(case["cards"]), *indices(case["cards"])])
    at = max(case["now"], state["entries"][-1]["at"])
    state["entries"] = list(chain(RECORDS["log"][2], [*state["entries"], {"at": at, "bytes": opening.hex()}]))
    for asked in case["requests"]:
        try:
            found = answer(state, decode("request", unhex(asked["request"])), asked["now"])
        except Refused as refusal:
            found = str(refusal), False
        same(asked["why"], found, (asked["answer"], asked["emergency"]))


def varint(number):
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


CHECKS = {
    "store": state_of, "opened": opened, "drilled": drilled, "restored": restored, "received": received,
    "malformed": lambda case: refused(case, lambda: store_decode(unhex(case["bytes"]))),
    "unverified": lambda case: refused(case, lambda: store_verify(unhex(case["bytes"]), unhex(case["root"]))),
    "refused": lambda case: refused(case, lambda: store_open(case)),
    "not-drilled": lambda case: refused(case, lambda: drilled(case)),
    "not-restored": lambda case: refused(case, lambda: restored(case)),
}


def store(case):
    return CHECKS[case["check"]](case)
