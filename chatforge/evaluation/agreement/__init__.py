"""Do the automatic scores agree with people? Texts that people have scored are scored by us, and both are correlated.

files ──reading──► rows ──scoring (in a worker, with the encoder)──► values by axis ──correlation──► r with intervals
        reference, reply, document, people's scores                                       └──tables──► shown
"""
