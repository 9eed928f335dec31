#!/bin/sh
chmod 755 good.sh
chmod 644 not-executable.sh
