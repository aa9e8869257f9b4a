"""What instructors look at and change in their course, without a web framework. Functions take a session and do not
commit; whoever is meant is looked up in the course, and every change is in the audit trail."""
