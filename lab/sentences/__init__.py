"""Every sentence that the commands say to a person."""
