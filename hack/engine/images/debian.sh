# shellcheck shell=bash disable=SC2154 # sourced by images.sh
debian_root
image --config.env "PATH=$P" --config.cmd bash
publish debian:bookworm-slim debian:12-slim
