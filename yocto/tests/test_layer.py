"""What the layer does itself, tried without bitbake: python3 -m unittest discover -s yocto/tests."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

YOCTO = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(YOCTO / "meta-cloison/lib"))

from cloison import buildlist, root, template, verity  # noqa: E402


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)


class Crates(Folder):
    """`yocto/crates`, on a copy of the two files it reads and of the recipe's folder."""

    def setUp(self) -> None:
        super().setUp()
        for name in ("Cargo.toml", "Cargo.lock"):
            shutil.copy(YOCTO.parent / name, self.folder)
        self.recipe = self.folder / "yocto/meta-cloison/recipes-cloison/cloison"
        shutil.copytree(YOCTO / "meta-cloison/recipes-cloison/cloison", self.recipe)

    def crates(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(YOCTO / "crates"), "--root", str(self.folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def test_the_list_is_current(self) -> None:
        said = self.crates("--check")
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        self.assertRegex(said.stdout, r"^\d{3} crates, as in Cargo.lock.$")

    def test_a_changed_lock_file_is_noticed_and_named(self) -> None:
        sums = re.findall(r'^checksum = "([0-9a-f]{64})"$', (self.folder / "Cargo.lock").read_text(), re.M)
        self.change("Cargo.lock", sums[40], "0" * 64)
        said = self.crates("--check")
        self.assertEqual(said.returncode, 1)
        self.assertIn(f'.sha256sum] = "{sums[40]}"', said.stdout)
        self.assertIn("Run ./yocto/crates", said.stderr)
        self.assertEqual(self.crates().returncode, 0)
        self.assertEqual(self.crates("--check").returncode, 0)

    def test_a_crate_that_left_the_lock_file_is_noticed(self) -> None:
        packages = (self.folder / "Cargo.lock").read_text().split("\n\n")
        gone = next(at for at, package in enumerate(packages) if "checksum" in package)
        (self.folder / "Cargo.lock").write_text("\n\n".join(packages[:gone] + packages[gone + 1 :]))
        self.assertEqual(self.crates("--check").returncode, 1)

    def test_a_missing_list_is_noticed(self) -> None:
        (self.recipe / "cloison-crates.inc").unlink()
        self.assertEqual(self.crates("--check").returncode, 1)

    def test_a_crate_from_elsewhere_is_refused(self) -> None:
        self.change("Cargo.lock", 'source = "registry+', 'source = "git+')
        self.assertIn("does not come from the registry", self.crates().stderr)

    def test_a_version_without_its_recipe_is_noticed(self) -> None:
        self.change("Cargo.toml", '[workspace.package]\nversion = "', '[workspace.package]\nversion = "9')
        self.assertIn("Rename the recipe", self.crates("--check").stderr)


class Verity(Folder):
    """The hash tree, beside `veritysetup`, which is another's implementation of it."""

    # Around each number of blocks at which the tree gets one more level.
    COUNTS = (1, 2, 127, 128, 129, 128 * 128, 128 * 128 + 1)

    @unittest.skipUnless(shutil.which("veritysetup"), "veritysetup (cryptsetup-bin) is not installed")
    def test_the_tree_is_what_veritysetup_writes(self) -> None:
        for count in self.COUNTS:
            image = random.Random(count).randbytes(count * verity.BLOCK)
            sealed, said = verity.seal(image, "PARTUUID=c1015017-03")
            digest, salt = re.search(r"sha256 ([0-9a-f]{64}) ([0-9a-f]{64}) ", said).groups()
            (self.folder / "image").write_bytes(image)
            options = ["--no-superblock", f"--data-blocks={count}", f"--hash-offset={len(image)}", f"--salt={salt}"]
            paths = [str(self.folder / "image")] * 2
            theirs = subprocess.run(["veritysetup", "format", *options, *paths], capture_output=True, text=True, check=True)
            self.assertIn(digest, theirs.stdout, count)
            self.assertEqual((self.folder / "image").read_bytes(), sealed, count)

    def test_a_sealed_image_verifies_and_one_changed_bit_anywhere_does_not(self) -> None:
        chance = random.Random(7)
        sealed, said = verity.seal(chance.randbytes(129 * verity.BLOCK), "PARTUUID=c1015017-03")
        verity.check(sealed, said + " root=/dev/dm-0")
        for _ in range(40):
            changed = bytearray(sealed)
            changed[chance.randrange(len(sealed))] ^= 1 << chance.randrange(8)
            with self.assertRaises(ValueError):
                verity.check(bytes(changed), said)

    def test_an_image_that_is_cut_or_empty_is_refused(self) -> None:
        sealed, said = verity.seal(bytes(range(256)) * 48, "PARTUUID=c1015017-03")
        for wrong in (sealed[:-1], sealed[: verity.BLOCK], b""):
            with self.assertRaises(ValueError):
                verity.check(wrong, said)
        with self.assertRaises(ValueError):
            verity.check(sealed, "root=/dev/mmcblk0p3")
        with self.assertRaises(ValueError):
            verity.seal(b"", "PARTUUID=c1015017-03")

    def test_the_same_image_is_sealed_to_the_same_bytes(self) -> None:
        self.assertEqual(verity.seal(b"root", "PARTUUID=c1015017-03"), verity.seal(b"root", "PARTUUID=c1015017-03"))


class Template(unittest.TestCase):
    """The file system of the data partition, packed."""

    @staticmethod
    def file_system(blocks: list[bytes], free: int) -> bytes:
        """Gives three blocks that describe these and the free ones behind them, as far as it is looked at."""
        used = 3 + len(blocks)
        first = bytearray(template.BLOCK)
        first[1036:1040] = free.to_bytes(4, "little")
        first[1080:1082] = b"\x53\xef"
        groups = (2).to_bytes(template.BLOCK, "little")
        bitmap = ((1 << used) - 1).to_bytes(template.BLOCK, "little")
        return bytes(first) + groups + bitmap + b"".join(blocks) + bytes(free * template.BLOCK)

    def test_unpacked_is_what_was_packed(self) -> None:
        chance = random.Random(3)
        for _ in range(60):
            blocks = [chance.choice((bytes(template.BLOCK), chance.randbytes(template.BLOCK))) for _ in range(chance.randrange(40))]
            system = self.file_system(blocks, 1 + chance.randrange(9))
            packed = template.pack(system)
            self.assertEqual(template.unpack(packed), system)
            kept = 3 + sum(any(block) for block in blocks)
            self.assertEqual(len(packed), 24 + kept * (template.BLOCK + 4))

    def test_a_template_that_is_not_one_is_refused(self) -> None:
        good = template.pack(self.file_system([b"x" * template.BLOCK], 1))
        huge = template.MAGIC + (4096).to_bytes(4, "little") + b"\xff\xff\xff\xff"
        twice = good + good[24 : 24 + template.BLOCK + 4]
        for wrong in (b"", good[:20], good[:-1], b"X" + good[1:], huge, twice):
            with self.assertRaises(ValueError):
                template.unpack(wrong)

    def test_what_would_not_be_written_whole_is_refused(self) -> None:
        good = self.file_system([b"x" * template.BLOCK], 2)
        bitmap = 2 * template.BLOCK
        for at, byte in ((bitmap, 0b1101), (bitmap, 0b11111), (1036, 1), (1036, 9), (1080, 0), (template.BLOCK, 200)):
            with self.assertRaises(ValueError, msg=f"byte {at}"):
                template.pack(good[:at] + bytes([byte]) + good[at + 1 :])
        for wrong in (b"", b"short", bytes(template.BLOCK)):
            with self.assertRaises(ValueError):
                template.pack(wrong)


class Root(Folder):
    """The root file system, kept to its list."""

    def setUp(self) -> None:
        super().setUp()
        for name in sorted(root.FOLDERS):
            (self.folder / name).mkdir()
        for name, runs in root.FILES.items():
            (self.folder / name).write_bytes(b"x")
            (self.folder / name).chmod(0o555 if runs else 0o444)
        for name, target in root.LINKS.items():
            (self.folder / name).symlink_to(target)

    def test_the_root_of_the_list_is_accepted_and_left_alone(self) -> None:
        self.assertEqual(root.strangers(self.folder), [])
        root.bare(self.folder)
        self.assertEqual(root.strangers(self.folder), [])

    def test_what_packages_bring_is_taken_away(self) -> None:
        for name in ("etc/opkg/arch.conf", "var/lib/opkg/status", "usr/sbin/iconvconfig", "lib/libresolv.so.2", "lib/libnss_dns.so.2"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(b"x")
        self.assertEqual(len(root.strangers(self.folder)), 12)
        root.bare(self.folder)
        self.assertEqual(root.strangers(self.folder), [])

    def test_a_shell_a_module_a_device_and_a_link_are_refused(self) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sh").write_bytes(b"x")
        (self.folder / "lib/modules").mkdir()
        (self.folder / "lib/modules/e1000.ko").write_bytes(b"x")
        os.mkfifo(self.folder / "dev/pipe")
        (self.folder / "data/etc").symlink_to("/etc")
        root.bare(self.folder)
        refused = [line.split(":")[0] for line in root.strangers(self.folder)]
        self.assertEqual(refused, ["bin", "bin/sh", "data/etc", "dev/pipe", "lib/modules", "lib/modules/e1000.ko"])

    def test_a_missing_or_writable_or_borrowed_program_is_refused(self) -> None:
        program = self.folder / "cloison"
        for mode in (0o557, 0o4555, 0o444):
            program.chmod(mode)
            self.assertEqual(len(root.strangers(self.folder)), 1, oct(mode))
        program.unlink()
        self.assertEqual(root.strangers(self.folder), ["cloison: missing"])


class BuildList(unittest.TestCase):
    """What an image is built from."""

    GOOD = ["cloison", "cloison-image", "glibc", "libgcc", "linux-yocto", "openssl-native", "curl-native", "gcc-cross-aarch64"]

    def test_what_is_for_the_building_machine_may_speak_to_a_network(self) -> None:
        self.assertEqual(buildlist.wrong(self.GOOD), [])

    def test_what_speaks_to_a_network_on_the_device_is_named(self) -> None:
        for name in ("dropbear", "wpa-supplicant", "bluez5", "linux-firmware-rpidistro", "openssl", "iproute2", "systemd-boot"):
            self.assertEqual(buildlist.wrong([*self.GOOD, name]), [f"{name} speaks to a network"])

    def test_a_stranger_is_named_too(self) -> None:
        self.assertEqual(buildlist.wrong([*self.GOOD, "bash"]), ["bash is not on the list"])

    def test_a_list_of_something_else_is_refused(self) -> None:
        self.assertEqual(buildlist.wrong(["core-image-base", "glibc"])[1:], ["cloison is missing", "cloison-image is missing", "a kernel is missing"])
        self.assertEqual(len(buildlist.wrong([])), 4)


class Kernel(unittest.TestCase):
    """The fragments of the kernel's configuration."""

    def test_no_option_is_asked_for_twice_or_against_itself(self) -> None:
        asked: dict[str, str] = {}
        for path in sorted((YOCTO / "meta-cloison/recipes-kernel/linux/files").glob("*.cfg")):
            for line in path.read_text().splitlines():
                found = re.fullmatch(r"(?:# )?(CONFIG_[A-Z0-9_]+)(?:=(y|\".*\")| is not set)", line)
                if found is None:
                    self.assertRegex(line, r"^(# [A-Z].*|# [a-z].*|)$", path.name)
                    continue
                self.assertNotIn(found[1], asked, f"{path.name} and {asked.get(found[1])}")
                asked[found[1]] = path.name
        self.assertGreater(len(asked), 100)


if __name__ == "__main__":
    unittest.main()
