"""The child process: runs a student's code, reports every binding, knows no answer it has not earned."""
