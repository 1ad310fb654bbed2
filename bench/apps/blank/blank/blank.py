"""One page with a heading, as Reflex draws it by default: the least that any application of Reflex sends."""

import reflex as rx


def index() -> rx.Component:
    """Draw the page."""
    return rx.container(rx.heading("Hello"))


app = rx.App()
app.add_page(index)
