#!/bin/sh
# Qt's window needs a few libraries of the system. Install them where that can be done silently
# (Debian and its kin, as root); elsewhere say what is missing. Never fails: tests need no window.
plugins=$(echo "$1"/lib/python3*/site-packages/PySide6/Qt/plugins/platforms)
test -d "$plugins" && command -v ldd >/dev/null || exit 0
missing() { ldd "$plugins"/libqxcb.so "$plugins"/libqoffscreen.so | grep 'not found'; }
missing >/dev/null || exit 0
packages="libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 \
libxcb-shape0 libxcb-xinerama0 libxkbcommon-x11-0 libegl1 libgl1 libfontconfig1 libdbus-1-3"
if command -v apt-get >/dev/null && test "$(id -u)" = 0; then
    (apt-get update -qq && apt-get install -qq -y --no-install-recommends $packages) >/dev/null 2>&1
fi
missing >/dev/null || exit 0
echo "Qt's window needs libraries that this system lacks. On Debian or Ubuntu:" >&2
echo "  sudo apt install $packages" >&2
