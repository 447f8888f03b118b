.PHONY: setup
setup: ## placeholder, see below
