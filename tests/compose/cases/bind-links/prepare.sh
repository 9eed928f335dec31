#!/bin/sh
ln -s sub/file p/file
ln -s sub p/folder
