//! `flags=DORX` of master.cf: headers for a final delivery.

use ipc::delivery::Request;
use message::Field;
use queue::Recipient;

/// What `flags=` in master.cf asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFlags {
    /// `D`: `Delivered-To:` goes in front, and mail that has it is a loop.
    pub delivered_to: bool,
    /// `O`: `X-Original-To:` goes in front.
    pub original_to: bool,
    /// `R`: `Return-Path:` goes in front.
    pub return_path: bool,
    /// `X`: the delivery is final, and reports of success say so.
    pub is_final: bool,
}

impl DeliveryFlags {
    /// Reads what follows the options in master.cf.
    ///
    /// # Errors
    /// The word that is not known, and what is wanted.
    pub fn parse(words: &[String]) -> Result<DeliveryFlags, String> {
        let mut flags = DeliveryFlags::default();
        for word in words {
            let letters = word.strip_prefix("flags=").ok_or_else(|| format!("unexpected command-line argument: {word}: want flags=DORX"))?;
            for letter in letters.chars() {
                match letter {
                    'D' => flags.delivered_to = true,
                    'O' => flags.original_to = true,
                    'R' => flags.return_path = true,
                    'X' => flags.is_final = true,
                    other => return Err(format!("unknown flag '{other}' in {word}: want some of DORX")),
                }
            }
        }
        Ok(flags)
    }

    /// The letter of a flag that names a recipient, and so allows only one.
    pub fn wants_one_recipient(self) -> Option<char> {
        match self {
            DeliveryFlags { delivered_to: true, .. } => Some('D'),
            DeliveryFlags { original_to: true, .. } => Some('O'),
            _ => None,
        }
    }

    /// The headers.
    pub fn headers(self, request: &Request, recipient: &Recipient) -> Vec<Field> {
        let to = delivery::external(&recipient.address);
        let mut out = Vec::new();
        if self.return_path {
            out.push(Field::new("Return-Path").text("<").value(&*delivery::external(&request.sender)).text(">"));
        }
        if self.original_to {
            let original = if recipient.original.is_empty() { to.clone() } else { delivery::external(&recipient.original) };
            out.push(Field::new("X-Original-To").value(&*original));
        }
        if self.delivered_to {
            out.push(Field::new("Delivered-To").value(&*to));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let parse = |text: &str| DeliveryFlags::parse(&[text.to_owned()]);
        assert_eq!(parse("flags=RX"), Ok(DeliveryFlags { return_path: true, is_final: true, ..DeliveryFlags::default() }));
        assert!(parse("flags=DQ").unwrap_err().contains("'Q' in flags=DQ"));
        assert!(parse("user=x").is_err());
        assert_eq!(parse("flags=OR").map(DeliveryFlags::wants_one_recipient), Ok(Some('O')));
    }
}
