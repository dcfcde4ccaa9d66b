require recipes-kernel/linux/cloison-kernel.inc

SRC_URI:append:airgap = " file://cloison-qemu.cfg"
# Not the firewall and the network cards that every virtual machine is given.
KERNEL_EXTRA_FEATURES:airgap = ""
KERNEL_FEATURES:remove:airgap = "cfg/net/mdio.scc features/nfsd/nfsd-enable.scc"
