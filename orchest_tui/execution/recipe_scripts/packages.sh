# packages.sh REQUIREMENTS: install what the file lists into the environment's Python.
python=$(bash "$ORCHEST_TUI_SCRIPTS/python.sh") || exit 1
exec "$python" -m pip install --no-compile --prefer-binary --requirement "$1"
