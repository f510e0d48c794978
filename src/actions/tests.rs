//! Actions against commands that lie, fail, hang and die, and that write down how they were called. The real Postfix has its
//! turn in `tests/actions`.

mod choosing;
mod fakes;
mod hostile;
mod vectors;
