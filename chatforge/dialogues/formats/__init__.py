"""Forms of dialogue files: each module knows one. `known` has the table, `recognise` finds the right one.

NAME    as in a recipe's `data.type`
WHAT    one sentence
KINDS   of files it can be in
fits    whether records look like it
drafts  turns records into drafts
"""
