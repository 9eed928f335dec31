# shellcheck shell=bash disable=SC2154 # sourced by images.sh
alpine_root
image --config.env "PATH=$P" --config.cmd /bin/sh
publish alpine:latest alpine:3 alpine:3.22
