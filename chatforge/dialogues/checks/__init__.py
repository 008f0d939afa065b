"""The doctor: what is wrong with dialogues, where, and what can be mended.

finding      what a finding is, and the table of all of them
texts        damage inside one message (language: which one it is in)
turns        who speaks when
corpus       what is seen only in all conversations together
likeness     what is nearly the same, and the same question answered differently
truncation   what is longer than max_length
doctor       goes through files and counts
mend         repairs a conversation, and says what it did
rewrite      writes a repaired file; copies: beside the originals, mended or anonymised
"""
