"""The magics: one parser, one completer, every magic a few public calls."""
