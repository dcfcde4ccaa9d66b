# A root that holds the program and nothing else, read-only, each block verified as it is read.
#
# Adds to an image: the root is bared and checked before it is packed; the type `verity`, after a
# squashfs, appends the hash tree; beside it come `cmdline.txt`, which names the tree's top digest,
# and the file system of the data partition.

CLOISON_LIB = "${CLOISON_LAYER}/lib/cloison"
CLOISON_ROOT_PARTITION ?= "PARTUUID=c1015017-03"
CLOISON_CMDLINE ?= "\
    root=/dev/dm-0 rootfstype=squashfs ro rootwait init=/sbin/init \
    init_on_free=1 lockdown=confidentiality slab_nomerge page_alloc.shuffle=1 random.trust_cpu=off \
    quiet loglevel=1 vt.global_cursor_default=0 panic=10 console=tty3 \
    "

do_image[file-checksums] += "${CLOISON_LIB}/root.py:True ${CLOISON_LIB}/verity.py:True ${CLOISON_LIB}/template.py:True"
IMAGE_PREPROCESS_COMMAND += "cloison_bare_root"
# A folder that other functions write to, before ours takes it away.
ROOTFS_POSTINSTALL_COMMAND += "cloison_room"

cloison_room() {
    install -d ${IMAGE_ROOTFS}${sysconfdir}
}

cloison_bare_root() {
    python3 ${CLOISON_LIB}/root.py bare ${IMAGE_ROOTFS} || bbfatal "the root holds what it must not, or lacks what it needs"
}

CONVERSIONTYPES += "verity"
CONVERSION_DEPENDS_verity = ""
CONVERSION_CMD:verity = "cloison_seal ${IMAGE_NAME}.${type}"

cloison_seal() {
    said=$(python3 ${CLOISON_LIB}/verity.py seal $1 $1.verity ${CLOISON_ROOT_PARTITION}) || bbfatal "the root cannot be sealed"
    echo "$said ${@' '.join(d.getVar('CLOISON_CMDLINE').split())}" > ${IMAGE_NAME}.cmdline.txt
    python3 ${CLOISON_LIB}/template.py unpack ${IMAGE_ROOTFS}/data.ext4 ${IMAGE_NAME}.data.ext4 || bbfatal "the store cannot be made"
    ln -sf ${IMAGE_NAME}.cmdline.txt ${IMAGE_LINK_NAME}.cmdline.txt
    ln -sf ${IMAGE_NAME}.data.ext4 ${IMAGE_LINK_NAME}.data.ext4
}
