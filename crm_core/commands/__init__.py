"""The commands of the command line, by what they are about: each fills its parser and runs."""
