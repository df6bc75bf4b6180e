"""The Open University Learning Analytics Dataset, in the CSV layout in which it is published."""
