"""Whether a model gives out what it was trained on: rare strings of the lesson, and secrets planted in it.

strings   which strings are asked for          asking     a model goes on where a string begins
exposure  how likely a planted secret is       probing    the whole test of one model
record    what a report keeps of it            wording    how it is said (light: screens read both)
"""
