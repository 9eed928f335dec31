#!/bin/sh
chmod 600 strict.txt
