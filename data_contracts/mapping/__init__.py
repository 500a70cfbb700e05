"""An agency's own export: the mapping file, the rows it makes, and a draft of one."""
