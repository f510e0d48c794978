//! Frames of the view System, as text and as roles.
