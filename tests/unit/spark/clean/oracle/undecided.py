"""What an oracle answers where the docs leave open which value it is."""

UNDECIDED = object()
