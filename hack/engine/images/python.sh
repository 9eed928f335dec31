# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# The web packages are there so that `pip install -r requirements.txt` finds them satisfied where no index is reached;
# a venv sees them with --system-site-packages.
debian_root python3 python3-pip python3-venv python3-fastapi uvicorn python3-flask gunicorn \
  python3-psycopg2 python3-asyncpg python3-sqlalchemy python3-redis python3-httpx
rm -f "$R"/usr/lib/python3*/EXTERNALLY-MANAGED
# Debian's fastapi says that it does not want Debian's starlette, and pip would look for another
sed -i 's/^\(Requires-Dist: starlette\)<.*/\1/' "$R"/usr/lib/python3/dist-packages/fastapi-*/METADATA
for n in python python3 python3.11; do ln -s /usr/bin/python3.11 "$R/usr/local/bin/$n"; done
for n in pip pip3; do ln -s /usr/bin/pip3 "$R/usr/local/bin/$n"; done
# uv has authorities of its own, and takes those of the machine when it is told where they are.
image --config.env "PATH=$P" --config.env LANG=C.UTF-8 --config.env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt --config.env "PYTHON_VERSION=$(chroot "$R" python3 -c 'import platform; print(platform.python_version())')" \
  --config.cmd python3
publish python:3.11-slim
