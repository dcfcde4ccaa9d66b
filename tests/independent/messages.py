"""Postcard, messages, replies and cards, as docs/formats.md §3 to §13 and §24 to §26 say."""

import json
import struct
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from nacl.exceptions import CryptoError

from basics import (
    bounded, derive, FOLDER, hpke_open, Hybrid, hybrid_key, point, public, recombine, refuse_unless, Refused, refused, same,
    sha384, unhex, verifies, words,
)
from rules import allowed, check_plan, possible, WHITE_SPACE

REASONS = ["UnknownRequester", "Expired", "Replayed", "UnknownKey", "WrongUsage", "CannotUnwrap", "Declined", "TooMany", "RolledBack",
           "ViewOnly", "NotDeclared", "KeyExpired", "NotForYou", "Retired", "SessionQuota", "DayQuota", "TotalQuota", "EmergencyQuota",
           "CannotShow", "Revoked"]
USAGES = {1: "text", 2: "digest", 9: "age", 10: "identity", 11: "store"}
ALGORITHMS = {1: "p384", 2: "mlkem1024p384", 3: "hmac-sha384", 4: "xchacha20poly1305"}
MODES = {0: "real", 1: "rehearsal"}
ROLES = {1: "administrator", 2: "custodian", 3: "witness"}
LANGUAGES = {1: "en", 2: "fr"}
MAX_MESSAGE = (1 << 20) + (1 << 16)
EXPORT = json.loads((FOLDER / "public_keys.json").read_text())[0]


# ---- postcard and messages ----------------------------------------------------------------------

class Reader:
    """Reads postcard; remembers whether a value was written in a longer form than it needs."""

    def __init__(self, data):
        self.data, self.at, self.canonical = data, 0, True

    def take(self, count):
        refuse_unless(self.at + count <= len(self.data), "Malformed")
        self.at += count
        return self.data[self.at - count:self.at]

    def u8(self):
        return self.take(1)[0]

    def varint(self, bits):
        value = 0
        for number in range(-(-bits // 7)):
            byte = self.u8()
            value |= (byte & 0x7F) << 7 * number
            if byte < 0x80:
                refuse_unless(value < 1 << bits, "Malformed")
                self.canonical &= byte > 0 or number == 0
                return value
        raise Refused("Malformed")

    def data_within(self, limit):
        length = self.varint(64)
        refuse_unless(length <= limit, "Malformed")
        return self.take(length)

    def fixed(self, length):
        refuse_unless(self.varint(64) == length, "Malformed")
        return self.take(length)

    def line(self, limit, kind="Line"):
        data = self.data_within(limit)
        try:
            bounded(f"{kind}<{limit}>", data)
            return data.decode()
        except (UnicodeDecodeError, Refused):
            raise Refused("Malformed") from None

    def point(self):
        data = self.fixed(49)
        refuse_unless(data[0] in (2, 3), "Malformed")
        try:
            return point(public(data), compressed=True)
        except ValueError:
            raise Refused("Malformed") from None

    def one_of(self, names, number):
        refuse_unless(number in names, "Malformed")
        return names[number]

    def flag(self):
        return self.one_of({0: False, 1: True}, self.u8())

    def list(self, limit, item):
        length = self.varint(64)
        refuse_unless(length <= limit, "Malformed")
        return [item(self) for _ in range(length)]

    def key(self):
        return {"usage": self.one_of(USAGES, self.u8()), "algorithm": self.one_of(ALGORITHMS, self.u8()), "number": self.varint(16)}

    def seen(self):
        return {"generation": self.varint(64), "head": self.fixed(48).hex()}

    def vault(self):
        return self.fixed(16).hex()

    def mode(self):
        return self.one_of(MODES, self.u8())

    def option(self, item):
        return item(self) if self.flag() else None

    def limits(self):
        return {"idle_minutes": self.u8(), "session_minutes": self.varint(16)}

    def policy(self):
        return {"each": self.flag(), "approvals": self.u8(), "view_only": self.flag(), "declared_only": self.flag(), "batch": self.u8(),
                "per_session": self.varint(16), "per_day": self.varint(16), "total": self.varint(32), "expires": self.varint(64),
                "requesters": self.list(16, lambda r: r.line(64)), "emergency": self.varint(16)}


def read_enrolment(r):
    return {"name": r.line(64), "key": r.point().hex()}


def read_plan(r):
    return {"title": r.line(64), "place": r.line(64), "threshold": r.u8(),
            "people": r.list(32, lambda r: {"name": r.line(64), "role": r.one_of(ROLES, r.u8())}),
            "keys": r.list(16, lambda r: {"usage": r.line(24), "algorithm": r.line(24), "policy": r.policy()}),
            "languages": r.list(2, lambda r: r.one_of(LANGUAGES, r.u8())), "limits": r.limits()}


def read_public_key(r):
    return r.key() | {"retired": r.flag(), "batch": r.u8(), "view_only": r.flag(), "declared_only": r.flag(), "bytes": r.data_within(2048).hex()}


def read_public_keys(r):
    return {"vault": r.vault(), "mode": r.mode(), "title": r.line(64), "threshold": r.u8(), "cards": r.u8(), "identity": r.point().hex(),
            "state": r.seen(), "predecessor": r.option(Reader.vault), "successor": r.option(Reader.vault), "keys": r.list(32, read_public_key)}


def read_descriptor(r):
    return {"vault": r.vault(), "mode": r.mode(), "title": r.line(64), "epoch": r.varint(16), "threshold": r.u8(), "cards": r.u8(),
            "commitments": r.list(16, lambda r: r.fixed(48).hex()), "custodians": r.list(16, lambda r: r.line(64)), "identity": r.point().hex(),
            "keys": r.list(32, lambda r: r.key() | {"made": r.varint(64), "retired": r.flag(), "policy": r.policy()}),
            "limits": r.limits(), "made": r.varint(64), "dealt": r.varint(64), "nonce": r.fixed(16).hex()}


def read_backup(r):
    return {"vault": r.vault(), "generation": r.varint(64), "nonce": r.fixed(24).hex(), "store": r.data_within(MAX_MESSAGE - 1024).hex()}


def read_succession(r):
    return {"old": r.vault(), "mode": r.mode(), "old_identity": r.point().hex(), "new": r.vault(), "new_title": r.line(64),
            "new_identity": r.point().hex(), "new_keys": r.fixed(48).hex(), "at": r.varint(64)}


def read_operation(r):
    number = r.varint(32)
    if number == 0:
        return {"operation": "unwrap", "header": r.data_within(16384).hex()}
    if number == 1:
        return {"operation": "sign-text", "text": r.line(8192, "Prose")}
    if number == 2:
        return {"operation": "sign-digest", "digest": r.fixed(48).hex(), "name": r.line(255), "size": r.varint(64)}
    refuse_unless(number == 3, "Malformed")
    return {"operation": "view", "header": r.data_within(16384).hex(), "payload": r.data_within(1 << 20).hex()}


def read_request(r):
    return {"vault": r.fixed(16).hex(), "requester": r.point().hex(), "id": r.fixed(16).hex(), "made": r.varint(64), "expires": r.varint(64),
            "case": r.line(64), "reason": r.line(256), "key": r.key(), "reply_key": r.fixed(1665).hex(), "seen": r.seen(),
            "operations": r.list(100, read_operation)}


def read_reply(r):
    return {"request": r.fixed(48), "enc": r.fixed(1665), "ciphertext": r.data_within(16384)}


# kind: (number, name in errors, reader, label or None where nothing is signed, whose signature)
KINDS = {
    "plan": (1, "Plan", read_plan, None, None),
    "request": (2, "Request", read_request, b"cloison/v1/request", "requester"),
    "reply": (3, "Reply", read_reply, b"cloison/v1/reply", None),
    "public-keys": (4, "PublicKeys", read_public_keys, b"cloison/v1/public-keys", "identity"),
    "enrolment": (5, "Enrolment", read_enrolment, b"cloison/v1/enrolment", "key"),
    "descriptor": (9, "Descriptor", read_descriptor, b"cloison/v1/descriptor", "identity"),
    "backup": (10, "Backup", read_backup, None, None),
    "succession": (12, "Succession", read_succession, b"cloison/v1/succession", "old_identity"),
}


def envelope(data):
    refuse_unless(len(data) <= MAX_MESSAGE, f"TooLong {{ found: {len(data)}, limit: {MAX_MESSAGE} }}")
    refuse_unless(len(data) >= 4 and data[:2] == b"CL", "NotAMessage")
    refuse_unless(data[2] == 1, "Version")
    known = {number: kind for kind, (number, *_) in KINDS.items()} | {7: "transcript", 8: "log"}
    refuse_unless(data[3] in known, f"UnknownKind({data[3]})")
    return known[data[3]]


def decode(kind, data):
    number, name, read, label, signer = KINDS[kind]
    refuse_unless(envelope(data) == kind, "OtherKind")
    end = len(data) - 96 if label else len(data)
    refuse_unless(end >= 4, f"Malformed({name})")
    unsigned, signature = data[:end], data[end:]
    reader = Reader(unsigned[4:])
    try:
        body = read(reader)
        refuse_unless(reader.at == len(reader.data), "Malformed")
    except Refused:
        raise Refused(f"Malformed({name})") from None
    refuse_unless(reader.canonical, f"NotCanonical({name})")
    if signer:
        refuse_unless(verifies(bytes.fromhex(body[signer]), signature, label + unsigned), f"BadSignature({name})")
    refuse_unless(consistent(kind, body), f"Malformed({name})")
    if kind == "plan":
        try:
            check_plan(body)
        except Refused as fault:
            raise Refused(f"Plan({fault})") from None
    return body


def consistent(kind, body):
    """What is looked at last, after the signature."""
    if kind == "descriptor":
        k, n = body["threshold"], body["cards"]
        right = 2 <= k <= n <= 16 and body["epoch"] > 0 and len(body["commitments"]) == len(body["custodians"]) == n
        names = [(key["usage"], key["algorithm"], key["number"]) for key in body["keys"]]
        right = right and len(set(names)) == len(names)
        return right and possible(body["limits"]) and all(allowed(key["policy"], key["usage"], k, n) for key in body["keys"])
    if kind == "succession":
        return body["old"] != body["new"]
    return kind != "request" or len(body["operations"]) > 0


def message_kind(data):
    """What `Message` decodes: a card, or any kind."""
    if len(data) == 80 and data[0] & 0xF0 == 0xA0:
        try:
            card_decode(data)
        except Refused as error:
            raise Refused(f"Card({error})") from None
        return "Card"
    kind = envelope(data)
    if kind in ("transcript", "log"):
        from records import record_decode  # which is built on this file

        record_decode(data, kind)
        return kind.capitalize()
    decode(kind, data)
    return KINDS[kind][1]


def message(case):
    if case["check"] in ("not-signed", "no-operations"):
        return "about our encoder only, not checked"
    if case["check"] == "leads":
        old, new = decode("succession", unhex(case["succession"])), decode("public-keys", unhex(case["public_keys"]))
        return same("leads", leads_to(old, new), case["leads"])
    data = unhex(case["bytes"])
    if case["check"] == "malformed":
        as_message = case["read_as"] == "message"
        return refused(case, lambda: message_kind(data) if as_message else decode(case["read_as"], data))
    kind = case["check"]
    if kind == "kind":
        return same("kind", message_kind(data), case["kind"])
    if kind == "unopened":
        return refused({"error": "Unopened"}, lambda: backup_open(decode("backup", data), case))
    body = decode(kind, data)
    for field, value in body.items():
        same(field, value, plain(case[field]) if field == "operations" else case[field])
    FURTHER.get(kind, lambda *_: None)(case, body, data)


def plain(operations):
    """Operations without runs of repeated bytes."""
    return [{field: unhex(value).hex() if field in ("header", "payload") else value for field, value in asked.items()} for asked in operations]


def further_request(case, _, data):
    same("digest", sha384(b"cloison/v1/request", data[:-96]), unhex(case["digest"]))


def further_enrolment(case, _, __):
    name = case["name"].encode()
    same("words", words(sha384(b"cloison/v1/enrolment", struct.pack(">Q", len(name)), name, unhex(case["key"]))), case["fingerprint"])


def digest_of_keys(keys):
    parts = [b"cloison/v1/public-keys", unhex(keys["vault"]), keys["mode"].encode(), b"\0", unhex(keys["identity"])]
    for key in keys["keys"]:
        known = unhex(key["bytes"])
        parts += ["{usage}/{algorithm}/{number}\0".format(**key).encode(), struct.pack(">Q", len(known)), known]
    return sha384(*parts)


def further_plan(case, _, data):
    digest = sha384(b"cloison/v1/plan", data)
    same("digest", digest, unhex(case["digest"]))
    same("words", words(digest), case["fingerprint"])


def further_backup(case, body, data):
    same("digest", sha384(data), unhex(case["digest"]))
    label = f"cloison/v1/{case['mode']}/store/xchacha20poly1305/0"
    same("label", case["info"], label)
    same("key", derive(unhex(case["root"]), label, 32), unhex(case["key"]))
    same("vault", derive(unhex(case["root"]), f"cloison/v1/{case['mode']}/vault-id", 16).hex(), case["vault"])
    same("associated data", backup_bound(body), unhex(case["associated"]))
    same("plaintext", backup_open(body, case), unhex(case["plaintext"]))


def backup_bound(body):
    return b"cloison/v1/backup" + bytes.fromhex(body["vault"]) + struct.pack(">Q", body["generation"])


def backup_open(body, case):
    key = derive(unhex(case["root"]), f"cloison/v1/{case['mode']}/store/xchacha20poly1305/0", 32)
    store = bytes.fromhex(body["store"])
    refuse_unless(len(store) >= 16, "Unopened")
    try:
        return xchacha_open(store, backup_bound(body), bytes.fromhex(body["nonce"]), key)
    except CryptoError:
        raise Refused("Unopened") from None


def leads_to(succession, keys):
    """Whether both signatures together lead from the old vault to these keys."""
    named = {"new": "vault", "mode": "mode", "new_identity": "identity", "old": "predecessor"}
    return all(succession[ours] == keys[theirs] for ours, theirs in named.items()) and succession["new_keys"] == digest_of_keys(keys).hex()


FURTHER = {
    "request": further_request, "enrolment": further_enrolment, "plan": further_plan, "backup": further_backup,
    "public-keys": lambda case, body, _: same("words", words(digest_of_keys(body)), case["fingerprint"]),
}


# ---- replies ------------------------------------------------------------------------------------

def plaintext_decode(data):
    r = Reader(data)
    refuse_unless(r.u8() == 1, "Malformed")
    state = {"generation": int.from_bytes(r.take(8), "little"), "head": r.take(48).hex()}
    count = r.u8()
    refuse_unless(count <= 100, "Malformed")
    outcomes = [outcome_decode(r) for _ in range(count)]
    refuse_unless(r.at == len(data), "Malformed")
    return state, outcomes


def outcome_decode(r):
    kind = r.u8()
    if kind == 0:
        code = r.u8()
        refuse_unless(1 <= code <= len(REASONS), "Malformed")
        return {"outcome": "refused", "reason": REASONS[code - 1], "code": code}
    refuse_unless(kind in (1, 2, 3), "Malformed")
    if kind == 3:
        return {"outcome": "viewed"}
    return {"outcome": "file-key", "file_key": r.take(16).hex()} if kind == 1 else {"outcome": "signature", "signature": r.take(96).hex()}


def reply_open(case):
    request, data = unhex(case["request"]), unhex(case["bytes"])
    asked, parts = decode("request", request), decode("reply", data)
    refuse_unless(parts["request"] == sha384(b"cloison/v1/request", request[:-96]), "OtherRequest")
    signed = b"cloison/v1/reply" + parts["request"] + parts["enc"] + parts["ciphertext"]
    refuse_unless(verifies(unhex(case["identity"]), data[-96:], signed), "Message(BadSignature(Reply))")
    key = Hybrid(unhex(case["reply_seed"]))
    opened = hpke_open(key, parts["enc"], b"cloison/v1/reply" + parts["request"], parts["ciphertext"])
    state, outcomes = plaintext_decode(opened)
    refuse_unless(len(outcomes) == len(asked["operations"]), "Count")
    same("one-time key", key.public.hex(), asked["reply_key"])
    for operation, outcome in zip(asked["operations"], outcomes):
        if outcome["outcome"] == "signature":
            assert issued(asked["key"], operation, bytes.fromhex(outcome["signature"])), "an issued signature is wrong"
    return parts, opened, state, outcomes


def issued(key, operation, signature):
    """Verifies a signature made for others: over the text's own bytes, or over the given digest."""
    exported = next(known for known in EXPORT["keys"] if key.items() <= known.items())
    if operation["operation"] == "sign-text":
        return verifies(bytes.fromhex(exported["bytes"]), signature, operation["text"].encode())
    return verifies(bytes.fromhex(exported["bytes"]), signature, bytes.fromhex(operation["digest"]), Prehashed(hashes.SHA384()))


def reply(case):
    check = case["check"]
    if check == "malformed":
        return message(case)
    if check == "malformed-plaintext":
        return refused(case, lambda: plaintext_decode(unhex(case["plaintext"])))
    if check == "refused":
        return refused(case, lambda: reply_open(case))
    if check == "not-sealed":
        key = bytes.fromhex(decode("request", unhex(case["request"]))["reply_key"])
        same("error", case["error"], "ReplyKey")
        return refused({"error": "NotAKey"}, lambda: hybrid_key(key))
    if check == "reply":
        parts, opened, *_ = reply_open(case)
        same("info", b"cloison/v1/reply" + parts["request"], unhex(case["info"]))
        for field in ("enc", "ciphertext"):
            same(field, parts[field], unhex(case[field]))
        same("plaintext", opened, unhex(case["plaintext"]))
    same("plaintext's fields", plaintext_decode(unhex(case["plaintext"])), (case["state"], case["outcomes"]))


# ---- cards --------------------------------------------------------------------------------------

def card_decode(data):
    refuse_unless(len(data) == 80 and data[0] & 0xF0 == 0xA0, "NotACard")
    refuse_unless(data[0] == 0xA1, "Version")
    refuse_unless(sha384(b"cloison/v1/card-checksum", data[:76])[:4] == data[76:], "Damaged")
    k, n, index = (data[9] >> 4) + 1, (data[9] & 15) + 1, data[10] & 0x1F
    epoch = struct.unpack(">H", data[7:9])[0]
    refuse_unless(2 <= k <= n and 1 <= index <= n and epoch and not data[10] & 0x60, "Malformed")
    header = {"vault": data[1:7].hex(), "epoch": epoch, "threshold": k, "cards": n, "index": index,
              "mode": MODES[data[10] >> 7], "profile": data[11], "salt": data[12:28].hex()}
    return header, data[28:76]


def card_open(data, passphrase):
    """Profile 1: Argon2id (RFC 9106), then XChaCha20-Poly1305 with the header as associated data."""
    normal = unicodedata.normalize("NFKD", passphrase).encode()
    derived = hash_secret_raw(normal, data[12:28], time_cost=3, memory_cost=65536, parallelism=4, hash_len=56, type=Type.ID, version=0x13)
    try:
        return xchacha_open(data[28:76], data[:28], derived[32:], derived[:32])
    except CryptoError:
        raise Refused("WrongPassphrase") from None


def commitment(vault, header, share):
    numbers = bytes([header["threshold"], header["cards"], header["index"]])
    return sha384(b"cloison/v1/commitment", vault, struct.pack(">H", header["epoch"]), numbers, share)


def present(descriptor, cards):
    """Gives the root that cards recombine to, or says why one is refused."""
    vault, shares = bytes.fromhex(descriptor["vault"]), []
    for card in cards:
        data = unhex(card["bytes"])
        try:
            header, _ = card_decode(data)
        except Refused as error:
            raise Refused(f"Unreadable({error})") from None
        refuse_unless(header["vault"] == vault[:6].hex() and header["mode"] == descriptor["mode"], "WrongVault")
        refuse_unless(header["epoch"] == descriptor["epoch"], "WrongEpoch")
        refuse_unless(header["profile"] == 1, f"UnknownProfile({header['profile']})")
        refuse_unless(all(header[field] == descriptor[field] for field in ("threshold", "cards")), "Forged")
        refuse_unless(header["index"] not in [index for index, _ in shares], "Duplicate")
        share = card_open(data, card["passphrase"])
        refuse_unless(commitment(vault, header, share).hex() == descriptor["commitments"][header["index"] - 1], "Forged")
        shares.append((header["index"], share))
    refuse_unless(len(shares) == descriptor["threshold"], "Waiting")
    root = recombine(shares, descriptor["threshold"])
    same("vault id", derive(root, f"cloison/v1/{descriptor['mode']}/vault-id", 16), vault)
    return root


def passphrase_error(typed, again):
    for text in (typed, again):
        refuse_unless(text, "Empty")
        refuse_unless(len(text.encode()) <= 1024, "TooLong")
    first, second = (unicodedata.normalize("NFKD", text) for text in (typed, again))
    refuse_unless(first == second, "Differ")
    counted = typed.strip(WHITE_SPACE)
    refuse_unless(len(counted) >= 12, f"TooShort {{ found: {len(counted)}, least: 12 }}")
    refuse_unless(len(set(counted)) >= 5, "Monotonous")


def card(case):
    if case["check"] == "malformed":
        return refused(case, lambda: card_decode(unhex(case["bytes"])))
    if case["check"] == "passphrase":
        return refused(case, lambda: passphrase_error(case["typed"], case["again"]))
    if case["check"] == "chosen":
        return passphrase_error(case["typed"], case["again"])
    if case["check"] in ("presented", "refused"):
        descriptor = decode("descriptor", unhex(case["descriptor"]))
        if case["check"] == "refused":
            return refused(case, lambda: present(descriptor, case["cards"]))
        return present(descriptor, case["cards"])
    data = unhex(case["bytes"])
    header, sealed = card_decode(data)
    same("header", header, case["header"])
    if case["check"] == "decoded":
        return same("sealed share", sealed, unhex(case["sealed"]))
    share = card_open(data, case["passphrase"])
    same("share", share, unhex(case["share"]))
    same("commitment", commitment(unhex(case["vault_id"]), header, share), unhex(case["commitment"]))
