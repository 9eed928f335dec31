#!/bin/sh
echo VALUE=second >.env
