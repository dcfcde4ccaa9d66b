"""Checks the published vectors without a line of Cloison's code.

Written from docs/formats.md. What is here by hand: postcard, GF(256), HPKE (RFC 9180), the
MLKEM1024-P384 combiner, age's text header. The primitives come from PyPI (requirements.txt).

What is not checked here: RaptorQ's repair symbols (RFC 6330), of which Python has no
implementation that does not wrap the crate that we use ourselves; only their frames are.
"""

import base64
import hashlib
import hmac
import itertools
import json
import pathlib
import re
import struct
import sys
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mnemonic import Mnemonic
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from nacl.exceptions import CryptoError

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
CURVE = ec.SECP384R1()
WORDS = Mnemonic("english").wordlist
REASONS = ["UnknownRequester", "Expired", "Replayed", "UnknownKey", "WrongUsage", "CannotUnwrap", "Declined", "TooMany", "RolledBack"]
USAGES = {1: "text", 2: "digest", 9: "age", 10: "identity", 11: "store"}
ALGORITHMS = {1: "p384", 2: "mlkem1024p384", 3: "hmac-sha384"}
MODES = {0: "real", 1: "rehearsal"}


class Refused(Exception):
    """Carries the name of the error that a decoder gives."""


def refuse_unless(condition, error):
    if not condition:
        raise Refused(error)


def same(what, found, expected):
    assert found == expected, f"{what} is {found!r}, expected {expected!r}"


def unhex(value):
    """Bytes in JSON: hex, or pieces, each hex or {"repeat": hex, "times": number}."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(value, dict):
        return bytes.fromhex(value["repeat"]) * value["times"]
    return b"".join(map(unhex, value))


# ---- hashes, curves, HPKE ----------------------------------------------------------------------

def sha384(*parts):
    return hashlib.sha384(b"".join(parts)).digest()


def extract(salt, ikm, name="sha384"):
    return hmac.new(salt, ikm, name).digest()


def expand(prk, info, length, name="sha384"):
    out, block = b"", b""
    for number in itertools.count(1):
        if len(out) >= length:
            return out[:length]
        block = hmac.new(prk, block + info + bytes([number]), name).digest()
        out += block


def hkdf(ikm, info, length, salt=b"", name="sha384"):
    return expand(extract(salt, ikm, name), info, length, name)


def private(scalar):
    return ec.derive_private_key(int.from_bytes(scalar, "big"), CURVE)


def point(key, compressed=False):
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint if compressed else PublicFormat.UncompressedPoint)


def public(data):
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


def verifies(key, signature, message):
    r, s = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    try:
        public(key).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA384()))
        return True
    except InvalidSignature:
        return False


class Classical:
    """DHKEM(P-384, HKDF-SHA384), RFC 9180 §4.1."""

    kem, enc_bytes = 0x0011, 97

    def __init__(self, scalar):
        self.key = private(scalar)
        self.point = self.public = point(self.key.public_key())

    def decapsulate(self, enc):
        dh = self.key.exchange(ec.ECDH(), public(enc))
        suite = b"KEM" + struct.pack(">H", self.kem)
        prk = labeled_extract(suite, b"", b"eae_prk", dh)
        return labeled_expand(suite, prk, b"shared_secret", enc + self.public, 48)


class Hybrid:
    """MLKEM1024-P384, draft-ietf-hpke-pq and draft-irtf-cfrg-concrete-hybrid-kems."""

    kem, enc_bytes = 0x0051, 1665

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(64 + 48)
        self.pq = mlkem.MLKEM1024PrivateKey.from_seed_bytes(expanded[:64])
        self.key = private(expanded[64:])
        self.point = point(self.key.public_key())
        self.public = self.pq.public_key().public_bytes_raw() + self.point

    def decapsulate(self, enc):
        pq = self.pq.decapsulate(enc[:1568])
        dh = self.key.exchange(ec.ECDH(), public(enc[1568:]))
        return hashlib.sha3_256(pq + dh + enc[1568:] + self.point + b"MLKEM1024-P384").digest()


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


def hpke_open(key, enc, info, ciphertext):
    """Base mode, HKDF-SHA384, AES-256-GCM, no associated data (RFC 9180 §5.1, §6.1)."""
    suite = b"HPKE" + struct.pack(">HHH", key.kem, 0x0002, 0x0002)
    context = b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"") + labeled_extract(suite, b"", b"info_hash", info)
    secret = labeled_extract(suite, key.decapsulate(enc), b"secret", b"")
    aead = AESGCM(labeled_expand(suite, secret, b"key", context, 32))
    try:
        return aead.decrypt(labeled_expand(suite, secret, b"base_nonce", context, 12), ciphertext, b"")
    except InvalidTag:
        raise Refused("Unopened") from None


# ---- keys and shares ---------------------------------------------------------------------------

def derive(root, label, length):
    return hkdf(root, label.encode(), length, salt=b"cloison/v1")


def scalar_of(root, label):
    return (int.from_bytes(derive(root, label, 72), "big") % (ORDER - 1) + 1).to_bytes(48, "big")


def age_key(case):
    label = "cloison/v1/{mode}/{usage}/{algorithm}/{number}".format(**case)
    root = unhex(case["root"])
    return Classical(scalar_of(root, label)) if case["algorithm"] == "p384" else Hybrid(derive(root, label, 32))


def multiply(a, b):
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


INVERSE = {a: b for a in range(1, 256) for b in range(1, 256) if multiply(a, b) == 1}


def recombine(shares, threshold):
    """Lagrange interpolation at 0 over GF(256) from exactly k distinct shares."""
    xs = [x for x, _ in shares]
    refuse_unless(threshold >= 2 and len(xs) == threshold == len(set(xs)) and 0 not in xs, "shares")
    root = bytearray(32)
    for x, value in shares:
        weight = 1
        for other in xs:
            if other != x:
                weight = multiply(weight, multiply(other, INVERSE[x ^ other]))
        for at, byte in enumerate(value):
            root[at] ^= multiply(weight, byte)
    return bytes(root)


def derivation(case):
    root, mode = unhex(case["root"]), case["mode"]
    if case["check"] == "vault-id":
        same("label", case["info"], f"cloison/v1/{mode}/vault-id")
        return same("vault id", derive(root, case["info"], 16), unhex(case["id"]))
    same("label", case["info"], "cloison/v1/{mode}/{usage}/{algorithm}/{number}".format(**case))
    if case["check"] == "store-key":
        return same("store key", derive(root, case["info"], 48), unhex(case["key"]))
    if case["check"] == "hybrid-seed":
        seed = derive(root, case["info"], 32)
        same("seed", seed, unhex(case["seed"]))
        return same("public key", Hybrid(seed).public, unhex(case["public"]))
    scalar = scalar_of(root, case["info"])
    same("scalar", scalar, unhex(case["scalar"]))
    same("public key", point(private(scalar).public_key(), compressed=True), unhex(case["public"]))


def shamir(case):
    shares = [(share["index"], unhex(share["value"])) for share in case["shares"]]
    if case["check"] == "refuse":
        return refused(case | {"error": "shares"}, lambda: recombine(shares, case["threshold"]))
    subsets = list(itertools.combinations(shares, case["threshold"]))
    same("number of subsets", len(subsets), case.get("subsets", 1))
    for subset in subsets:
        same("root", recombine(subset, case["threshold"]), unhex(case["root"]))


# ---- cards -------------------------------------------------------------------------------------

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
    refuse_unless(len(first) >= 12, "TooShort")


def card(case):
    if case["check"] == "malformed":
        return refused(case, lambda: card_decode(unhex(case["bytes"])))
    if case["check"] == "passphrase":
        return refused(case, lambda: passphrase_error(case["typed"], case["again"]))
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


# ---- frames ------------------------------------------------------------------------------------

def frame_decode(data):
    refuse_unless(data[:1] and data[0] & 0xF0 == 0xC0, "NotAFrame")
    refuse_unless(data[0] == 0xC1, "Version")
    symbol, length, symbol_id = data[13:], int.from_bytes(data[5:8], "big"), int.from_bytes(data[8:11], "big")
    refuse_unless(len(data) >= 13 and hashlib.sha256(data[:11] + symbol).digest()[:2] == data[11:13], "Damaged")
    refuse_unless(length > 32 and 0 < len(symbol) <= 2940, "Damaged")
    symbols = -(-length // len(symbol))
    refuse_unless(length <= (1 << 20) + 32 and symbols <= 16384, "TooLong")
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
        error = "Empty" if not payload else "TooLong" if len(payload) > 1 << 20 else "SymbolSize"
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
    same("payload", whole(last), unhex(case["payload"]))
    return "payload only, not each frame's fate"


# ---- text and words ----------------------------------------------------------------------------

def unshowable(character):
    return any(span["first"] <= ord(character) <= span["last"] for span in TEXT[0]["refused"])


def bounded(kind, data):
    limit = int(re.search(r"\d+(?=>)", kind)[0])
    refuse_unless(len(data) <= limit, f"TooLong {{ found: {len(data)}, limit: {limit} }}")
    if kind.startswith(("Line", "Prose")):
        for character in data.decode():
            allowed = not unshowable(character) or kind.startswith("Prose") and character in "\n\t"
            refuse_unless(allowed, f"Unshowable({ord(character)})")


def text(case):
    if case["check"] == "characters":
        same("what prose may have besides", case["allowed_in_prose"], [9, 10])
        for number in itertools.chain(range(0xD800), range(0xE000, 0x110000)):
            if unicodedata.category(chr(number)) in ("Cc", "Co", "Zl", "Zp"):
                assert unshowable(chr(number)), f"U+{number:04X} is allowed"
        return None
    if case["check"] == "refused":
        return refused(case, lambda: bounded(case["type"], unhex(case["value"])))
    return bounded(case["type"], unhex(case["value"]))


def words(digest):
    bits = int.from_bytes(digest[:11], "big")
    return [WORDS[bits >> 77 - 11 * word & 2047] for word in range(8)]


def fingerprint(case):
    expected = words(unhex(case["digest"]))
    if case["check"] == "typed":
        return same("match", re.sub(r"[\s-]+", " ", case["typed"]).strip().lower().split() == expected, case["matches"])
    same("words", case["words"], expected)


# ---- postcard and messages ---------------------------------------------------------------------

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
        self.canonical &= data[0] != 5
        try:
            return point(public(bytes([2 if data[0] == 5 else data[0]]) + data[1:]), compressed=True)
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


def read_enrolment(r):
    return {"name": r.line(64), "key": r.point().hex()}


def read_public_keys(r):
    return {"vault": r.fixed(16).hex(), "mode": r.one_of(MODES, r.u8()), "title": r.line(64), "threshold": r.u8(), "cards": r.u8(),
            "identity": r.point().hex(), "state": r.seen(), "keys": r.list(32, lambda r: r.key() | {"bytes": r.data_within(2048).hex()})}


def read_descriptor(r):
    return {"vault": r.fixed(16).hex(), "mode": r.one_of(MODES, r.u8()), "title": r.line(64), "epoch": r.varint(16),
            "threshold": r.u8(), "cards": r.u8(), "commitments": r.list(16, lambda r: r.fixed(48).hex()),
            "custodians": r.list(16, lambda r: r.line(64)), "identity": r.point().hex(),
            "keys": r.list(32, lambda r: r.key() | {"each": r.flag()}), "made": r.varint(64), "nonce": r.fixed(16).hex()}


def read_operation(r):
    number = r.varint(32)
    if number == 0:
        return {"operation": "unwrap", "header": r.data_within(16384).hex()}
    if number == 1:
        return {"operation": "sign-text", "text": r.line(8192, "Prose")}
    refuse_unless(number == 2, "Malformed")
    return {"operation": "sign-digest", "digest": r.fixed(48).hex(), "name": r.line(255), "size": r.varint(64)}


def read_request(r):
    return {"vault": r.fixed(16).hex(), "requester": r.point().hex(), "id": r.fixed(16).hex(), "made": r.varint(64), "expires": r.varint(64),
            "case": r.line(64), "reason": r.line(256), "key": r.key(), "reply_key": r.fixed(1665).hex(), "seen": r.seen(),
            "operations": r.list(16, read_operation)}


def read_reply(r):
    return {"request": r.fixed(48), "enc": r.fixed(1665), "ciphertext": r.data_within(4096)}


# kind: (number, name in errors, reader, label, whose signature)
KINDS = {
    "request": (2, "Request", read_request, b"cloison/v1/request", "requester"),
    "reply": (3, "Reply", read_reply, b"cloison/v1/reply", None),
    "public-keys": (4, "PublicKeys", read_public_keys, b"cloison/v1/public-keys", "identity"),
    "enrolment": (5, "Enrolment", read_enrolment, b"cloison/v1/enrolment", "key"),
    "descriptor": (9, "Descriptor", read_descriptor, b"cloison/v1/descriptor", "identity"),
}


def envelope(data):
    refuse_unless(len(data) <= 1 << 20, "TooLong")
    refuse_unless(len(data) >= 4 and data[:2] == b"CL", "NotAMessage")
    refuse_unless(data[2] == 1, "Version")
    known = {number: kind for kind, (number, *_) in KINDS.items()}
    refuse_unless(data[3] in known, f"UnknownKind({data[3]})")
    return known[data[3]]


def decode(kind, data):
    number, name, read, label, signer = KINDS[kind]
    refuse_unless(len(data) <= 1 << 20, "TooLong")
    refuse_unless(len(data) >= 96, f"Malformed({name})")
    unsigned, signature = data[:-96], data[-96:]
    found = envelope(unsigned)
    refuse_unless(found == kind, "OtherKind")
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
    return body


def consistent(kind, body):
    """What is looked at last, after the signature."""
    if kind == "descriptor":
        k, n = body["threshold"], body["cards"]
        return 2 <= k <= n <= 16 and body["epoch"] > 0 and len(body["commitments"]) == len(body["custodians"]) == n
    return kind != "request" or len(body["operations"]) > 0


def message_kind(data):
    """What `Message` decodes: anything but a descriptor, which does not cross between the halves."""
    if len(data) == 80 and data[0] & 0xF0 == 0xA0:
        try:
            card_decode(data)
        except Refused as error:
            raise Refused(f"Card({error})") from None
        return "Card"
    kind = envelope(data)
    refuse_unless(kind != "descriptor", "UnknownKind(9)")
    decode(kind, data)
    return KINDS[kind][1]


def message(case):
    if case["check"] in ("not-signed", "no-operations"):
        return "about our encoder only, not checked"
    data = unhex(case["bytes"])
    if case["check"] == "malformed":
        as_message = case["read_as"] == "message"
        return refused(case, lambda: message_kind(data) if as_message else decode(case["read_as"], data))
    kind = case["check"]
    if kind == "kind":
        return same("kind", message_kind(data), case["kind"])
    body = decode(kind, data)
    for field, value in body.items():
        same(field, value, case[field])
    if kind == "request":
        same("digest", sha384(b"cloison/v1/request", data[:-96]), unhex(case["digest"]))
    if kind == "enrolment":
        name = case["name"].encode()
        same("words", words(sha384(b"cloison/v1/enrolment", struct.pack(">Q", len(name)), name, unhex(case["key"]))), case["fingerprint"])
    if kind == "public-keys":
        parts = [b"cloison/v1/public-keys", unhex(case["vault"]), case["mode"].encode(), b"\0", unhex(case["identity"])]
        for key in case["keys"]:
            parts += ["{usage}/{algorithm}/{number}\0".format(**key).encode(), unhex(key["bytes"])]
        same("words", words(sha384(*parts)), case["fingerprint"])


# ---- replies -----------------------------------------------------------------------------------

def plaintext_decode(data):
    r = Reader(data)
    refuse_unless(r.u8() == 1, "Malformed")
    state = {"generation": int.from_bytes(r.take(8), "little"), "head": r.take(48).hex()}
    count = r.u8()
    refuse_unless(count <= 16, "Malformed")
    outcomes = [outcome_decode(r) for _ in range(count)]
    refuse_unless(r.at == len(data), "Malformed")
    return state, outcomes


def outcome_decode(r):
    kind = r.u8()
    if kind == 0:
        code = r.u8()
        refuse_unless(1 <= code <= len(REASONS), "Malformed")
        return {"outcome": "refused", "reason": REASONS[code - 1], "code": code}
    refuse_unless(kind in (1, 2), "Malformed")
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
    return parts, opened, state, outcomes


def reply(case):
    check = case["check"]
    if check == "malformed":
        return message(case)
    if check == "malformed-plaintext":
        return refused(case, lambda: plaintext_decode(unhex(case["plaintext"])))
    if check == "refused":
        return refused(case, lambda: reply_open(case))
    if check == "not-sealed":
        try:
            key = bytes.fromhex(decode("request", unhex(case["request"]))["reply_key"])
            public(key[1568:])
        except ValueError:
            return same("error", case["error"], "ReplyKey")
        raise AssertionError("the reply key is a key")
    if check == "reply":
        parts, opened, *_ = reply_open(case)
        same("info", b"cloison/v1/reply" + parts["request"], unhex(case["info"]))
        for field in ("enc", "ciphertext"):
            same(field, parts[field], unhex(case[field]))
        same("plaintext", opened, unhex(case["plaintext"]))
    same("plaintext's fields", plaintext_decode(unhex(case["plaintext"])), (case["state"], case["outcomes"]))


# ---- age ---------------------------------------------------------------------------------------

STANZA = re.compile(rb"-> ([!-~]+(?: [!-~]+)*)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)")


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
    while head.startswith(b"-> ", at):
        found = STANZA.match(head, at)
        refuse_unless(found, cut)
        stanzas.append((found[1].decode().split(" "), unbase64(found[2].replace(b"\n", b""))))
        at = found.end()
    refuse_unless(head.startswith(b"--- ", at) and len(head) >= at + 48, cut)
    refuse_unless(head[at + 47:at + 48] == b"\n" and stanzas, "Malformed")
    mac = unbase64(head[at + 4:at + 47])
    refuse_unless(len(mac) == 32, "Malformed")
    return {"bytes": head[:at + 48], "covered": head[:at + 3], "stanzas": stanzas, "mac": mac}


def name_of(key):
    return b"cloison-p384-v1" if isinstance(key, Classical) else b"cloison-mlkem1024p384-v1"


def header_unwrap(header, key):
    name, ours = name_of(key), []
    for args, body in header["stanzas"]:
        if args[0].encode() != name or len(args) != 3 or len(body) != 32:
            continue
        tag, enc = unbase64(args[1].encode()), unbase64(args[2].encode())
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
    same("stanzas", [args[0] for args, _ in header["stanzas"]], case["stanzas"])
    same("name", case["stanza"].encode(), name_of(key))
    same("public key", recipient(case["stanza"], unhex(case["public"])), key.public)
    same("file key", header_unwrap(header, key), file_key)
    records = [stanza for stanza in header["stanzas"] if stanza[0][0] == "cloison-record"]
    same("declaration", record_open(*records[0], file_key) if len(records) == 1 else None, case.get("declared"))


def recipient(stanza, data):
    """A public key as HPKE takes it: 97 bytes, or 1665."""
    try:
        if stanza == "cloison-p384-v1":
            return point(public(data))
        refuse_unless(len(data) == 1665, "NotAKey")
        return data[:1568] + point(public(data[1568:]))
    except ValueError:
        raise Refused("NotAKey") from None


# ---- the store and its log ---------------------------------------------------------------------

def read_entry(r):
    start, at, kind = r.at, r.varint(64), r.varint(32)
    if kind == 0:
        entry = {"happening": "created"}
    elif kind == 1:
        entry = {"happening": "opened", "cards": list(r.take(r.varint(64)))}
    elif kind == 2:
        entry = {"happening": "enrolled", "name": r.line(64), "key": r.fixed(48).hex()}
    elif kind == 3:
        entry = {"happening": "answered", "request": r.fixed(48).hex(), "cards": list(r.take(r.varint(64))), "granted": r.u8()}
    else:
        refuse_unless(kind == 4, "Malformed")
        entry = {"happening": "refused", "request": r.fixed(48).hex(), "reason": r.one_of(dict(enumerate(REASONS)), r.varint(32))}
    return {"at": at} | entry | {"bytes": r.data[start:r.at].hex()}


def chain(entries):
    head = bytes(48)
    for entry in entries:
        head = sha384(b"cloison/v1/log", head, bytes.fromhex(entry["bytes"]))
        yield entry | {"head": head.hex()}


def store_decode(data):
    refuse_unless(len(data) <= 64 << 20, "TooLong")
    refuse_unless(data.startswith(b"CLST\x01"), "NotAStore")
    refuse_unless(len(data) >= 53, "Malformed")
    encoded, mac, r = data[5:-48], data[-48:], Reader(data[5:-48])
    endless = 1 << 63
    state = {"generation": r.varint(64), "descriptor": r.data_within(endless).hex(),
             "keys": r.list(endless, lambda r: r.key() | {"bytes": r.data_within(2048).hex()}),
             "enrolments": r.list(endless, lambda r: r.data_within(endless).hex()),
             "used": r.list(endless, lambda r: r.fixed(16)), "entries": list(chain(r.list(endless, read_entry)))}
    try:
        state["described"] = decode("descriptor", bytes.fromhex(state["descriptor"]))
        for enrolment in state["enrolments"]:
            decode("enrolment", bytes.fromhex(enrolment))
    except Refused:
        raise Refused("Malformed") from None
    return state, encoded, mac


def store_verify(data, root):
    state, encoded, mac = store_decode(data)
    vault = state["described"]
    label = f"cloison/v1/{vault['mode']}/"
    identity = point(private(scalar_of(root, label + "identity/p384/0")).public_key(), compressed=True)
    refuse_unless(identity.hex() == vault["identity"], "OtherVault")
    key = derive(root, label + "store/hmac-sha384/0", 48)
    head = bytes.fromhex(state["entries"][-1]["head"])
    found = hmac.digest(key, b"cloison/v1/store" + sha384(encoded) + struct.pack(">Q", state["generation"]) + head, "sha384")
    refuse_unless(found == mac, "Store(Unauthentic)")
    return state


def store_open(case):
    data = unhex(case["bytes"])
    return store_verify(data, present(store_decode(data)[0]["described"], case["cards"]))


def store(case):
    if case["check"] == "malformed":
        return refused(case, lambda: store_decode(unhex(case["bytes"])))
    if case["check"] == "refused":
        return refused(case, lambda: store_open(case))
    if case["check"] == "log":
        reader = Reader(b"".join(unhex(entry["bytes"]) for entry in case["entries"]))
        return same("entries", list(chain([read_entry(reader) for _ in case["entries"]])), case["entries"])
    root, before = unhex(case["root"]), store_open(case)
    same("store key", derive(root, f"cloison/v1/{case['mode']}/store/hmac-sha384/0", 48), unhex(case["store_key"]))
    same("vault id", before["described"]["vault"], case["vault"])
    for field in ("generation", "descriptor", "enrolments"):
        same(field, before[field], case[field])
    after = store_verify(unhex(case["after"]), root)
    same("entries after opening", after["entries"], case["entries"])
    same("entries before", before["entries"], case["entries"][:-1])
    opening = after["entries"][-1]
    same("the opening", (opening["cards"], opening["at"]),
         ([card_decode(unhex(c["bytes"]))[0]["index"] for c in case["cards"]], max(case["now"], before["entries"][-1]["at"])))
    same("generation after", after["generation"], case["generation"] + 1)


# ---- running -----------------------------------------------------------------------------------

def refused(case, decoder):
    """Runs a decoder that must refuse; the names are compared up to their details."""
    try:
        decoder()
    except Refused as error:
        strip = re.compile(r" \{[^}]*\}")
        return same("error", strip.sub("", str(error)), strip.sub("", case["error"]))
    raise AssertionError(f"not refused, expected {case['error']}")


CHECKS = {
    "age": age, "card": card, "derivation": derivation, "descriptor": message, "enrolment": message, "fingerprint": fingerprint,
    "frame": frame, "message": message, "public_keys": message, "reply": reply, "request": message, "shamir": shamir,
    "store": store, "text": text, "transfer": transfer,
}


def main():
    same("files", sorted(path.stem for path in FOLDER.glob("*.json")), sorted(CHECKS))
    passed = failed = 0
    for name, check in CHECKS.items():
        for number, case in enumerate(json.loads((FOLDER / f"{name}.json").read_text())):
            try:
                note = check(case)
                passed += 1
                print(f"ok  {name} {number}: {case['why']}" + (f" ({note})" if note else ""))
            except Exception as error:  # one broken case must not hide the others
                failed += 1
                print(f"BAD {name} {number}: {case['why']} {type(error).__name__}: {str(error)[:300]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


TEXT = json.loads((FOLDER / "text.json").read_text())

if __name__ == "__main__":
    sys.exit(main())
