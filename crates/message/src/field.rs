use base::Line;

/// A header field of our own making (RFC 5322 2.2): words of ours, and values that cannot begin another field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(Vec<u8>);

impl Field {
    /// A field that has its name so far.
    pub fn new<'a>(name: impl Into<Line<'a>>) -> Field {
        Field(Vec::new()).value(name).text(": ")
    }

    /// Appends words of ours, which may fold the field.
    #[must_use]
    pub fn text(mut self, words: &'static str) -> Field {
        self.0.extend_from_slice(words.as_bytes());
        self
    }

    /// Appends a value.
    #[must_use]
    pub fn value<'a>(mut self, value: impl Into<Line<'a>>) -> Field {
        self.0.extend_from_slice(value.into().as_bytes());
        self
    }

    /// The field without its line end.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Appends the field and its line feed.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_begins_no_field() {
        let mut dice = base::dice::Dice::new(25);
        for _ in 0..1000 {
            let value = dice.bytes(&["\n", "\r\n", "\r", "\0", "X-Evil: yes", " ", "\t", "\n\t", "\u{e9}"], 8);
            let field = Field::new(value.as_slice()).value(value.as_slice()).text("\n\tid ").value(value.as_slice());
            let lines: Vec<&[u8]> = field.as_bytes().split(|b| *b == b'\n').collect();
            assert!(lines.len() == 2 && lines.iter().all(|l| !l.iter().any(|b| b.is_ascii_control() && *b != b'\t')), "{field:?}");
            assert!(field.as_bytes().iter().filter(|b| **b == b'\t').count() == 1);
        }
    }
}
