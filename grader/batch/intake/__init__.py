"""Downloads of every kind, recognised by their names and read to attempts of students."""
