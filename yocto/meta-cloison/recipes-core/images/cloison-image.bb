SUMMARY = "The card image of the Cloison appliance"
DESCRIPTION = "A card that starts the kiosk from a read-only, verified root which holds one program \
and the C library it is linked to, and nothing else."
LICENSE = "GPL-3.0-only & (MIT | Apache-2.0)"

# Not IMAGE_INSTALL: that would bring what every image is usually given.
PACKAGE_INSTALL = "cloison"
IMAGE_FEATURES = ""
IMAGE_LINGUAS = ""
IMAGE_FSTYPES = "squashfs-zst.verity wic wic.xz wic.bmap"
IMAGE_TYPEDEP:wic = "squashfs-zst.verity"
IMAGE_ROOTFS_SIZE = "8192"
IMAGE_ROOTFS_EXTRA_SPACE = "0"

# Among the classes of images, which come after the types that it adds to.
IMAGE_CLASSES += "cloison_root"

inherit image

WKS_FILE = "cloison.wks.in"
# Not the boot loaders of other machines, which the types of images ask for unless told.
WKS_FILE_DEPENDS = "wic-native bmaptool-native dosfstools-native mtools-native util-linux-native"

# The firmware's files by name, so that no other comes along, and the kernel's command line of this root.
CLOISON_FIRMWARE = ""
CLOISON_FIRMWARE:raspberrypi4 = "start4.elf fixup4.dat"
CLOISON_FIRMWARE:raspberrypi3-64 = "bootcode.bin start.elf fixup.dat"
CLOISON_CMDLINE_FILE = "${IMGDEPLOYDIR}/${IMAGE_LINK_NAME}.cmdline.txt;cmdline.txt"
IMAGE_BOOT_FILES = "${KERNEL_IMAGETYPE} ${CLOISON_CMDLINE_FILE}"
IMAGE_BOOT_FILES:rpi = "\
    ${@' '.join('%s/%s;%s' % (d.getVar('BOOTFILES_DIR_NAME'), name, name) for name in ('config.txt ' + d.getVar('CLOISON_FIRMWARE')).split())} \
    ${@make_dtb_boot_files(d)} \
    ${KERNEL_IMAGETYPE};${SDIMG_KERNELIMAGE} \
    ${CLOISON_CMDLINE_FILE} \
    "
