# SPDX-License-Identifier: MIT
# Sourced by ./run and ./test: what both need before their own work.

say() { printf '\n== %s\n' "$*"; }

# install_packages KIND…: installs those packages of tools/packages.txt that are missing, in Debian and Ubuntu.
install_packages() {
    local wanted missing=() sudo=() name=2
    ! grep -qsE '^ID(_LIKE)?=.*ubuntu' /etc/os-release || name=3
    wanted=$(awk -v kinds=" $* " -v name=$name '!/^#/ && index(kinds, " " $1 " ") {
        if (name > NF) print $2; else if ($name != "-") print $name }' tools/packages.txt)
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is neither Debian nor Ubuntu: nothing is installed. Parlor needs these, by Debian's names, or their likes:"
        printf '%s\n' "$wanted" | sed 's/^/   /'
        echo "   (a C++20 compiler, CMake 3.25, Ninja, Qt 6.4 with WebSockets, simdjson 3, CLI11 2.1, prometheus-cpp 1.0)"
        return 0
    fi
    local package
    for package in $wanted; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing, and only root can install them (there is no sudo): ${missing[*]}" >&2
            echo "Run as root: apt-get install ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
    fi
    say "Installing ${missing[*]}"
    "${sudo[@]}" apt-get update -q
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build PRESET [target…]: configures if need be, and builds.
build() {
    local preset=$1
    shift
    say "Building ($preset)"
    [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
    cmake --build --preset "$preset" ${1:+--target "$@"}
}
