//! What is found out about messages from lines as they are really written.
