#!/bin/sh
# Qt's window needs a few libraries of the system. Where nobody need be asked for a password (Debian
# and its kin, as root or with sudo that asks nothing) say what is installed and why, and do it;
# elsewhere say what is missing. Never fails: tests need no window.
plugins=$(echo "$1"/lib/python3*/site-packages/PySide6/Qt/plugins/platforms)
test -d "$plugins" && command -v ldd >/dev/null || exit 0
missing() { ldd "$plugins"/libqxcb.so "$plugins"/libqoffscreen.so | grep 'not found'; }
missing >/dev/null || exit 0
packages="libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 \
libxcb-shape0 libxcb-xinerama0 libxkbcommon-x11-0 libegl1 libgl1 libfontconfig1 libdbus-1-3"
echo "Qt's window needs libraries that this system lacks:" >&2
missing | sort -u >&2
if test "$(id -u)" = 0; then may=yes root=
elif sudo -n true 2>/dev/null; then may=yes root="sudo -n"
else may=
fi
if test "$may" && command -v apt-get >/dev/null; then
    echo "Installing them with $root apt-get install --no-install-recommends $packages" >&2
    { $root apt-get update -qq && $root apt-get install -qq -y --no-install-recommends $packages; } \
        >/dev/null 2>&1
    missing >/dev/null || exit 0
    echo "They could not be installed." >&2
fi
echo "On Debian or Ubuntu: sudo apt install $packages" >&2
