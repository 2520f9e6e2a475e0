"""What a policy document says: its text, its elements, and the patterns, ARNs and variables within."""
