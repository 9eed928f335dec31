#!/bin/sh
echo second >data/edited
echo added >data/added
rm data/removed
