"""The command line: one file a command, which reads arguments, joins the rooms and prints."""
