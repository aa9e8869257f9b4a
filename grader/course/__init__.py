"""A course in one file: several exercises with weights and due dates, and one script or notebook for all of them."""
