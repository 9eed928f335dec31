#!/bin/sh
echo COMPOSE_PROFILES=second >.env
