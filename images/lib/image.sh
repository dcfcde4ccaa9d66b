# What is made of the program, the kernel and the firmware: the initramfs, the boot files, the card's image.
# Read by images/build; needs $work, $here and the functions of lib/debian.sh and lib/say.sh.

readonly sector=512 mebibyte=1048576 part_mebibytes=48 most_mebibytes=50

# Compiles the program for arm64 and the image tool for this machine, from the sources as git lists them.
compile() {
    local list
    list=$(sources_list)
    if [[ -f $work/compiled && $(cat "$work/compiled") == "$list" && -x $work/cloison-image && -f $work/cloison-appliance ]]; then return 0; fi
    step 'compiling the program for arm64, and the image tool (10 minutes on two idle cores the first time)'
    rm -f "$work/compiled"
    find "$work/chroot/build/src" -mindepth 1 -delete
    (cd "$here/.." && source_files | tar --null --no-recursion -T - -c) | tar -x -C "$work/chroot/build/src"
    # Folders as old as can be: cargo compiles again what is in a folder that is newer than its last result.
    find "$work/chroot/build/src" -type d -exec touch -d @0 {} +
    # Nobody's own settings of cargo: they would change the bytes.
    rm -f "$work/chroot/build/cargo/config.toml"
    # Whom this machine trusts: some networks have a certificate of their own.
    [[ ! -f /etc/ssl/certs/ca-certificates.crt ]] || cp /etc/ssl/certs/ca-certificates.crt "$work/chroot/etc/ssl/certs/"
    cp /etc/resolv.conf "$work/chroot/etc/resolv.conf"
    cp "$here/lib/compile" "$work/compile"
    inside_with_network sh -euc 'cd /build/src
        cargo fetch --quiet --locked --target aarch64-unknown-linux-gnu --target "$(rustc -vV | sed -n "s/^host: //p")"'
    inside /images/compile
    printf '%s' "$list" >"$work/compiled"
}

# What the compilation depends on, as one hash.
sources_list() {
    (
        cd "$here/.."
        source_files Cargo.toml Cargo.lock .cargo appliance crates companion images/Cargo.toml images/src images/lib/compile tests/Cargo.toml |
            xargs -0 sha256sum
        cat "$work/chroot.packages"
    ) | sha256sum | cut -d' ' -f1
}

# The files that git knows, or would: as they are in the folder, committed or not.
source_files() {
    git_here ls-files -z --cached --others --exclude-standard -- "$@" | while IFS= read -r -d '' file; do
        [[ ! -f $here/../$file ]] || printf '%s\0' "$file"
    done
}

# With sudo, the folder may be another's.
git_here() { git -c safe.directory='*' -C "$here/.." "$@"; }

source_commit() {
    local commit
    commit=$(git_here rev-parse HEAD)
    [[ -z $(git_here status --porcelain) ]] || commit+=' with changes'
    printf '%s\n' "$commit"
}

# Where a group of packages has its kernel, its modules and its device trees.
kernel_of() {
    local root=$work/packages/$1/root modules
    modules=$(echo "$root"/usr/lib/modules/*)
    case $1 in
        trixie) kernel=$(echo "$root"/boot/vmlinuz-*) trees=$(echo "$root"/usr/lib/linux-image-*/broadcom) ;;
        backports) kernel=$modules/vmlinuz trees=$modules/dtb/broadcom ;;
    esac
    kernel_modules=$modules
}

# Makes the empty file system of the data partition as a template.
make_template() {
    step 'the data partition as a template'
    rm -f "$work/empty.ext4"
    inside E2FSPROGS_FAKE_TIME=1577836800 sh -euc 'truncate -s 64M /images/empty.ext4
        mkfs.ext4 -q -F -b 4096 -m 0 -L cloison-data -U c1015000-0000-4000-8000-000000000001 \
            -E hash_seed=c1015000-0000-4000-8000-000000000002,lazy_itable_init=0,lazy_journal_init=0,nodiscard /images/empty.ext4
        e2fsck -fn /images/empty.ext4 >/dev/null'
    "$work/cloison-image" template "$work/empty.ext4" -o "$work/data.ext4.new"
    rm "$work/empty.ext4"
    mv "$work/data.ext4.new" "$work/data.ext4"
}

# Gathers the initramfs of a target and packs it: target, group of its kernel.
make_initramfs() {
    local target=$1 stage=$work/$1/stage
    kernel_of "$2"
    rm -rf "$stage"
    mkdir -p "$stage/modules"
    cp "$work/cloison-appliance" "$stage/cloison"
    cp "$work/data.ext4" "$stage/data.ext4"
    printf 'cloison %s %s\n' "$version" "$target" >"$stage/release"
    "$work/cloison-image" modules "$here/modules/$target" --kernel "$kernel_modules" -o "$stage/modules"
    "$work/cloison-image" pack "$here/initramfs.list" --from "$stage" -o "$work/$target/initramfs.cpio"
    inside zstd -q -19 -T1 --no-check -f "/images/$target/initramfs.cpio" -o "/images/$target/boot/initramfs"
}

# Gathers the boot files of a target: target, group of its kernel.
make_boot() {
    local target=$1 boot=$work/$1/boot tree name
    kernel_of "$2"
    rm -rf "$boot"
    mkdir -p "$boot"
    cp "$here/boot/$target/"* "$boot/"
    inside sh -euc 'gzip -n9 <"$1" >"$2"' sh "/images/${kernel#"$work/"}" "/images/$target/boot/vmlinuz.gz"
    make_initramfs "$target" "$2"
    [[ $target != virt ]] || return 0
    for name in $(device_trees "$target"); do
        tree=$trees/${name#*=}
        cp "$tree" "$boot/${name%%=*}"
        without_sound "/images/$target/boot/${name%%=*}"
        without_gadget "/images/$target/boot/${name%%=*}"
    done
    [[ $target == rpi ]] || return 0
    local firmware=$work/packages/firmware/root/usr
    cp "$firmware"/lib/raspi-firmware/{bootcode.bin,start.elf,fixup.dat,start4.elf,fixup4.dat} "$boot/"
    cp "$firmware/share/doc/raspi-firmware/copyright" "$boot/LICENCE.firmware"
}

# The device trees of a target's boards: the name that the board's firmware asks for, and the kernel's where it differs.
device_trees() {
    case $1 in
        rpi) echo bcm2837-rpi-3-a-plus.dtb bcm2837-rpi-3-b.dtb bcm2837-rpi-3-b-plus.dtb bcm2837-rpi-cm3-io3.dtb \
            bcm2837-rpi-zero-2-w.dtb bcm2711-rpi-4-b.dtb bcm2711-rpi-400.dtb bcm2711-rpi-cm4-io.dtb ;;
        rpi5) echo bcm2712-rpi-5-b.dtb bcm2712-d-rpi-5-b.dtb bcm2712d0-rpi-5-b.dtb=bcm2712-d-rpi-5-b.dtb ;;
    esac
}

# Takes the sound out of a device tree's HDMI ports: the display's driver waits for it otherwise, and no image has it.
without_sound() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside sh -euc '
        ports() { fdtget -l "$1" "$2" 2>/dev/null | while read -r node; do
            case $node in hdmi@*) echo "${2%/}/$node" ;; soc*|axi*|gpu*) ports "$1" "${2%/}/$node" ;; esac
        done; }
        for port in $(ports "$1" /); do
            ! fdtget "$1" "$port" dmas >/dev/null 2>&1 || fdtput -d "$1" "$port" dmas dma-names
        done' sh "$1"
}

# Switches off the USB port of a device tree that is there for being a device: on the Pi 4 it is the socket for power.
without_gadget() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside sh -euc '
        port=/soc/usb@7e980000
        if [ "$(fdtget "$1" "$port" dr_mode 2>/dev/null)" = peripheral ]; then fdtput -t s "$1" "$port" status disabled; fi' sh "$1"
}

# Writes the card's image of the boot files: target.
make_card() {
    local target=$1 boot=$work/$1/boot image=$work/$1/cloison-$1.img
    find "$boot" -exec touch -h -d '2020-01-01 00:00:00 UTC' {} +
    rm -f "$image" "$image.xz"
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside MTOOLS_SKIP_CHECK=1 sh -euc '
        target=$1 mebibytes=$2 part=/images/$1/part.fat image=/images/$1/cloison-$1.img
        rm -f "$part"
        mkfs.vfat --invariant -F 32 -s 1 -i C1015000 -n CLOISON -C "$part" $((mebibytes * 1024)) >/dev/null
        cd "/images/$target/boot"
        for file in $(ls | sort); do mcopy -m -i "$part" "$file" "::$file"; done
        truncate -s $((mebibytes + 1))M "$image"
        printf "label: dos\nlabel-id: 0xC1015017\nstart=2048, size=%d, type=c\n" $((mebibytes * 2048)) | sfdisk -q "$image"
        dd if="$part" of="$image" bs=1M seek=1 conv=notrunc,sparse status=none
        rm "$part"
        xz -T1 -6 -k "$image"' sh "$target" "$part_mebibytes"
    local size
    size=$(stat -c %s "$image")
    ((size <= most_mebibytes * mebibyte)) || fail "$image has $size bytes, more than $most_mebibytes MiB." 'Take something out.'
}

# What an image is made of, as one hash: target.
made_of() {
    (
        cd "$here"
        sha256sum build initramfs.list "modules/$1" boot/"$1"/* lib/*.sh
        cd "$work"
        sha256sum cloison-appliance cloison-image data.ext4 "$1/packages"
    ) | sha256sum | cut -d' ' -f1
}

# Takes the finished card apart again, holds what is in it against the list, and writes down what it is: target.
check_card() {
    local target=$1 folder=$work/$1 image=() locked=()
    rm -rf "$folder/check" "$folder/initramfs.cpio"
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside MTOOLS_SKIP_CHECK=1 sh -euc '
        mkdir -p "/images/$1/check"
        mcopy -s -n -i "/images/$1/cloison-$1.img@@1M" "::*" "/images/$1/check/"
        zstd -q -d "/images/$1/check/initramfs" -o "/images/$1/initramfs.cpio"' sh "$target"
    image=(--initramfs "$folder/initramfs.cpio" --boot "$folder/check")
    "$work/cloison-image" check "${image[@]}" --allowed "$here/allowed/$target"
    [[ $lock_differs == yes ]] || locked=(--locked)
    "$work/cloison-image" manifest "${image[@]}" --target "$target" --commit "$(source_commit)" \
        --rustc "$work/rustc.version" --packages "$folder/packages" "${locked[@]}" >"$folder/manifest.txt"
    "$work/cloison-image" words --text "$folder/check" >"$folder/cloison-$target.boot.sha384"
    "$work/cloison-image" sbom --target "$target" --sources "$here/.." --packages "$folder/packages" \
        --metadata "$work/metadata.json" --tree "$work/tree" >"$folder/cloison-$target.cdx.json"
    rm -rf "$folder/check" "$folder/stage" "$folder/initramfs.cpio"
}
