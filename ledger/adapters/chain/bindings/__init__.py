"""The contracts' interfaces in Python, generated from what the compiler says of them."""
