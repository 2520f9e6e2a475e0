"""How are inputs read? Files, standard input, and the shapes in which AWS prints requests."""
