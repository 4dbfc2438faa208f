//! Recipients from the headers of a message (`-t`).

use address::AddressList;
use message::{Headers, Known};

/// All recipients: of Resent-To, Resent-Cc and Resent-Bcc when one of these is there, else of To, Cc and Bcc.
pub(super) fn recipients(header_section: &[u8]) -> Vec<String> {
    let (mut plain, mut resent) = (Vec::new(), Vec::new());
    let mut is_resent = false;
    for header in Headers::new(header_section) {
        let Some(known) = Known::find(header.name).filter(|k| k.is_extracted()) else { continue };
        is_resent |= known.is_resent();
        let to = if known.is_resent() { &mut resent } else { &mut plain };
        to.extend(AddressList::parse(header.value()).addresses().filter(|a| !a.is_empty()).map(str::to_owned));
    }
    if is_resent { resent } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_headers_count() {
        assert_eq!(recipients(b"To: a, \"B C\" <b@x>\nsubject: q\nBCC:\n c,\n d\n"), ["a", "b@x", "c", "d"]);
        assert_eq!(recipients(b"To: a\nResent-To: r\n"), ["r"]);
        assert!(recipients(b"To: <>\n").is_empty());
    }
}
