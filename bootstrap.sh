#!/usr/bin/env bash
# From a fresh Debian 12 to a built rnnsafe: installs the packages that are missing, builds, and shows or tests it.
#
#   ./bootstrap.sh demo   checks a bundled network and says what holds
#   ./bootstrap.sh test   runs all tests, plain and under sanitizers; fails when one of them fails
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

demo_case=crossing

build_packages=(build-essential cmake ninja-build pkg-config libz3-dev libopenblas-dev liblapacke-dev libxml2-dev
                libcunit1-dev
                libjansson-dev libzip-dev uthash-dev libprotobuf-c-dev protobuf-c-compiler libonnx-dev libhdf5-dev)
test_packages=(z3 cvc5 libxml2-utils graphviz man-db python3 libflint-arb-dev libflint-dev libmpfr-dev)

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "bootstrap.sh: $*"
    exit 1
}

# Runs a command with its output in a log, whose end is shown when the command fails.
quietly() {
    mkdir -p build
    "$@" >build/bootstrap.log 2>&1 || {
        tail -n 60 build/bootstrap.log >&2
        die "failed: $*"
    }
}

installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs those of the given packages that are missing.
packages() {
    local missing=() package as_root=()
    command -v dpkg-query >/dev/null || die "this is not Debian; install what these packages hold, then use cmake: $*"
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null || ! sudo -v; then
            say "Some packages are missing, and installing needs root. Run this as root, then start again:"
            say "  apt-get install -y --no-install-recommends ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "Installing ${missing[*]}"
    quietly "${as_root[@]}" apt-get update
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"
}

# Configures a preset and builds it; further arguments go to the build.
build() {
    local preset=$1
    shift
    say "Building (preset $preset)"
    quietly cmake --preset "$preset"
    if [[ -t 1 ]]; then # one line of progress
        cmake --build --preset "$preset" "$@" || die "the build of preset $preset failed"
    else
        quietly cmake --build --preset "$preset" "$@"
    fi
}

demo() {
    packages "${build_packages[@]}"
    build release --target rnnsafe_cli rnnsafe_verify
    local files=("specs/$demo_case/$demo_case.safetensors" "specs/$demo_case/$demo_case.properties") code=0
    say "build/release/rnnsafe check ${files[*]}"
    build/release/rnnsafe check "${files[@]}" || code=$?
    # 10 is an answer too: a property is violated.
    ((code == 10)) || return "$code"
}

# The value of an attribute of the first element of a JUnit file.
attribute() {
    grep -o -m 1 "[[:space:]]$1=\"[0-9]*\"" "$2" | grep -o '[0-9]\+'
}

tests() {
    packages "${build_packages[@]}" "${test_packages[@]}"
    local preset results code=0 passed=0 failed=0 skipped=0 total bad left_out
    for preset in dev asan; do
        build "$preset"
        results=$PWD/build/$preset/junit.xml
        rm -f "$results"
        ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" --output-junit "$results" ||
            code=1
        [[ -s $results ]] || die "ctest wrote no results for preset $preset"
        total=$(attribute tests "$results")
        bad=$(attribute failures "$results")
        left_out=$(($(attribute skipped "$results") + $(attribute disabled "$results")))
        passed=$((passed + total - bad - left_out))
        failed=$((failed + bad))
        skipped=$((skipped + left_out))
    done
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0)) || code=1
    return "$code"
}

case "${1-} $#" in
"demo 1") demo ;;
"test 1") tests ;;
*)
    say "usage: ./bootstrap.sh demo | test"
    exit 1
    ;;
esac
