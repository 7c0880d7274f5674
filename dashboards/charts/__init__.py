"""Charts as inline SVG, one a file: pure functions of plain data and a width (px); the style sheet has the colours."""
