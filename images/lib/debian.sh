# What is fetched from Debian: where from, the chroot that builds, kernels and firmware.
# Read by images/build; needs $work, $sources and the functions of lib/say.sh.

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly chroot_suite=bookworm kernel_suite=trixie

# What compiles the program, and every tool whose version shows in the image's bytes.
readonly chroot_packages=(rustc-web cargo-web gcc libc6-dev pkg-config ca-certificates
    xz-utils zstd gzip mtools dosfstools fdisk e2fsprogs device-tree-compiler)

# Prints the places of Debian's archive that this machine uses, one a line: place, suite, keyring or `-`.
archive_entries() {
    local files=()
    if [[ -n $sources ]]; then files=("$sources")
    else files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources); fi
    local file
    for file in "${files[@]}"; do
        [[ -f $file ]] || continue
        if [[ $file == *.sources ]]; then deb822_entries <"$file"; else one_line_entries <"$file"; fi
    done
}

one_line_entries() {
    sed -nE 's/#.*//; s/^[[:space:]]*deb[[:space:]]+//p' | while read -r line; do
        local key=-
        if [[ $line == \[*\]* ]]; then
            [[ $line =~ signed-by=([^]\ ]+) ]] && key=${BASH_REMATCH[1]}
            line=${line#*\]}
        fi
        local words; read -ra words <<<"$line"
        printf '%s %s %s\n' "${words[0]}" "${words[1]}" "$key"
    done
}

deb822_entries() {
    awk '
        function out(  u, s, i, j) {
            if (types ~ /(^| )deb( |$)/ && enabled != "no")
                for (i = split(uris, u, " "); i >= 1; i--) for (j = split(suites, s, " "); j >= 1; j--)
                    print u[1], s[j], key == "" ? "-" : key
            types = uris = suites = key = enabled = ""
        }
        /^#/ { next }
        /^[ \t]*$/ { out(); next }
        { name = tolower($1); value = $0; sub(/^[^:]*:[ \t]*/, "", value) }
        name == "types:" { types = value }
        name == "uris:" { uris = value }
        name == "suites:" { suites = value }
        name == "signed-by:" { key = value }
        name == "enabled:" { enabled = value }
        END { out() }' | sort -u
}

# Finds the place of Debian's archive, or with `-security` that of its security updates.
archive_place() {
    local names='(bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)' place
    local wanted="^$names(-updates|-backports)?\$"
    [[ ${1-} == -security ]] && wanted="^$names(-security|/updates)\$"
    place=$(archive_entries | awk -v wanted="$wanted" '
        $2 ~ wanted && $3 ~ /debian-archive/ && !signed { signed = $1 }
        $2 ~ wanted && $3 == "-" && !plain { plain = $1 }
        END { print signed ? signed : plain }')
    [[ -n $place ]] || fail "No Debian archive${1-} is named in ${sources:-/etc/apt}." \
        'Add it there as on any Debian machine (suites of any release will do), or give a file with --sources.'
    printf '%s\n' "$place"
}

# Fails early where an archive is missing: inside `$(…)` it could go unnoticed.
need_archives() { archive_place >/dev/null && archive_place -security >/dev/null; }

# Prints an apt line for a suite of the archive: suite, components.
apt_line() {
    local place
    place=$(archive_place "$([[ $1 == *-security ]] && echo -security || true)")
    printf 'deb [signed-by=%s] %s %s %s\n' "$keyring" "$place" "$1" "$2"
}

# Makes the chroot, once; its marker is written when it is whole.
make_chroot() {
    [[ -f $work/chroot.done && -d $work/chroot ]] && return 0
    need_archives
    step 'the chroot that compiles (Debian bookworm, about 2 minutes)'
    local host wanted=("${chroot_packages[@]}") architectures
    host=$(dpkg --print-architecture)
    architectures=$host wanted+=("libstd-rust-web-dev:$host")
    if [[ $host != arm64 ]]; then
        architectures+=,arm64
        wanted+=(gcc-aarch64-linux-gnu libc6-dev:arm64 libstd-rust-web-dev:arm64)
    fi
    rm -rf --one-file-system "$work/chroot"
    local lines=()
    for suite in "$chroot_suite" "$chroot_suite-updates" "$chroot_suite-security"; do lines+=("$(apt_line "$suite" main)"); done
    mmdebstrap --quiet --variant=apt --architectures="$architectures" --include="$(IFS=,; echo "${wanted[*]}")" \
        "${apt_options[@]/#/--aptopt=}" "$chroot_suite" "$work/chroot" "${lines[@]}"
    mkdir -p "$work/chroot/images" "$work/chroot/build/src" "$work/chroot/build/cargo"
    chroot "$work/chroot" dpkg-query -W -f '${binary:Package} ${Version}\n' | LC_ALL=C sort >"$work/chroot.packages"
    touch "$work/chroot.done"
}

# Runs a command in the chroot, with no network, and the work folder as /images. Mounts end with it.
inside() { in_chroot --net "$@"; }
inside_with_network() { in_chroot '' "$@"; }
in_chroot() {
    local network=()
    [[ -z $1 ]] || network=("$1")
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount "${network[@]}" sh -euc '
        chroot=$1 work=$2; shift 2
        mount -t proc proc "$chroot/proc"
        mount --bind "$work" "$chroot/images"
        exec chroot "$chroot" env -i "$@"' sh "$work/chroot" "$work" \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/build CARGO_HOME=/build/cargo LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1577836800 "$@"
}

# Runs an apt command for arm64 with folders of its own: name, apt lines..., --, command.
apt_in() {
    local root=$work/apt/$1 lines=()
    shift
    while [[ $1 != -- ]]; do lines+=("$1"); shift; done
    shift
    mkdir -p "$root"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} "$root"/state/{lists/partial,dpkg} "$root/cache/archives/partial"
    : >>"$root/state/dpkg/status"
    printf '%s\n' "${lines[@]}" >"$root/etc/sources.list"
    local command=$1
    shift
    "$command" -q -o "Dir::Etc=$root/etc" -o "Dir::State=$root/state" -o "Dir::State::status=$root/state/dpkg/status" \
        -o "Dir::Cache=$root/cache" -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
        "${apt_options[@]/#/-o}" "$@"
}

# Fetches a group of packages, once: `trixie` and `backports` are kernels, `firmware` what the Pi starts with.
# Leaves the packages unpacked in packages/GROUP, and their versions and sha256 in packages/GROUP.packages.
fetch_group() {
    local group=$1 folder=$work/packages/$1
    [[ -f $folder.packages ]] && return 0
    need_archives
    step "packages: $group"
    local suites=("$(apt_line "$kernel_suite" 'main non-free-firmware')") wanted names=()
    case $group in
        backports) suites=("$(apt_line "$kernel_suite-backports" main)") ;;
        *) suites+=("$(apt_line "$kernel_suite-updates" 'main non-free-firmware')" "$(apt_line "$kernel_suite-security" 'main non-free-firmware')") ;;
    esac
    apt_in "$group" "${suites[@]}" -- apt-get update >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; fail "Debian's archive cannot be read." 'Look at the lines above.'; }
    wanted=$(apt_in "$group" "${suites[@]}" -- apt-cache show --no-all-versions linux-image-arm64 | sed -nE 's/^Depends:.*linux-image-([^ ,]+).*/\1/p')
    case $group in
        trixie) names=("linux-image-$wanted") ;;
        backports) names=("linux-base-$wanted" "linux-binary-$wanted" "linux-modules-$wanted") ;;
        firmware) names=(raspi-firmware) ;;
    esac
    rm -rf "$folder"
    mkdir -p "$folder/debs"
    (cd "$folder/debs" && apt_in "$group" "${suites[@]}" -- apt-get download "${names[@]}") >>"$work/apt.log" 2>&1 ||
        { cat "$work/apt.log" >&2; fail "${names[*]} cannot be fetched." 'Look at the lines above.'; }
    local deb
    for deb in "$folder"/debs/*.deb; do
        dpkg-deb -x "$deb" "$folder/root"
        printf '%s %s %s\n' "$(dpkg-deb -f "$deb" Package)" "$(dpkg-deb -f "$deb" Version)" "$(sha256sum <"$deb" | cut -d' ' -f1)"
    done | LC_ALL=C sort >"$folder.new"
    rm -rf "$folder/debs"
    mv "$folder.new" "$folder.packages"
}
