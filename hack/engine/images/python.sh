# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# pip and its like, and apt-get, as in the public image: what a project needs comes from the index, in the build.
ca=/etc/ssl/certs/ca-certificates.crt
install "$R" python3 python3-pip python3-venv netbase tzdata
rm -rf "$R"/usr/lib/python3*/EXTERNALLY-MANAGED "$R"/usr/share/{doc,man,locale,info}/* "$R"/var/{log,lib/apt/lists}/* "$R"/var/cache/apt/{*.bin,archives/*.deb}
# pip's own pip: Debian's cannot be upgraded by pip
logged pip chroot "$R" env "PIP_CERT=$ca" python3 -m pip install --no-cache-dir --ignore-installed pip
for n in python python3 python3.11; do ln -s /usr/bin/python3.11 "$R/usr/local/bin/$n"; done
# The variables that the public image lacks: pip, requests and uv have authorities of their own, and this machine may trust more.
image --config.env "PATH=$P" --config.env LANG=C.UTF-8 --config.env "SSL_CERT_FILE=$ca" --config.env "PIP_CERT=$ca" --config.env "REQUESTS_CA_BUNDLE=$ca" \
  --config.env "PYTHON_VERSION=$(chroot "$R" python3 -c 'import platform; print(platform.python_version())')" --config.cmd python3
publish python:3.11-slim
