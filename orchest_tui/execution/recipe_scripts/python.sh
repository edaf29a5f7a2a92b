# Print the interpreter that steps run with; exit code 1 where the image has no Python 3.8 or later.
# A conda environment that a setup script chose in ~/.orchestrc comes first, then the places where images keep theirs.
for candidate in "${CONDA_ENV:+/opt/conda/envs/$CONDA_ENV/bin/python}" \
    /opt/venv/bin/python /opt/conda/bin/python python3 python; do
    [ -n "$candidate" ] || continue
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done
exit 1
