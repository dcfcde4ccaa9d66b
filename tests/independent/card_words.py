"""Cards as words, written and read as docs/formats.md §13 says."""

import re
import struct
import unicodedata

from mnemonic import Mnemonic

from basics import refuse_unless, Refused, refused, same, sha384, unhex
from messages import card_decode, WHITE_SPACE

LISTS = {"English": Mnemonic("english").wordlist, "French": Mnemonic("french").wordlist}
SEPARATORS = re.compile(f"[{WHITE_SPACE}\u2010-\u2015-]+")
NUMBER = re.compile(r"[0-9]{1,2}(?:[.):]|\Z)")


def plain(word):
    kept = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.category(c).startswith("M"))
    return re.sub("[A-Z]", lambda letter: chr(ord(letter[0]) + 32), kept)


INDEX = {name: {plain(word): number for number, word in enumerate(words)} for name, words in LISTS.items()}
assert all(len(index) == 2048 for index in INDEX.values())


# ---- writing ------------------------------------------------------------------------------------

def check_word(number, indices):
    words = b"".join(struct.pack(">H", index) for index in indices)
    return int.from_bytes(sha384(b"cloison/v1/card-line", bytes([number]), words)[:2], "big") >> 5


def write_bits(bits, name):
    """649 bits as lines, each with its check word."""
    indices = [bits >> 11 * (58 - word) & 2047 for word in range(59)]
    rows = [indices[start:start + 6] for start in range(0, 59, 6)]
    rows = [row + [check_word(number, row)] for number, row in enumerate(rows, 1)]
    return [" ".join(unicodedata.normalize("NFC", LISTS[name][index]) for index in row) for row in rows]


def write(data, name):
    return write_bits(int.from_bytes(data, "big") << 9, name)


# ---- reading ------------------------------------------------------------------------------------

def split(text):
    return [word for word in SEPARATORS.split(text) if word]


def unnumbered(words):
    first = [NUMBER.sub("", words[0], count=1)] if words and NUMBER.match(words[0]) else words[:1]
    return [word for word in first if word] + words[1:]


def split_lines(text):
    lines = [line for line in map(unnumbered, map(split, text.split("\n"))) if line]
    if len(lines) != 1:
        return lines
    rest, lines = split(text), []
    for number in range(10):
        rest = unnumbered(rest)
        count = 7 if number < 9 else len(rest)
        lines.append(rest[:count])
        rest = rest[count:]
    return lines


def list_of(lines):
    """The name of the list that the words are of, or None where no word tells."""
    words = [word for line in lines for word in line]
    refuse_unless(words, "Empty")
    inside = {name: [word in index for word in words] for name, index in INDEX.items()}
    count = {name: sum(known) for name, known in inside.items()}
    refuse_unless(any(count.values()), "NotWords")
    if count["English"] != count["French"]:
        return max(count, key=count.get)
    telling = (pair for pair in zip(inside["English"], inside["French"]) if pair[0] != pair[1])
    return {(True, False): "English", (False, True): "French", None: None}[next(telling, None)]


def in_its_list(lines, read):
    name = list_of(lines)
    if name:
        return read(name)
    try:
        return read("English")
    except Refused as error:
        try:
            return read("French")
        except Refused:
            raise error from None


def distance(a, b):
    row = list(range(len(b) + 1))
    for above, letter in enumerate(a, 1):
        before, row = row, [above]
        for at, other in enumerate(b, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (letter != other)))
    return row[-1]


def nearest(name, typed):
    distances = [distance(word, typed) for word in INDEX[name]]
    least = min(distances)
    if least > 2 or distances.count(least) > 1:
        return "None"
    return 'Some("' + unicodedata.normalize("NFC", LISTS[name][distances.index(least)]) + '")'


def read_line(name, number, words):
    expected = 7 if number < 10 else 6
    refuse_unless(len(words) == expected, f"WrongCount {{ line: {number}, found: {len(words)}, expected: {expected} }}")
    for place, word in enumerate(words, 1):
        if word not in INDEX[name]:
            other = INDEX["French" if name == "English" else "English"]
            refuse_unless(word not in other, f"Mixed {{ line: {number}, word: {place}, list: {name} }}")
            raise Refused(f"UnknownWord {{ line: {number}, word: {place}, nearest: {nearest(name, word)} }}")
    indices = [INDEX[name][word] for word in words]
    refuse_unless(check_word(number, indices[:-1]) == indices[-1], f"Slip {{ line: {number} }}")
    return indices[:-1]


def read_card(name, lines):
    refuse_unless(len(lines) == 10, f"WrongLines {{ found: {len(lines)}, expected: 10 }}")
    bits = 0
    for number, line in enumerate(lines, 1):
        for index in read_line(name, number, line):
            bits = bits << 11 | index
    refuse_unless(bits & 511 == 0, "Padding")
    data = (bits >> 9).to_bytes(80, "big")
    try:
        card_decode(data)
    except Refused as error:
        if str(error) == "Damaged":
            raise Refused("NotOneCard") from None
        version = f" {{ found: {data[0] & 15}, known: 1 }}" if str(error) == "Version" else ""
        raise Refused(f"Card({error}{version})") from None
    return data


def within(text):
    found = len(text.encode())
    refuse_unless(found <= 4096, f"TooLong {{ found: {found}, limit: 4096 }}")


def read(text):
    within(text)
    lines = [[plain(word) for word in line] for line in split_lines(text)]
    return in_its_list(lines, lambda name: read_card(name, lines))


def check_line(number, text):
    refuse_unless(1 <= number <= 10, f"NoSuchLine({number})")
    within(text)
    words = [plain(word) for word in unnumbered(split(text))]

    def in_list(name):
        read_line(name, number, words)
        return name
    return in_its_list([words], in_list)


# ---- cases --------------------------------------------------------------------------------------

def typed(case):
    return unhex(case["utf8"]).decode() if "utf8" in case else case["typed"]


def card_words(case):
    if case["check"] == "written":
        data = unhex(case["bytes"])
        same("lines", write(data, case["list"]), case["lines"])
        same("list of each line", [check_line(number, line) for number, line in enumerate(case["lines"], 1)], [case["list"]] * 10)
        return same("card", read("\n".join(case["lines"])), data)
    if case["check"] == "typed":
        return same("card", read(typed(case)), unhex(case["bytes"]))
    if case["check"] == "line":
        return same("list", check_line(case["line"], typed(case)), case["list"])
    if case["check"] == "malformed-line":
        return refused(case, lambda: check_line(case["line"], typed(case)))
    same("check", case["check"], "malformed")
    return refused(case, lambda: read(typed(case)))
