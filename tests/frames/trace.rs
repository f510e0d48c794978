//! Frames of the view Trace, as text and as roles.
