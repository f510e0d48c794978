//! Frames of the view Providers, as text and as roles.
