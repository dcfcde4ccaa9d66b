require recipes-kernel/linux/cloison-kernel.inc

SRC_URI:append:airgap = " file://cloison-rpi.cfg file://cloison-rpi-own.cfg"
