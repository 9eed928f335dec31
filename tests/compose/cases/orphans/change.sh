#!/bin/sh
sed -i '/^  worker/d' compose.yaml
echo COMPOSE_PROFILES= >.env
