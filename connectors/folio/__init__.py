"""FOLIO, a library system: its loans, as its circulation service answers with them."""
