/// CRC-32 (IEEE 802.3), eight bytes a step.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for c in chunks {
        let low = u32::from_le_bytes([c[0], c[1], c[2], c[3]]) ^ crc;
        let high = u32::from_le_bytes([c[4], c[5], c[6], c[7]]);
        let at = |table: usize, word: u32, shift: u32| TABLES[table][(word >> shift & 0xff) as usize];
        crc = at(7, low, 0) ^ at(6, low, 8) ^ at(5, low, 16) ^ at(4, low, 24) ^ at(3, high, 0) ^ at(2, high, 8) ^ at(1, high, 16) ^ at(0, high, 24);
    }
    for &b in rest {
        crc = crc >> 8 ^ TABLES[0][((crc ^ u32::from(b)) & 0xff) as usize];
    }
    !crc
}

static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut t = [[0u32; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut c = i as u32;
        let mut bit = 0;
        while bit < 8 {
            c = if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 };
            bit += 1;
        }
        t[0][i] = c;
        i += 1;
    }
    let mut n = 1;
    while n < 8 {
        let mut i = 0;
        while i < 256 {
            t[n][i] = t[n - 1][i] >> 8 ^ t[0][(t[n - 1][i] & 0xff) as usize];
            i += 1;
        }
        n += 1;
    }
    t
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_values() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(super::crc32(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
        assert_eq!(super::crc32(b""), 0);
    }
}
