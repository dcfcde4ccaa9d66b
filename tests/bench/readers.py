"""Readers of QR symbols side by side: the same pictures, one thread, CPU time of each picture."""

import statistics
import time

import numpy
import pyzbar.pyzbar
import zxingcpp
from PIL import Image


def zxing(picture):
    """zxing-cpp with its defaults, for QR symbols only."""
    return [code.bytes for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def zbar(picture):
    """zbar with its defaults, for QR symbols only."""
    return [code.data for code in pyzbar.pyzbar.decode(picture, symbols=[pyzbar.pyzbar.ZBarSymbol.QRCODE])]


def read(reader, folder, index, repeat):
    """Gives, for each picture, the contents found in hex and the CPU microseconds of each repetition."""
    results = []
    for entry in index["pictures"]:
        picture = numpy.array(Image.open(folder / entry["file"]))
        micros = []
        for _ in range(repeat):
            begun = time.thread_time_ns()
            found = reader(picture)
            micros.append((time.thread_time_ns() - begun) / 1000)
        results.append({"file": entry["file"], "symbols": [bytes(code).hex() for code in found], "micros": micros})
    return results


class Score:
    """What one reader made of the corpus."""

    def __init__(self, name, pictures, results):
        self.name = name
        self.right, self.wrong, self.millis = [], 0, []
        for entry, result in zip(pictures, results, strict=True):
            assert entry["file"] == result["file"]
            right = [content for content in result["symbols"] if content in entry["contents"]]
            self.right.append(bool(right))
            self.wrong += len(result["symbols"]) - len(right)
            self.millis.append(statistics.median(result["micros"]) / 1000)

    def share(self, where=None):
        """Tells the share of pictures read, of those where something holds."""
        chosen = [right for place, right in enumerate(self.right) if where is None or where(place)]
        return sum(chosen) / len(chosen) if chosen else float("nan")

    def median(self, where=None):
        """Tells the median CPU time of a picture, in milliseconds."""
        return statistics.median(time for place, time in enumerate(self.millis) if where is None or where(place))

    def p95(self):
        """Tells the CPU time below which 95 of 100 pictures stay."""
        return sorted(self.millis)[int(0.95 * (len(self.millis) - 1))]
