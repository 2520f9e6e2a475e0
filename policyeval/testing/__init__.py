"""How are policies tested? Case files and what runs them."""
