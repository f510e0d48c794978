//! Frames of the view Accounts, as text and as roles.
