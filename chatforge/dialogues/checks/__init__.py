"""The doctor: what is wrong with dialogues, where, and what can be mended.

finding   what a finding is, and the table of all of them
texts     damage inside one message
turns     who speaks when
corpus    what is seen only in all conversations together
doctor    goes through files and counts
mend      repairs a conversation, and says what it did
"""
