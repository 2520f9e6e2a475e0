"""What AWS services define: actions, resource types and condition keys."""
