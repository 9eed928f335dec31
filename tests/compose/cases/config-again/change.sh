#!/bin/sh
echo second >app.conf
echo VALUE=second >.env
