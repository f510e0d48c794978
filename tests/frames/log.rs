//! Frames of the view Log, as text and as roles.
