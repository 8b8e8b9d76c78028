"""The starter dashboard: datasets, charts, layout."""
