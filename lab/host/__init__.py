"""What only a host does: machines, boxes, ssh, `make up`."""
