"""A campus that is made up: files as its systems would write them, and the truth beside them."""
