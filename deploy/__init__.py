"""What runs the product: the local stack."""
