#!/bin/sh
# Installs a build into a prefix of its own, builds a foreign program against it by the CMake package and by pkg-config, and runs
# both. Arguments: cmake, build folder, prefix (emptied first), library folder below it, version.
set -eu
cmake=$1 build=$2 prefix=$3 libdir=$4 version=$5
foreign=$(dirname "$0")/foreign

rm -rf "$prefix" "$prefix-cmake"
"$cmake" --install "$build" --prefix "$prefix" >/dev/null

wanted="rnnsafe $version: 4 states, 2 after minimisation, abab is accept"
check() {
    got=$("$1")
    [ "$got" = "$wanted" ] || { echo "$1 said \"$got\", not \"$wanted\"" >&2; exit 1; }
    echo "$got ($2)"
}

"$cmake" -S "$foreign" -B "$prefix-cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" >/dev/null
"$cmake" --build "$prefix-cmake" >/dev/null
check "$prefix-cmake/foreign" "CMake package"

PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
export PKG_CONFIG_PATH
[ "$(pkg-config --modversion rnnsafe)" = "$version" ]
# Several words by intention.
# shellcheck disable=SC2046
"$CC" -std=c11 -o "$prefix/foreign" $(pkg-config --cflags rnnsafe) "$foreign/main.c" $(pkg-config --libs rnnsafe)
check "$prefix/foreign" "pkg-config"

# The command is installed with its name, and knows the same version.
[ ! -e "$build/rnnsafe" ] || "$prefix/bin/rnnsafe" --version | grep -q -F "$version"
