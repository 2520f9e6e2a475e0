"""The differential run and the other proofs: why anyone should believe the answers."""
