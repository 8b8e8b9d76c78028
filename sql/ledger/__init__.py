"""The ledger's protocol: who may load, what is loaded, how far, and what a commit makes of it."""
