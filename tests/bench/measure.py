"""Runs the optical bench and writes what it found into docs/performance.md; see tests/bench/run."""

import argparse
import json
import os
import pathlib
import platform
import secrets
import shutil
import subprocess
import sys

import plots
import readers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target" / "bench"
PAGE = ROOT / "docs" / "performance.md"
# Pictures that lie on the disk at a time: half a gigabyte.
PART = 300
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

# The order of the page, by the names that the bench gives; the two of the corpus are added here.
GOALS = [
    "bound", "ur", "payload", "frames", "cpu", "tear", "hostile", "hostile-wrong", "goodput", "render", "memory", "megabyte",
]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=None, help="repeats a run")
    options.add_argument("--count", type=int, default=1200, help="pictures of the corpus")
    options.add_argument("--repeat", type=int, default=3, help="readings of each picture")
    chosen = options.parse_args()
    seed = chosen.seed if chosen.seed is not None else secrets.randbits(32)
    print(f"seed {seed}", flush=True)
    pictures, scores = corpus(seed, chosen.count, chosen.repeat)
    found = bench(seed)
    rows = {row["name"]: row for row in found["rows"]}
    rows |= {row["name"]: row for row in compared(scores)}
    text = page(f"./tests/bench/run --seed {seed} --count {chosen.count}", pictures, scores, found["rows"], rows, chosen.repeat)
    for row in rows.values():
        print(f"{row['what']:<66} {row['measured']:>9.3f}  {row.get('goal', ''):>8}  {row['remark']}")
    write(text)
    folder = ROOT / "docs" / "performance"
    plots.recovery(folder, pictures, scores)
    plots.cpu(folder, scores)
    plots.fountain(folder, found["series"])
    plots.goodput(folder, found["series"])
    plots.tear(folder, found["series"])
    print(f"\n{PAGE.relative_to(ROOT)} and its plots are written.")


def cargo(*words):
    command = ["cargo", "bench", "--quiet", "--locked", "--package", "cloison-tests", "--bench", "optics", "--", *words]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def corpus(seed, count, repeat):
    """Lets every reader read the same pictures, a part of the corpus at a time."""
    pictures, results = [], {"Cloison": [], "zxing-cpp": [], "zbar": []}
    folder = TARGET / "corpus"
    for start in range(0, count, PART):
        shutil.rmtree(folder, ignore_errors=True)
        number = min(PART, count - start)
        cargo("corpus", "--seed", str(seed), "--from", str(start), "--count", str(number), "--out", str(folder))
        index = json.loads((folder / "index.json").read_text())
        pictures += index["pictures"]
        results["Cloison"] += json.loads(cargo("read", "--index", str(folder / "index.json"), "--repeat", str(repeat)))
        for name, reader in [("zxing-cpp", readers.zxing), ("zbar", readers.zbar)]:
            results[name] += readers.read(reader, folder, index, repeat)
        print(f"{start + number} of {count} pictures read", flush=True)
    shutil.rmtree(folder)
    return pictures, [readers.Score(name, pictures, found) for name, found in results.items()]


def bench(seed):
    file = TARGET / "optics.json"
    print(cargo("--seed", str(seed), "--json", str(file)), flush=True)
    return json.loads(file.read_text())


def compared(scores):
    ours, zxing, zbar = scores
    pairs = list(zip(ours.right, zxing.right, strict=True))
    only_ours, only_theirs = pairs.count((True, False)), pairs.count((False, True))
    read = ours.share() / zxing.share()
    remark = f"{100 * ours.share():.1f} % and {100 * zxing.share():.1f} %; {only_ours} only by ours, {only_theirs} only by zxing-cpp"
    yield row("frames", "frames read ÷ zxing-cpp's, same synthetic frames, fresh seed", read, "≥ 1.03", read >= 1.03, remark)
    cpu = ours.median() / zxing.median()
    remark = f"{ours.median():.2f} and {zxing.median():.2f} ms"
    yield row("cpu", "median CPU time a frame ÷ zxing-cpp's", cpu, "≤ 1.0", cpu <= 1, remark)
    yield row("frames-zbar", "frames read ÷ zbar's", ours.share() / zbar.share(), None, None, f"zbar {100 * zbar.share():.1f} %")
    yield row("cpu-zbar", "median CPU time a frame ÷ zbar's", ours.median() / zbar.median(), None, None, f"zbar {zbar.median():.2f} ms")


def row(name, what, measured, goal, reached, remark):
    found = {"name": name, "what": what, "measured": measured, "remark": remark}
    return found | {"goal": goal, "reached": reached} if goal else found


def page(command, pictures, scores, order, rows, repeat):
    parts = [f"`{command}`", machine(), goals(rows), "### Beside these", others(order, rows), "### Readers", reading(pictures, scores, repeat)]
    return "\n\n".join(parts)


def machine():
    info = pathlib.Path("/proc/cpuinfo")
    models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    model = models[0] if models else platform.machine()
    rust = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    return (
        f"Measured on {os.cpu_count()} cores of {model}, {platform.system()}, rustc {rust}, "
        f"zxing-cpp {version('zxing-cpp')}, pyzbar {version('pyzbar')}."
    )


def version(package):
    from importlib.metadata import version as installed

    return installed(package)


def number(value):
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def goals(rows):
    lines = ["| what | goal | reached | | remark |", "|---|---|---|---|---|"]
    for name in GOALS:
        row = rows[name]
        mark = "yes" if row["reached"] else "no"
        lines.append(f"| {row['what']} | {row['goal']} | {number(row['measured'])} | {mark} | {row['remark']} |")
    return "\n".join(lines)


def others(order, rows):
    lines = ["| what | measured | remark |", "|---|---|---|"]
    for row in [*order, rows["frames-zbar"], rows["cpu-zbar"]]:
        if "goal" not in row:
            lines.append(f"| {row['what']} | {number(row['measured'])} | {row['remark']} |")
    return "\n".join(lines)


def reading(pictures, scores, repeat):
    names = " | ".join(score.name for score in scores)
    lines = [f"| of {len(pictures)} pictures | {names} |", "|---|" + "---|" * len(scores)]

    def line(what, figure):
        lines.append(f"| {what} | " + " | ".join(figure(score) for score in scores) + " |")

    line("read", lambda score: f"{100 * score.share():.1f} %")
    line("wrong contents", lambda score: str(score.wrong))
    for camera in ["720p", "1080p"]:
        where = lambda place: pictures[place]["camera"] == camera  # noqa: E731
        line(f"median CPU time, {camera}, ms", lambda score: f"{score.median(where):.2f}")
    line("CPU time of 95 of 100, ms", lambda score: f"{score.p95():.1f}")
    for defect in dict.fromkeys(entry["defect"] for entry in pictures):
        where = lambda place: pictures[place]["defect"] == defect  # noqa: E731
        line(f"read: {defect}", lambda score: f"{100 * score.share(where):.0f} %")
    lines.append("")
    lines.append(f"Each picture was read {repeat} times by each reader; its time is the median of these.")
    return "\n".join(lines)


def write(text):
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
