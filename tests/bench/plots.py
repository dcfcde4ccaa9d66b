"""The plots of docs/performance.md, each as SVG and PNG."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot  # noqa: E402

# The same data give the same file.
matplotlib.rcParams["svg.hashsalt"] = "cloison"
matplotlib.rcParams["font.size"] = 9
COLOURS = ["#1b6ca8", "#d1495b", "#8d8d8d", "#2e8b57", "#e0a030"]


def saved(figure, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})
    plot.close(figure)


def recovery(folder, pictures, scores):
    figure, (left, right) = plot.subplots(1, 2, figsize=(11, 4))
    defects = list(dict.fromkeys(entry["defect"] for entry in pictures))
    for number, score in enumerate(scores):
        shares = [100 * score.share(lambda place: pictures[place]["defect"] == defect) for defect in defects]
        places = [place + 0.27 * (number - 1) for place in range(len(defects))]
        left.bar(places, shares, 0.26, label=score.name, color=COLOURS[number])
        bands = [range(low, low + 6) for low in range(5, 41, 6)]
        shares = [100 * score.share(lambda place: pictures[place]["version"] in band) for band in bands]
        right.plot([band[0] + 2.5 for band in bands], shares, "o-", label=score.name, color=COLOURS[number])
    left.set_xticks(range(len(defects)), defects, rotation=45)
    left.set(ylabel="pictures read, %", title="by what is wrong with them", ylim=(0, 105))
    right.set(xlabel="version of the symbol", title="by size of the code", ylim=(0, 105))
    right.legend(loc="lower left")
    saved(figure, folder, "recovery")


def cpu(folder, scores):
    figure, axes = plot.subplots(figsize=(6, 4))
    for number, score in enumerate(scores):
        times = sorted(score.millis)
        axes.plot(times, [100 * (place + 1) / len(times) for place in range(len(times))], label=score.name, color=COLOURS[number])
    axes.set(xscale="log", xlabel="CPU time of a picture, ms", ylabel="pictures done by then, %", title="read or given up")
    axes.legend()
    axes.grid(alpha=0.3)
    saved(figure, folder, "cpu")


def points(series, name):
    return [entry["point"] for entry in series if entry["plot"] == name]


def fountain(folder, series):
    figure, (left, right) = plot.subplots(1, 2, figsize=(11, 4))
    chosen = points(series, "fountain")
    losses = sorted({point["loss"] for point in chosen})
    for number, loss in enumerate(losses):
        ours = [point for point in chosen if point["frame"] != 1000 and point["loss"] == loss]
        label = f"Cloison, {100 * loss:.0f} % loss"
        left.plot([p["size"] for p in ours], [p["ratio"] for p in ours], "o-", label=label, color=COLOURS[number])
    left.axhline(1.02, color="black", linestyle=":", linewidth=1, label="goal")
    left.set(xscale="log", xlabel="payload, bytes", ylabel="frames shown ÷ information bound", ylim=(1, 1.06))
    left.set(title="frames of 1465 bytes, joining anywhere")
    left.legend()
    for number, code in enumerate(["Cloison", "BC-UR"]):
        bars = [point["ratio"] for point in chosen if point["frame"] == 1000 and point["code"] == code]
        right.bar([place + 0.4 * number - 0.2 for place in range(len(bars))], bars, 0.38, label=code, color=COLOURS[number])
    right.axhline(1, color="black", linestyle=":", linewidth=1)
    right.set_xticks(range(len(losses)), [f"{100 * loss:.0f} %" for loss in losses])
    right.set(xlabel="frames lost", title="100 kB in frames of 1000 bytes, joining anywhere")
    right.legend(loc="lower right")
    saved(figure, folder, "fountain")


def goodput(folder, series):
    figure, (left, right) = plot.subplots(1, 2, figsize=(11, 4))
    chosen = points(series, "goodput")
    for number, version in enumerate(sorted({point["version"] for point in chosen})):
        line = [point for point in chosen if point["version"] == version]
        rates = [point["rate"] for point in line]
        label = f"2 × v{version}-L"
        left.plot(rates, [point["kbytes"] for point in line], "o-", label=label, color=COLOURS[number])
        right.plot(rates, [point["load"] for point in line], "o-", label=label, color=COLOURS[number])
    left.set(xlabel="frames shown a second", ylabel="kB/s through pixels", title="800×480 before 1080p, 30 a second, 10 % loss")
    right.set(xlabel="frames shown a second", ylabel="CPU seconds a second", title="the reader's load on one core", ylim=(0, None))
    left.legend()
    saved(figure, folder, "goodput")


def tear(folder, series):
    figure, axes = plot.subplots(figsize=(6, 4))
    chosen = points(series, "tear")
    for number, level in enumerate(sorted({point["level"] for point in chosen})):
        line = [point for point in chosen if point["level"] == level]
        axes.plot([p["torn"] for p in line], [100 * p["read"] for p in line], "o-", label=f"level {level}", color=COLOURS[number])
    axes.set(xlabel="share of the code that shows the next frame, %", ylabel="pictures read, %", ylim=(0, 105))
    axes.legend()
    saved(figure, folder, "tear")
