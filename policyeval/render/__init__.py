"""How are answers written? One row per output format; a format's module is imported when it is asked for."""
