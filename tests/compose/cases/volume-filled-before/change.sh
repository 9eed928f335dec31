echo COMPOSE_PROFILES=second >.env
