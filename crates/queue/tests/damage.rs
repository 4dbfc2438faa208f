//! Damaged queue files: cut off anywhere, or with bytes changed. Reading them ends, with a value or an error, and never takes long.

use queue::Envelope;
use queue::record::{Reader, Sizes, kind, put, put_attr, put_lines};

/// A file with every kind of record that cleanup writes, and room for a milter's changes: pointers there and back.
fn sample() -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, kind::SIZE, Sizes::default().encode().as_bytes());
    put(&mut out, kind::TIME, b"1795579675 500891");
    put_attr(&mut out, "create_time", "1795579670");
    put(&mut out, kind::FULL_NAME, b"Full Name");
    put(&mut out, kind::SENDER, b"sender@example.com");
    for i in 0..3 {
        put_attr(&mut out, "notify_flags", "4");
        put(&mut out, kind::ORIGINAL, format!("original{i}@example.com").as_bytes());
        put(&mut out, if i == 1 { kind::DONE } else { kind::RECIPIENT }, format!("user{i}@example.com").as_bytes());
    }
    let pointer = out.len();
    put(&mut out, kind::POINTER, format!("{:15}", 0).as_bytes());
    let back = out.len();
    put(&mut out, kind::WARN, format!("{:15}", 1_795_579_999).as_bytes());
    put(&mut out, kind::MESSAGE, b"");
    let data_offset = out.len() as u64;
    put_lines(&mut out, format!("Subject: x\n\n{}\nend\n", "long ".repeat(1000)).as_bytes(), 2048);
    let size = out.len() as u64 - data_offset;
    put(&mut out, kind::EXTRACTED, b"");
    put(&mut out, kind::RECIPIENT, b"bcc@example.com");
    put(&mut out, kind::END, b"");
    let added = out.len();
    put(&mut out, kind::RECIPIENT, b"added-by-a-milter@example.com");
    put(&mut out, kind::POINTER, format!("{back:15}").as_bytes());
    let mut record = Vec::new();
    put(&mut record, kind::POINTER, format!("{added:15}").as_bytes());
    out[pointer..pointer + record.len()].copy_from_slice(&record);
    let sizes = Sizes { size, data_offset, recipients: 4, qmgr_flags: 0, content_size: size, sendopts: 0 };
    record.clear();
    put(&mut record, kind::SIZE, sizes.encode().as_bytes());
    out[..record.len()].copy_from_slice(&record);
    out
}

/// Reads all that there is, as qmgr does: the envelope, then the rest of the recipients in slices.
fn read(bytes: &[u8]) -> Option<Envelope> {
    let mut first = None;
    for limit in [1, 1000] {
        let Ok(mut env) = Envelope::read(&mut Reader::new(bytes), limit) else { continue };
        first.get_or_insert_with(|| env.clone());
        let mut slices = 0;
        while env.more_recipients != 0 && env.read_more(&mut Reader::new(bytes), limit).is_ok() {
            slices += 1;
            assert!(slices <= bytes.len(), "recipients without end");
        }
    }
    let mut reader = Reader::new(bytes);
    let mut records = 0;
    while let Ok(Some(_)) = reader.next_record() {
        records += 1;
        assert!(records <= bytes.len(), "records without end");
    }
    first
}

/// Numbers that look random and are the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn the_sample_is_whole() {
    let env = Envelope::read(&mut Reader::new(&sample()), 100).expect("a whole file");
    let addresses: Vec<_> = env.recipients.iter().map(|r| r.address.as_str()).collect();
    assert_eq!(addresses, ["user0@example.com", "user2@example.com", "added-by-a-milter@example.com", "bcc@example.com"]);
    assert_eq!(env.done, 1);
}

#[test]
fn cut_anywhere() {
    let whole = sample();
    let end = whole.len() - 50;
    for cut in 0..whole.len() {
        assert!(read(&whole[..cut]).is_none() || cut >= end, "cut at {cut}");
    }
}

#[test]
fn bytes_changed() {
    let (whole, mut numbers) = (sample(), Numbers(0x5EED));
    for _ in 0..6_000 {
        let mut bytes = whole.clone();
        for _ in 0..=numbers.below(4) {
            // Most of the file is text; the first part decides how the rest is read.
            let at = if numbers.below(2) == 0 { numbers.below(500) } else { numbers.below(bytes.len()) };
            bytes[at] = [numbers.below(256) as u8, b'0' + numbers.below(10) as u8, 0xFF, 0x80, b'p', b'R', b'E'][numbers.below(7)];
        }
        read(&bytes);
    }
}

#[test]
fn nothing_but_noise() {
    let mut numbers = Numbers(0xB0B);
    for _ in 0..3_000 {
        let noise: Vec<u8> = (0..numbers.below(400)).map(|_| numbers.below(256) as u8).collect();
        read(&noise);
        let mut behind_a_head = sample()[..97].to_vec();
        behind_a_head.extend(noise);
        read(&behind_a_head);
    }
}

#[test]
fn pointers_in_a_circle() {
    let mut bytes = sample();
    let first = bytes.windows(2).position(|w| w == [kind::POINTER, 15]).expect("a pointer");
    // Back to the recipients, again and again.
    bytes[first + 2..first + 17].copy_from_slice(format!("{:15}", 120).as_bytes());
    assert!(Envelope::read(&mut Reader::new(&bytes), 100).is_err());
}
