#!/bin/sh
echo second >source
