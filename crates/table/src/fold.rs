use std::borrow::Cow;

/// Case folding of keys: Unicode's full case folding, as postfix has it with smtputf8_enable.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_folded(&mut out, c);
    }
    out
}

/// As [`fold`] when it is wanted, without a copy where nothing changes.
pub fn folded(text: &str, wanted: bool) -> Cow<'_, str> {
    if wanted && text.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) { fold(text).into() } else { text.into() }
}

/// The small letters of a character's capital form; the exceptions are those of Unicode's CaseFolding.txt.
fn push_folded(out: &mut String, c: char) {
    match c {
        'ı' => out.push(c),
        'ẞ' => out.push_str("ss"),
        // Cherokee folds to capitals.
        '\u{13a0}'..='\u{13f5}' | '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(c.to_uppercase()),
        _ => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_unicode_and_full() {
        for (text, want) in [("ABC", "abc"), ("Straße", "strasse"), ("ΣΑΣ ς", "σασ σ"), ("FÉ", "fé"), ("ﬁ", "fi"), ("ẞ", "ss"), ("ı", "ı"), ("İ", "i\u{307}")]
        {
            assert_eq!(fold(text), want);
        }
    }
}
