"""The lab's commands: what a person types, on the host and on the kafka machine."""
