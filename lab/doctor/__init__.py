"""`make doctor`: checks as a table, over what the other rooms know of host, machines, services and feeds."""
