# The last touch on a layer; run as the image's user, then as root for what that user may not write.
# Steps run with the uid of whoever started them, so the home folder that they find must be open to anyone.
if python=$(sh "$ORCHEST_TUI_SCRIPTS/run.sh" / "$ORCHEST_TUI_SCRIPTS/python.sh"); then
    "$python" "$ORCHEST_TUI_SCRIPTS/settle.py" "$1"
fi
if [ "$(id -u)" = 0 ] && [ -d /home/jovyan ]; then
    find /home/jovyan ! -type l ! -perm -0666 -exec chmod a+rwX {} +
fi
