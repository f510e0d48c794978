//! What the widgets draw, as text and roles.
