# The recipe "base-py", run as root on a plain Debian or Ubuntu, with or without a Python of its own: the user jovyan
# (uid 1000) with passwordless sudo, and a virtual environment of his first on PATH, so that a setup script's
# `pip install` and `sudo pip install` both reach the packages that steps see.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The base image is neither Debian nor Ubuntu (it has no apt-get)."
    exit 65
fi

missing=
for program in sudo curl git; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    missing="$missing python3 python3-venv"
fi
if [ -n "$missing" ]; then
    apt-get update
    # shellcheck disable=SC2086 # a list of packages
    apt-get install -y --no-install-recommends $missing
    rm -rf /var/lib/apt/lists/*
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
    echo "The base image's Python is older than 3.8."
    exit 65
fi

id jovyan >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --non-unique --uid 1000 --gid users jovyan
cat >/etc/sudoers.d/jovyan <<'SUDOERS'
Defaults secure_path="/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
jovyan ALL=(ALL) NOPASSWD:ALL
SUDOERS
chmod 0440 /etc/sudoers.d/jovyan
touch /home/jovyan/.orchestrc

python3 -m venv /opt/venv
/opt/venv/bin/python -m pip install --no-compile --upgrade pip setuptools wheel
ln -sfn /opt/venv /opt/conda # where the reference's images have their Python
chown -Rh jovyan:users /opt/venv /home/jovyan
