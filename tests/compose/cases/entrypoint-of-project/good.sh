#!/bin/sh
echo "good: $*"
