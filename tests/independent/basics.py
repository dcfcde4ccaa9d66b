"""Hashes, curves, HPKE, keys, shares and text, as docs/formats.md §2, §4, §12, §14 and §15 say."""

import hashlib
import hmac
import itertools
import pathlib
import re
import struct
import unicodedata

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mnemonic import Mnemonic

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
CURVE = ec.SECP384R1()
WORDS = Mnemonic("english").wordlist
REFUSED = """
    0000-001F 007F-009F 00AD 034F 115F-1160 17B4-17B5 180B-180F 0590-08FF FB1D-FDFF FE70-FEFF 10800-10FFF 1E800-1EFFF
    200B-200F 2028-202E 2060-206F 2800 3164 FFA0 FE00-FE0F FFF0-FFFB 13430-1345F 1BCA0-1BCA3 1D173-1D17A E000-F8FF F0000-10FFFF E0000-E0FFF
"""
REFUSED = [(int(span.split("-")[0], 16), int(span.split("-")[-1], 16)) for span in REFUSED.split()]


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


def refused(case, decoder):
    """Runs a decoder that must refuse; its details are compared where the decoder gives them."""
    try:
        decoder()
    except Refused as error:
        strip = re.compile(r" \{[^}]*\}")
        return same("error", str(error), case["error"] if strip.search(str(error)) else strip.sub("", case["error"]))
    raise AssertionError(f"not refused, expected {case['error']}")


# ---- hashes, curves, HPKE -----------------------------------------------------------------------

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


def hybrid_key(data):
    """A public key of MLKEM1024-P384: the modulus check of FIPS 203 §7.2, and an uncompressed point."""
    refuse_unless(len(data) == 1665 and data[1568] == 4, "NotAKey")
    for a, b, c in zip(*(data[start:1536:3] for start in range(3))):
        refuse_unless(a | (b & 15) << 8 < 3329 and b >> 4 | c << 4 < 3329, "NotAKey")
    try:
        return data[:1568] + point(public(data[1568:]))
    except ValueError:
        raise Refused("NotAKey") from None


def verifies(key, signature, message, hashed=hashes.SHA384()):
    r, s = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    try:
        public(key).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashed))
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


# ---- keys and shares ----------------------------------------------------------------------------

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


def interpolate(shares, threshold, at):
    """The value at `at` of the polynomials over GF(256) through exactly k distinct shares (Lagrange)."""
    xs = [x for x, _ in shares]
    refuse_unless(threshold >= 2 and len(xs) == threshold == len(set(xs)) and 0 not in xs, "shares")
    value = bytearray(32)
    for x, share in shares:
        weight = 1
        for other in xs:
            if other != x:
                weight = multiply(weight, multiply(other ^ at, INVERSE[x ^ other]))
        for place, byte in enumerate(share):
            value[place] ^= multiply(weight, byte)
    return bytes(value)


def recombine(shares, threshold):
    return interpolate(shares, threshold, 0)


def derivation(case):
    root, mode = unhex(case["root"]), case["mode"]
    if case["check"] == "vault-id":
        same("label", case["info"], f"cloison/v1/{mode}/vault-id")
        return same("vault id", derive(root, case["info"], 16), unhex(case["id"]))
    same("label", case["info"], "cloison/v1/{mode}/{usage}/{algorithm}/{number}".format(**case))
    if case["check"] in ("store-key", "store-cipher-key"):
        length = {"store-key": 48, "store-cipher-key": 32}[case["check"]]
        return same("store's key", derive(root, case["info"], length), unhex(case["key"]))
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
        for index, value in shares:
            same(f"share {index}", interpolate(subset, case["threshold"], index), value)


# ---- text and words -----------------------------------------------------------------------------

def unshowable(character):
    number = ord(character)
    return number & 0xFFFF >= 0xFFFE or any(first <= number <= last for first, last in REFUSED)


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
        published = {number for span in case["refused"] for number in range(span["first"], span["last"] + 1)}
        for number in itertools.chain(range(0xD800), range(0xE000, 0x110000)):
            character = chr(number)
            same(f"U+{number:04X}", unshowable(character), number in published)
            right_to_left = unicodedata.bidirectional(character) in ("R", "AL", "AN")
            if right_to_left or unicodedata.category(character) in ("Cc", "Co", "Zl", "Zp"):
                assert unshowable(character), f"U+{number:04X} is allowed"
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
