"""Why is a request allowed or denied? Everything that led to a decision, and what comes nearest to another."""
