#!/bin/sh
# Start JupyterLab on the first notebook. Without a screen it prints the URL; as root (a container) it allows root.
# The terminal shows warnings and the URL; everything that the server says is in .venv/lab.log.
set -eu
port=$1
log=.venv/lab.log
set -- --ServerApp.port="$port" --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb
if (: > "$log") 2> /dev/null; then
    handler="{'class': 'logging.FileHandler', 'formatter': 'console', 'filename': '$log', 'level': 'INFO'}"
    loggers="{'ServerApp': {'level': 'DEBUG', 'handlers': ['console', 'file']}}"
    set -- "$@" --ServerApp.log_level=ERROR --LabApp.log_level=ERROR --ServerApp.logging_config="{'handlers': {'file': $handler}, 'loggers': $loggers}"
fi
if [ "$(id -u)" = 0 ]; then
    set -- "$@" --allow-root
fi
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${WSL_DISTRO_NAME:-}" ]; then
    set -- "$@" --no-browser
    echo "No screen found: open the URL below in a browser."
fi
exec "$COURSE_BIN/jupyter" lab "$@"
