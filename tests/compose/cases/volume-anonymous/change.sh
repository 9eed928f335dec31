#!/bin/sh
echo ROUND=$(($(sed 's/.*=//' .env 2>/dev/null || echo 1) + 1)) >.env
