#!/bin/sh
# Start JupyterLab on the first notebook. Without a screen it prints the URL; as root (a container) it allows root.
set -eu
port=$1
options="--ServerApp.port=$port"
if [ "$(id -u)" = 0 ]; then
    options="$options --allow-root"
fi
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${WSL_DISTRO_NAME:-}" ]; then
    options="$options --no-browser"
    echo "No screen found: open the URL below (http://localhost:$port/lab?token=...) in a browser."
fi
# shellcheck disable=SC2086
exec "$COURSE_BIN/jupyter" lab $options notebooks/00_start_here.ipynb
