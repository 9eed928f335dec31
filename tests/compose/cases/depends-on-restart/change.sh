#!/bin/sh
echo CHANGED=yes >.env
