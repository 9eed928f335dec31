#!/bin/sh
echo 'echo never' >script.sh
chmod 755 script.sh
