"""How a challenger comes to serve: the verdict on live traffic, and what follows from it."""
