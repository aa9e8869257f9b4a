"""The pages: routes, sessions, templates."""
