#!/bin/sh
# Start JupyterLab on the first notebook. Without a screen it prints the URL; as root (a container) it allows root.
set -eu
port=$1
set -- --ServerApp.port="$port" --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb
if [ "$(id -u)" = 0 ]; then
    set -- "$@" --allow-root
fi
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${WSL_DISTRO_NAME:-}" ]; then
    set -- "$@" --no-browser
    echo "No screen found: open the URL below in a browser."
fi
exec "$COURSE_BIN/jupyter" lab "$@"
