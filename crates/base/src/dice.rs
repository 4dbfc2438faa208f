//! Numbers for tests that throw what they like at a parser: the same ones for the same seed.

/// A generator (splitmix64). Not for secrets.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `n - 1`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// At most `most` words one after another, and some bytes between them.
    pub fn bytes<W: AsRef<[u8]> + ?Sized>(&mut self, words: &[&W], most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..self.below(most + 1) {
            match self.below(8) {
                0 => out.push(self.next().to_le_bytes()[0]),
                _ => out.extend_from_slice(self.pick(words).as_ref()),
            }
        }
        out
    }

    /// As [`Dice::bytes`], in text.
    pub fn text(&mut self, words: &[&str], most: usize) -> String {
        String::from_utf8_lossy(&self.bytes(words, most)).into_owned()
    }

    /// What damage may make of a sample: a byte changed, cut off, a piece left out or there twice.
    pub fn damaged(&mut self, sample: &[u8]) -> Vec<u8> {
        let (mut a, mut b) = (self.below(sample.len() + 1), self.below(sample.len() + 1));
        if a > b {
            std::mem::swap(&mut a, &mut b);
        }
        let (head, piece, tail) = (&sample[..a], &sample[a..b], &sample[b..]);
        match self.below(4) {
            0 => [head, &[self.next().to_le_bytes()[0]], sample.get(a + 1..).unwrap_or_default()].concat(),
            1 => head.to_vec(),
            2 => [head, tail].concat(),
            _ => [head, piece, piece, tail].concat(),
        }
    }

    /// The bytes in pieces, none of them empty.
    pub fn pieces<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut out = Vec::new();
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(1 + self.below(bytes.len()));
            out.push(piece);
            bytes = rest;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again() {
        let of = |seed| {
            let mut dice = Dice::new(seed);
            (dice.bytes(&["a", "bc"], 20), dice.damaged(b"sample"), dice.below(6))
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn pieces_are_the_whole() {
        let mut dice = Dice::new(1);
        for _ in 0..100 {
            let whole = dice.bytes(&["x", "yz"], 30);
            assert_eq!(dice.pieces(&whole).concat(), whole);
        }
    }
}
