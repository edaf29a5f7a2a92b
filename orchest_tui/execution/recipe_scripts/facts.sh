# facts.sh FOLDER: print the interpreter's path and, if notebooks can run with what is in FOLDER, FOLDER; one a line,
# empty where there is none.
python=$(sh "$ORCHEST_TUI_SCRIPTS/run.sh" / "$ORCHEST_TUI_SCRIPTS/python.sh")
echo "$python"
imports='import sys; sys.path.insert(0, sys.argv[1]); import nbclient, ipykernel'
if [ -n "$python" ] && "$python" -I -S -c "$imports" "$1" 2>/dev/null; then
    echo "$1"
else
    echo
fi
