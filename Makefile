# `make` says what there is. All of it runs on the Dagger engine that `make engine` finds or builds; a recipe that needs
# one runs its command through hack/engine/with.
.DEFAULT_GOAL := help
.PHONY: help engine engine-down

help: ## say what there is
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

engine: ## have a Dagger engine: yours if there is one, else one built here
	@hack/engine/engine.sh up

engine-down: ## stop the engine that `make engine` started
	@hack/engine/engine.sh down
