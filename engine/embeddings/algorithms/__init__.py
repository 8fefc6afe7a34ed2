"""Ways to lay features out in a plane; each module adds one."""
