//! Frames of the view Dovecot, as text and as roles.
