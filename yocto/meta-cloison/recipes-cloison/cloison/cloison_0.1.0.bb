SUMMARY = "The Cloison appliance: init, kiosk and reader in one program"
DESCRIPTION = "Keeps keys behind an air gap: the program is the machine's first process, shows the \
kiosk on its display, and reads codes with its camera in a process of its own."
SECTION = "base"
LICENSE = "GPL-3.0-only & (MIT | Apache-2.0)"
LIC_FILES_CHKSUM = "\
    file://LICENSE-APACHE;md5=3b83ef96387f14655fc854ddc3c6bd57 \
    file://LICENSE-MIT;md5=3f793cf5e4907debf5a7d14ca7a1d0db \
    file://${COMMON_LICENSE_DIR}/GPL-3.0-only;md5=c79ff39f19dfec6d293b95dea7b07891 \
    "
# The template of the data partition is a new file system.
DEPENDS = "e2fsprogs-native"

# The checkout that the layer lies in, at what it has checked out; a release names its commit.
SRC_URI = "git://${CLOISON_SOURCE};protocol=file;usehead=1;nobranch=1"
SRCREV ?= "${AUTOREV}"

inherit cargo cargo-update-recipe-crates pkgconfig

require ${BPN}-crates.inc

# Without the window, which is for training on a desk.
CARGO_BUILD_FLAGS += "--package cloison-device --bin cloison-appliance --no-default-features"

# The system call itself: no search for it in a library, and no file of chance to be let into.
RUSTFLAGS:append = " --cfg getrandom_backend=\"linux_getrandom\""

CLOISON_DATA_UUID = "c1015000-0000-4000-8000-000000000001"

do_compile:append() {
    truncate -s 0 ${B}/data.ext4
    truncate -s 64M ${B}/data.ext4
    E2FSPROGS_FAKE_TIME=1 mkfs.ext4 -q -F -b 4096 -m 0 -L cloison-data -U ${CLOISON_DATA_UUID} \
        -E hash_seed=${CLOISON_DATA_UUID},lazy_itable_init=0,lazy_journal_init=0,nodiscard,root_owner=0:0 ${B}/data.ext4
    python3 ${CLOISON_LAYER}/lib/cloison/template.py pack ${B}/data.ext4 ${B}/data.template
    echo "cloison ${PV} ${MACHINE}" > ${B}/release
}
do_compile[file-checksums] += "${CLOISON_LAYER}/lib/cloison/template.py:True"

do_install() {
    install -m 0555 ${B}/target/${CARGO_TARGET_SUBDIR}/cloison-appliance ${D}/cloison
    install -m 0444 ${B}/data.template ${D}/data.ext4
    install -m 0444 ${B}/release ${D}/release
    install -d ${D}${base_sbindir}
    ln -s /cloison ${D}${base_sbindir}/init
    for place in dev proc sys run data data/store boot; do
        install -d -m 0555 ${D}/$place
    done
}

# The release file names the machine.
PACKAGE_ARCH = "${MACHINE_ARCH}"
FILES:${PN} += "/cloison /data.ext4 /release ${base_sbindir}/init /dev /proc /sys /run /data /boot"
