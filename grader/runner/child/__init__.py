"""The child process: runs a student's code and reports every binding. It receives a right value only after it has
sent its own."""
