use memchr::memchr;

/// Takes the content of a message off the wire: lines end in LF afterwards, leading dots are unstuffed, CRLF.CRLF ends it.
///
/// Nothing is kept here but where in a line the input stopped; a NUL is a byte like others.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Only CRLF counts: one CR goes with its LF, others are content. Else all CR before LF go.
    strict: bool,
    /// DATA has dots, BDAT has none.
    dots: bool,
    at_line_start: bool,
    /// The line began with a dot, which was taken off.
    dot: bool,
    /// Something of this line was put out.
    some: bool,
    /// CR that wait for what follows, at most [`Content::pending_crs`].
    crs: usize,
    previous_crlf: bool,
    limit: u64,
    /// Bytes so far, with CRLF counted for each line.
    pub(super) size: u64,
    /// As much of it as whole lines make up.
    pub(super) whole: u64,
    /// The limit was passed; content is not kept any more.
    pub(super) too_big: bool,
    /// A line ended in LF without CR.
    pub(super) bare_lf: bool,
}

impl Content {
    pub(super) fn new(strict: bool, dots: bool, limit: u64) -> Content {
        Content {
            strict,
            dots,
            at_line_start: true,
            dot: false,
            some: false,
            crs: 0,
            previous_crlf: true,
            limit: if limit == 0 { u64::MAX } else { limit },
            size: 0,
            whole: 0,
            too_big: false,
            bare_lf: false,
        }
    }

    /// Consumes input up to the end of the message. Gives the number of bytes used, and whether the end was there.
    pub(super) fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, bool) {
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|r| !r.is_empty()) {
            if self.at_line_start && self.dots && rest.first() == Some(&b'.') {
                (self.dot, self.at_line_start) = (true, false);
                at += 1;
                continue;
            }
            match memchr(b'\n', rest) {
                Some(n) => {
                    at += n + 1;
                    if self.end_line(rest.get(..n).unwrap_or(rest), out) {
                        return (at, true);
                    }
                }
                None => {
                    self.part(rest, out);
                    at = input.len();
                }
            }
        }
        (at, false)
    }

    /// The end of the last chunk: a line without its end gets one.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.at_line_start {
            self.put_crs(self.crs, out);
            self.put(b"\n", 2, out);
            self.at_line_start = true;
        }
    }

    /// True for the lone dot that ends the message.
    fn end_line(&mut self, segment: &[u8], out: &mut Vec<u8>) -> bool {
        let body = without_crs(segment);
        let mut crs = segment.len() - body.len();
        if body.is_empty() {
            crs += self.crs;
        } else {
            self.put_crs(self.crs, out);
        }
        let crlf = crs > 0;
        let stray = crs.saturating_sub(self.pending_crs());
        let lone_dot = self.dot && !self.some && body.is_empty() && stray == 0;
        self.bare_lf |= !crlf;
        let end = lone_dot && (!self.strict || (crlf && self.previous_crlf));
        if !lone_dot {
            self.put(body, body.len(), out);
            self.put_crs(stray, out);
            self.put(b"\n", 2, out);
        }
        self.previous_crlf = crlf;
        self.whole = self.size;
        (self.at_line_start, self.dot, self.some, self.crs) = (true, false, false, 0);
        end
    }

    fn part(&mut self, segment: &[u8], out: &mut Vec<u8>) {
        let body = without_crs(segment);
        if body.is_empty() {
            self.crs += segment.len();
        } else {
            self.put_crs(self.crs, out);
            self.put(body, body.len(), out);
            self.some = true;
            self.crs = segment.len() - body.len();
        }
        self.at_line_start = false;
        let stray = self.crs.saturating_sub(self.pending_crs());
        self.crs -= stray;
        self.put_crs(stray, out);
    }

    /// How many CR may belong to the LF that follows. What is before them is content, and goes out as it passes: a client that sends nothing else
    /// must not make us count them up and write them all at once.
    fn pending_crs(&self) -> usize {
        if self.strict { 1 } else { PENDING_CRS }
    }

    fn put_crs(&mut self, count: usize, out: &mut Vec<u8>) {
        if count > 0 && self.fits(count) {
            out.resize(out.len() + count, b'\r');
        }
        self.some |= count > 0;
    }

    fn put(&mut self, bytes: &[u8], cost: usize, out: &mut Vec<u8>) {
        if self.fits(cost) {
            out.extend_from_slice(bytes);
        }
    }

    /// Counts bytes. False from the first ones on that are too many.
    fn fits(&mut self, cost: usize) -> bool {
        self.too_big |= self.limit - self.size.min(self.limit) < cost as u64;
        self.size += cost as u64;
        !self.too_big
    }
}

/// `line_length_limit`'s default: so many CR before an LF postfix takes away, as it reads no more of a line at once.
const PENDING_CRS: usize = 2048;

fn without_crs(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds input in pieces cut at one place, and gives content and what is left behind the end.
    fn run(strict: bool, input: &[u8], cut: usize) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut c = Content::new(strict, true, 0);
        let mut out = Vec::new();
        let (first, second) = input.split_at(cut);
        let (used, end) = c.feed(first, &mut out);
        if end {
            return (out, Some([&first[used..], second].concat()));
        }
        assert_eq!(used, first.len());
        let (used, end) = c.feed(second, &mut out);
        (out, end.then(|| second[used..].to_vec()))
    }

    fn check(strict: bool, input: &[u8], want: &[u8], rest: Option<&[u8]>) {
        for cut in 0..=input.len() {
            let (out, left) = run(strict, input, cut);
            assert_eq!((out.as_slice(), left.as_deref()), (want, rest), "{:?} cut at {cut}", String::from_utf8_lossy(input));
        }
    }

    #[test]
    fn dots_and_line_ends() {
        check(true, b"a\r\n..b\r\n.c\r\n\r\n.\r\nQUIT\r\n", b"a\n.b\nc\n\n", Some(b"QUIT\r\n"));
        check(true, b".\r\n", b"", Some(b""));
        check(true, b"n\0ul\r\n.\r\n", b"n\0ul\n", Some(b""));
    }

    #[test]
    fn smuggling() {
        check(true, b"line\n.\r\nMAIL\r\n.\r\n", b"line\nMAIL\n", Some(b""));
        check(true, b"line\r\n.\nMAIL\r\n.\r\n", b"line\nMAIL\n", Some(b""));
        check(true, b"a\rb\r\n.\r\r\nstill\r\n.\r\n", b"a\rb\n\r\nstill\n", Some(b""));
        check(false, b"line\n.\r\nMAIL\r\n", b"line\n", Some(b"MAIL\r\n"));
        check(false, b"a\r\n.\r\r\nMAIL\r\n", b"a\n", Some(b"MAIL\r\n"));
        check(false, b"a\r\r\nb\rc\n.\n", b"a\nb\rc\n", Some(b""));
    }

    #[test]
    fn crs_go_out_as_they_pass() {
        for (strict, kept) in [(true, 1), (false, PENDING_CRS)] {
            let mut c = Content::new(strict, true, 0);
            let mut out = Vec::new();
            for n in 1..=100 {
                assert_eq!(c.feed(&[b'\r'; 1000], &mut out), (1000, false));
                assert_eq!(out.len(), (n * 1000usize).saturating_sub(kept));
            }
            assert!(!c.feed(b"\n", &mut out).1);
            assert_eq!(out.len(), 100_000 - kept + 1);
        }
    }

    #[test]
    fn many_crs_mean_the_same_at_any_cut() {
        for crs in [1, PENDING_CRS - 1, PENDING_CRS, PENDING_CRS + 1] {
            let input = [&b"."[..], &vec![b'\r'; crs], b"\n.\r\n"].concat();
            for strict in [true, false] {
                let whole = run(strict, &input, 0);
                for cut in [1, 2, crs, crs + 1, crs + 2, input.len()].into_iter().filter(|c| *c <= input.len()) {
                    assert_eq!(run(strict, &input, cut), whole, "{crs} CR cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn chunks_have_no_dots() {
        let mut c = Content::new(true, false, 0);
        let mut out = Vec::new();
        for piece in [&b".\r"[..], b"\n.\r\nab", b"c"] {
            assert!(!c.feed(piece, &mut out).1);
        }
        c.finish(&mut out);
        assert_eq!(out, b".\n.\nabc\n");
    }

    #[test]
    fn limit() {
        let mut c = Content::new(true, true, 10);
        let mut out = Vec::new();
        assert_eq!(c.feed(b"12345678\r\n.\r\n", &mut out), (13, true));
        assert!(!c.too_big && out == b"12345678\n");
        let mut c = Content::new(true, true, 9);
        assert_eq!(c.feed(b"12345678\r\n.\r\n", &mut out), (13, true));
        assert!(c.too_big);
    }
}
