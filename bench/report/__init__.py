"""What the benchmarks came to: figures, as a table, a document and a picture."""
