#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz.sh [SECONDS] [TARGET...]   builds the fuzz targets with clang and gives each of them (or those that are named) so
#                                 many seconds, two at once. What they find beyond the corpus is kept in
#                                 build/fuzz/corpus, and an input that breaks something in build/fuzz/findings. Without
#                                 SECONDS they get five, and begin with the same inputs each time.
# Exits with 77 where there is no clang with libFuzzer (Debian's clang and libclang-rt-dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

seed=0 # drawn by each
[ $# -gt 0 ] || seed=1
seconds=${1:-5}
shift || true
[[ $seconds =~ ^[0-9]+$ ]] || { echo "fuzz.sh: \"$seconds\" is no number of seconds" >&2; exit 2; }
probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer,address -x c++ - -o "$probe" 2>/dev/null; then
    echo "skipped: there is no clang++ with libFuzzer; install clang and libclang-rt-dev"
    exit 77
fi

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
programs=build/fuzz/bin/fuzz
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(cd $programs && ls)
mkdir -p build/fuzz/findings

fuzz() {
    local target=$1 dictionary=() log=build/fuzz/$1.log
    case $target in
    frames | requests | load | roombook | runfile | sanctions | session | token) dictionary=(-dict=tests/fuzz/json.dict) ;;
    adminrequest | requesthead | responsehead) dictionary=(-dict=tests/fuzz/http.dict) ;;
    esac
    mkdir -p "build/fuzz/corpus/$target"
    if $programs/"$target" "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" "${dictionary[@]}" -max_total_time="$seconds" \
        -seed="$seed" -max_len=4096 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
        >"$log" 2>&1; then
        echo "$target: $(grep -o 'cov: .*exec/s: [0-9]*' "$log" | tail -1)"
    else
        echo "$target: broken; build/fuzz/$target.log ends with"
        tail -40 "$log"
        return 1
    fi
}
export -f fuzz
export seconds seed programs
export ASAN_OPTIONS=detect_leaks=1:max_allocation_size_mb=1024 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'fuzz {}'
