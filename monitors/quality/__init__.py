"""Whether the data is sound: shares of bad values, and changes of unit."""
