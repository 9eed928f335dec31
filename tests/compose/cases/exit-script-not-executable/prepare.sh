#!/bin/sh
chmod 644 script.sh
