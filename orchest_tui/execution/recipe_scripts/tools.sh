# tools.sh REQUIREMENTS FOLDER: install the notebook tools into FOLDER, apart from the user's packages, unless the
# Python of this image can already import them from there. Run as root.
set -eu

# What reaches a setup script must reach what it starts with sudo, too.
if [ -d /etc/sudoers.d ]; then
    cat >/etc/sudoers.d/zz-orchest-tui <<'SUDOERS'
Defaults env_keep += "http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY all_proxy"
Defaults env_keep += "APT_CONFIG DEBIAN_FRONTEND PIP_*"
Defaults env_keep += "SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS GIT_SSL_CAINFO"
SUDOERS
    chmod 0440 /etc/sudoers.d/zz-orchest-tui
fi

if ! python=$(sh "$ORCHEST_TUI_SCRIPTS/run.sh" / "$ORCHEST_TUI_SCRIPTS/python.sh"); then
    echo "No Python 3.8 or later in this image: only steps in other languages can run in it."
    exit 0
fi
imports='import sys; sys.path.insert(0, sys.argv[1]); import nbclient, ipykernel'
if "$python" -I -S -c "$imports" "$2" 2>/dev/null; then
    exit 0
fi
rm -rf "$2"
umask 022
"$python" -m pip install --no-compile --prefer-binary --target "$2" --requirement "$1"
