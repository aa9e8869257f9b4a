"""A learning platform for tests: LTI 1.3 Advantage as Moodle, Canvas and Blackboard are documented to behave.

`Platform` answers requests and keeps courses, links, columns and grades; `served` puts it behind a real HTTP server on
loopback; `Visitor` is a browser without scripts, which follows redirects and sends the forms that pages would send."""
