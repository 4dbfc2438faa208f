//! Where local mail goes.

use base::eightbit;
use local::local_users::list;

/// The right side of an alias.
pub fn destinations(input: &[u8]) {
    let _ = list::parse(&eightbit::text(input));
}

/// A `.forward` or `:include:` file.
pub fn file(input: &[u8]) {
    for line in list::Lines::new(input) {
        if line.is_err() {
            break;
        }
    }
}
