"""How do other engines do? Each runs in a process of its own, and none of their code is here."""
