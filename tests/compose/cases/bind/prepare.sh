#!/bin/sh
chown 1000:2000 folder/deep/file
chmod 640 folder/deep/file
chmod 600 folder/private
chmod 755 folder/script.sh
chmod 1777 folder/open
ln -s folder link
ln -s file folder/link-inside
