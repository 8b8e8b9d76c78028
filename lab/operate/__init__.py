"""What the commands do to a running lab: send, switch, start over, replay."""
