# The versions of what Debian gives, held against images/versions.lock.
# Read by images/build; needs $work, $here, $lock and the functions of lib/say.sh.

lock_differs=no

# What is not in the image itself but shows in its bytes: the compiler, what is linked, the tools that write.
readonly telling='rustc-web|cargo-web|libstd-rust-web[^ ]*|libllvm[^ ]*|gcc-[0-9]+(-aarch64-linux-gnu)?|binutils(-aarch64-linux-gnu)?|libc6-dev[^ ]*|libgcc-[0-9]+-dev[^ ]*|xz-utils|zstd|gzip|mtools|dosfstools|fdisk|e2fsprogs|device-tree-compiler'

# Prints the packages of some groups: group, name, version, and sha256 where the package itself was kept.
versions_of() {
    local group
    for group in "$@"; do
        if [[ $group == chroot ]]; then sed -nE "s/^(($telling)) /chroot \\1 /p" "$work/chroot.packages"
        else sed "s/^/$group /" "$work/packages/$group.packages"; fi
    done
}

# Compares a target's versions with the lock: target, its groups.
check_lock() {
    local target=$1 wanted
    shift
    versions_of "$@" >"$work/$target/packages"
    wanted=$(grep -E "^($(IFS='|'; echo "$*")) " "$here/versions.lock" 2>/dev/null || true)
    lock_differs=no
    if [[ $lock == update ]] || difference=$(diff --unchanged-line-format='' --old-line-format='  locked: %L' --new-line-format='  here:   %L' \
        <(sed "/^$/d" <<<"$wanted" | LC_ALL=C sort) <(LC_ALL=C sort "$work/$target/packages")); then return 0; fi
    lock_differs=yes
    printf '%s\n' "$difference" >&2
    if [[ $lock == refuse ]]; then
        fail "$target: these versions are not those of images/versions.lock." \
            'Debian keeps only its newest ones. Name its snapshot archive of the day of the lock with --sources, and begin with --clean;' \
            'or take the new versions with images/build --update, look at the image, and commit the lock.'
    fi
    printf '%s\n' "WARNING: $target is built with versions that are not those of images/versions.lock: nobody compared this image" \
        'with another build, and its hash is not that of a release. The manifest says so. For the locked ones, see images/README.md.' >&2
}

# Writes the lock of what is here, keeping the groups that were not fetched this time.
write_lock() {
    local groups=(chroot) group
    for group in trixie backports firmware; do [[ ! -f $work/packages/$group.packages ]] || groups+=("$group"); done
    {
        printf '# What Debian gave, and what a release is built with: group, package, version, sha256 of what is in the image.\n'
        printf '# Written by images/build --update; images/build --locked refuses anything else.\n'
        { versions_of "${groups[@]}"; grep -vE "^(#|($(IFS='|'; echo "${groups[*]}")) )" "$here/versions.lock" 2>/dev/null || true; } | LC_ALL=C sort
    } >"$work/versions.lock.new"
    cp "$work/versions.lock.new" "$here/versions.lock"
    rm "$work/versions.lock.new"
}
