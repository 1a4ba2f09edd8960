"""Who: settings, products (systems/) and offices (provinces/)."""
