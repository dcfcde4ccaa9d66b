"""Checks the published vectors without a line of Cloison's code.

Written from docs/formats.md. What is here by hand: postcard, GF(256), HPKE (RFC 9180), the
MLKEM1024-P384 combiner, age's text header. The primitives come from PyPI (requirements.txt).

What is not checked here: RaptorQ's repair symbols (RFC 6330), of which Python has no
implementation that does not wrap the crate that we use ourselves; only their frames are.
"""

import json
import sys

from basics import derivation, fingerprint, FOLDER, same, shamir, text
from messages import card, message, reply
from card_words import card_words
from artefacts import age, frame, pattern, transfer
from records import record
from store import store

CHECKS = {
    "age": age, "backup": message, "card": card, "card_words": card_words, "derivation": derivation, "descriptor": message,
    "enrolment": message, "fingerprint": fingerprint, "frame": frame, "log": record, "message": message,
    "pattern": pattern, "plan": message,
    "public_keys": message, "reply": reply, "request": message, "shamir": shamir, "store": store, "succession": message,
    "text": text, "transcript": record, "transfer": transfer,
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


if __name__ == "__main__":
    sys.exit(main())
