"""The stages of this room: score, learn, act."""
