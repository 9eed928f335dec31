#!/bin/sh
yes 'a line of a large file' | head -c 300000 >big
