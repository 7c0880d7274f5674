"""HTML and SVG as trees: whatever is text is escaped when the tree is written, so no producer can put markup in."""

from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Child: TypeAlias = Element | str | None
"""What stands inside an element; None is left out."""


def el(tag: str, *children: Child, **attributes: str | float | None) -> Element:
    """Return an element. `class_` is class, other underscores are hyphens; attributes that are None are left out.

    >>> html(el("p", "a < b", class_="note"))
    '<p class="note">a &lt; b</p>'
    """
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            made.set(name.rstrip("_").replace("_", "-"), value if isinstance(value, str) else short(value))
    add(made, *children)
    return made


def add(element: Element, *children: Child) -> Element:
    """Append children to an element and return it."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            if len(element):
                element[-1].tail = (element[-1].tail or "") + clean(child)
            else:
                element.text = (element.text or "") + clean(child)
        else:
            element.append(child)
    return element


def short(x: float) -> str:
    """Return a coordinate with at most one decimal place: charts of a year stay small.

    >>> short(12.04), short(7.26), short(3)
    ('12', '7.3', '3')
    """
    return f"{x:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """Return text without the control characters that no document may hold."""
    return "".join(char for char in text if char >= " " or char in "\n\t")


def html(element: Element) -> str:
    """Return the markup of a tree."""
    return tostring(element, encoding="unicode", method="html")
