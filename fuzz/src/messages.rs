//! Content, and what is said about it.

use base::eightbit;
use checks::{Action, Scope, Subject};
use delivery::template::Templates;
use message::{Headers, Known, Mime, MimeLimits, Strict, To7Bit};

/// Headers are pieces of the content, in its order; none is lost.
pub fn headers(input: &[u8]) {
    let mut headers = Headers::new(input);
    let mut length = 0;
    for header in headers.by_ref() {
        let _ = (Known::find(header.name), header.value().len(), header.is("Subject"));
        length += header.text.len() + 1;
    }
    assert!(length + headers.rest().len() <= input.len() + 1, "more than there is");
    assert!(input.ends_with(headers.rest()));
}

/// The structure is followed with any limits, and names each fault once.
pub fn mime(input: &[u8]) {
    let Some((&switches, content)) = input.split_first() else { return };
    let strict = Strict { headers: switches & 1 != 0, bodies: switches & 2 != 0, encodings: switches & 4 != 0 };
    let limits = match switches & 8 {
        0 => MimeLimits { strict, ..MimeLimits::default() },
        _ => MimeLimits { nesting: 2, boundary: 10, header: 100, strict },
    };
    let mut mime = Mime::new(limits);
    for line in content.split(|b| *b == b'\n') {
        // Pieces of a line that is too long.
        for (n, piece) in line.chunks(80).chain([&line[..0]].into_iter().filter(|_| line.is_empty())).enumerate() {
            let _ = (mime.line(piece, n == 0), mime.domain(), mime.declared());
        }
    }
    mime.finish();
    let faults: Vec<_> = mime.faults().iter().map(|f| f.fault).collect();
    assert!(faults.iter().all(|f| faults.iter().filter(|other| *other == f).count() == 1), "{faults:?}");
}

/// What leaves for a server without 8BITMIME does not depend on the pieces in which it came.
pub fn seven_bit(input: &[u8]) {
    let convert = |pieces: &[&[u8]]| {
        let (mut converter, mut out) = (To7Bit::new(MimeLimits::default()), Vec::new());
        pieces.iter().for_each(|piece| converter.feed(piece, &mut out));
        converter.finish(&mut out);
        out
    };
    let lines: Vec<&[u8]> = input.split_inclusive(|b| *b == b'\n').collect();
    assert_eq!(convert(&[input]).escape_ascii().to_string(), convert(&lines).escape_ascii().to_string());
}

/// The right side of header_checks(5).
pub fn actions(input: &[u8]) {
    let text = eightbit::text(input);
    for (subject, scope) in [(Subject::Header, Scope::Entering), (Subject::Body, Scope::Entering), (Subject::Header, Scope::Leaving)] {
        if let Ok(Some(action)) = Action::parse(&text, subject, scope) {
            let _ = (action.word(), action.text().len());
        }
    }
}

/// A file of bounce(5): what is wrong in it leaves the built-in text.
pub fn templates(input: &[u8]) {
    let mut templates = Templates::built_in();
    let _ = templates.load("bounce.cf", &eightbit::text(input));
    let _ = templates.show_raw();
    let _ = templates.show_expanded(&|name| Some(if name.ends_with("time") { "3h" } else { "example.com" }.to_owned()));
}
