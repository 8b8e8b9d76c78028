"""How lint, types and tests are run beside each other."""
