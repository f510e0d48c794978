//! Performs an effect on the queue and returns a receipt.
