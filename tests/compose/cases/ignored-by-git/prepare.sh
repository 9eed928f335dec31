#!/bin/sh
# Made here: files that are ignored are not committed.
cat >.gitignore <<'G'
.env
*.env
secrets/
local
*.local.conf
one.conf
generated
observe
G
echo FROM_DOTENV=dotenv >.env
echo B_ENV_FILE=env file >secret.env
mkdir -p secrets local generated
echo token >secrets/token.txt
echo local >local/file
echo app >app.local.conf
echo one >one.conf
echo generated >generated/file
