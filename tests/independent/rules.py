"""What a policy, a vault's limits and a plan must be, as docs/formats.md §5 and §24 say."""

import unicodedata

from basics import refuse_unless, Refused

WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
MAKES = {("text", "p384"), ("digest", "p384"), ("age", "p384"), ("age", "mlkem1024p384")}


def check_policy(policy, usage, k, n):
    approvals, batch = policy["approvals"], policy["batch"]
    asked = f"Approvals {{ asked: {approvals}, threshold: {k}, cards: {n} }}"
    refuse_unless(approvals == 0 or k <= approvals <= n, asked)
    refuse_unless(policy["each"] or approvals <= k, "ApprovalsOfASession")
    refuse_unless(1 <= batch <= 100, f"Batch {{ asked: {batch}, most: 100 }}")
    quotas = (policy["per_session"], policy["per_day"], policy["total"])
    refuse_unless(min(quotas) >= batch, f"QuotaBelowBatch {{ batch: {batch} }}")
    refuse_unless(usage == "age" or not (policy["view_only"] or policy["declared_only"]), "NotForRecords")


def allowed(policy, usage, k, n):
    try:
        check_policy(policy, usage, k, n)
        return True
    except Refused:
        return False


def possible(limits):
    idle, session = limits["idle_minutes"], limits["session_minutes"]
    return 1 <= idle <= 60 and idle <= session <= 720


def folded(name):
    return unicodedata.normalize("NFKC", name.strip(WHITE_SPACE)).lower()


def check_plan(plan):
    """Refuses with the first fault, in the order in which a plan is written."""
    k, n = plan["threshold"], sum(person["role"] == "custodian" for person in plan["people"])
    refuse_unless(plan["title"].strip(WHITE_SPACE), "NoTitle")
    refuse_unless(2 <= k <= n <= 16, f"Threshold {{ threshold: {k}, cards: {n}, most: 16 }}")
    names = []
    for number, person in enumerate(plan["people"], 1):
        refuse_unless(person["name"].strip(WHITE_SPACE), f"NoName {{ person: {number} }}")
        name = folded(person["name"])
        if name in names:
            raise Refused(f"NameTaken {{ first: {names.index(name) + 1}, second: {number} }}")
        names.append(name)
    refuse_unless(plan["keys"], "NoKeys")
    for number, key in enumerate(plan["keys"], 1):
        refuse_unless(key["usage"] in {usage for usage, _ in MAKES}, f"UnknownUsage {{ key: {number} }}")
        refuse_unless((key["usage"], key["algorithm"]) in MAKES, f"UnknownAlgorithm {{ key: {number} }}")
        try:
            check_policy(key["policy"], key["usage"], k, n)
        except Refused as fault:
            raise Refused(f"Policy {{ key: {number}, fault: {fault} }}") from None
    refuse_unless(plan["languages"], "NoLanguage")
    refuse_unless(possible(plan["limits"]), "Limits")
