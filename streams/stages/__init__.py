"""The stages of this room: join and aggregate."""
