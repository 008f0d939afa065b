"""The report as one HTML file: everything is in it, nothing is fetched, no script runs, and it prints.

document    the whole page, in its order                markup      elements; foreign text is escaped
head        verdict, what was asked                     drawing     axes, lines, points of a drawing
comparison  rivals, differences, intents, likelihoods   forest, dumbbells, histograms, coverage   the drawings
cases       which conversations are shown               replies     how they are shown
tables      tables, lists, sections
costs       safety, forgetting, memory                  trust       data, self-check, limits, settings
page.css    how it looks: light, dark, narrow, printed

Light: standard library only, since a screen may write the page, too.
"""

from chatforge.evaluation.page.document import FILE, page

__all__ = ["FILE", "page"]
