"""An earlier delivery against a later one."""
