"""Whether training made a model forget or unsafe: questions that were never in the lesson, asked before and after.

probe, sets        a probe, and which of them a run is asked
rules, word_lists  the words and phrases that a reply is told by
judging            one reply, judged by its probe's rules
agreement          how often a reader says the same
asking             both models answer, and foresee the true answers
rates, forgetting  from replies to figures; summary puts them together
record, wording    what a report keeps of it, and how it is said (light: screens read them)
"""
