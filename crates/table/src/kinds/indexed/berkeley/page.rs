use std::cell::Cell;
use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Fault;
use super::Fault::Damaged;

/// The pages of a file.
pub(super) struct Pages<'f> {
    /// What page 0 says of the others.
    pub(super) shape: Shape,
    file: &'f File,
    size: usize,
    order: Order,
    /// Pages that one piece of work may still read: chains that go round end here.
    left: Cell<u64>,
}

/// Where entries are found.
pub(super) enum Shape {
    Hash(Buckets),
    Btree { root: u32 },
}

/// The buckets of a hash file.
pub(super) struct Buckets {
    pub(super) last: u32,
    high_mask: u32,
    low_mask: u32,
    /// What to add to a bucket's number for its page, by the power of two that is not smaller than the number and one.
    spares: [u32; 32],
}

/// Numbers are in the order of the machine that made the file.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// A page in memory.
pub(super) struct Page {
    bytes: Vec<u8>,
    order: Order,
}

impl<'f> Pages<'f> {
    /// Reads page 0.
    pub(super) fn open(file: &'f File) -> Result<Pages<'f>, Fault> {
        let length = file.metadata()?.len();
        let mut bytes = vec![0; META];
        file.read_exact_at(&mut bytes, 0).map_err(|e| if e.kind() == std::io::ErrorKind::UnexpectedEof { Damaged("too short") } else { Fault::Io(e) })?;
        let is = |order, magic| Page { bytes: bytes.clone(), order }.u32(12).ok() == Some(magic);
        let known = [Order::Little, Order::Big].into_iter().find_map(|order| {
            let magic = [HASH_MAGIC, BTREE_MAGIC].into_iter().find(|magic| is(order, *magic))?;
            Some((order, magic))
        });
        let (order, magic) = known.ok_or(Damaged("unknown magic number"))?;
        let meta = Page { bytes, order };
        if !VERSIONS.contains(&meta.u32(16)?) {
            return Err(Damaged("unknown version"));
        }
        if meta.byte(24)? != 0 || meta.byte(26)? & (CHECKSUMS | PARTS) != 0 {
            return Err(Damaged("encryption, checksums or parts, which postfix does not use"));
        }
        let size = usize::try_from(meta.u32(20)?).ok().filter(|s| s.is_power_of_two() && SIZES.contains(s)).ok_or(Damaged("page size"))?;
        let shape = match magic {
            HASH_MAGIC => Shape::Hash(Buckets::of(&meta)?),
            _ => Shape::Btree { root: meta.u32(88)? },
        };
        Ok(Pages { shape, file, size, order, left: Cell::new(length / size as u64 + 1) })
    }

    /// Reads a page.
    pub(super) fn read(&self, number: u32) -> Result<Page, Fault> {
        let left = self.left.get().checked_sub(1).ok_or(Damaged("pages that lead in a circle"))?;
        self.left.set(left);
        let mut bytes = vec![0; self.size];
        let at = u64::from(number) * self.size as u64;
        self.file
            .read_exact_at(&mut bytes, at)
            .map_err(|e| if e.kind() == std::io::ErrorKind::UnexpectedEof { Damaged("page number") } else { Fault::Io(e) })?;
        let page = Page { bytes, order: self.order };
        // A page that nothing was written to yet has no number either.
        if page.u32(8)? != number && page.kind()? != UNUSED {
            return Err(Damaged("page without its number"));
        }
        Ok(page)
    }

    /// A text of `length` bytes on overflow pages that begin with `number`.
    pub(super) fn overflow(&self, mut number: u32, length: u32) -> Result<Vec<u8>, Fault> {
        let mut text = Vec::new();
        while text.len() < length as usize {
            let page = self.read(number)?;
            if page.kind()? != OVERFLOW {
                return Err(Damaged("overflow page of another kind"));
            }
            let used = usize::from(page.u16(22)?);
            text.extend_from_slice(page.bytes.get(HEADER..HEADER + used).ok_or(Damaged("length on an overflow page"))?);
            number = page.next()?;
        }
        if text.len() == length as usize { Ok(text) } else { Err(Damaged("length of a long text")) }
    }
}

impl Buckets {
    fn of(meta: &Page) -> Result<Buckets, Fault> {
        // The hash of a fixed text tells which function made the file.
        if meta.u32(92)? != super::hash::hash(b"%$sniglet^&\0") {
            return Err(Damaged("unknown hash function"));
        }
        let mut spares = [0; 32];
        for (i, spare) in spares.iter_mut().enumerate() {
            *spare = meta.u32(96 + 4 * i)?;
        }
        Ok(Buckets { last: meta.u32(72)?, high_mask: meta.u32(76)?, low_mask: meta.u32(80)?, spares })
    }

    /// The bucket of a hash.
    pub(super) fn bucket(&self, hash: u32) -> u32 {
        let bucket = hash & self.high_mask;
        if bucket > self.last { bucket & self.low_mask } else { bucket }
    }

    /// The first page of a bucket.
    pub(super) fn page(&self, bucket: u32) -> Result<u32, Fault> {
        let power = u64::from(bucket).saturating_add(1).next_power_of_two().trailing_zeros() as usize;
        self.spares.get(power).and_then(|spare| bucket.checked_add(*spare)).ok_or(Damaged("bucket number"))
    }
}

impl Page {
    pub(super) fn byte(&self, at: usize) -> Result<u8, Fault> {
        self.bytes.get(at).copied().ok_or(SHORT)
    }

    pub(super) fn u16(&self, at: usize) -> Result<u16, Fault> {
        word(&self.bytes, at, self.order)
    }

    pub(super) fn u32(&self, at: usize) -> Result<u32, Fault> {
        long(&self.bytes, at, self.order)
    }

    /// What the page holds.
    pub(super) fn kind(&self) -> Result<u8, Fault> {
        self.byte(25)
    }

    /// The page behind this one; 0 for none.
    pub(super) fn next(&self) -> Result<u32, Fault> {
        self.u32(16)
    }

    /// The number of items.
    pub(super) fn len(&self) -> Result<usize, Fault> {
        let count = usize::from(self.u16(20)?);
        if HEADER + 2 * count > self.bytes.len() { Err(Damaged("number of items")) } else { Ok(count) }
    }

    /// Where an item begins.
    pub(super) fn offset(&self, index: usize) -> Result<usize, Fault> {
        self.u16(HEADER + 2 * index).map(usize::from)
    }

    pub(super) fn part(&self, start: usize, end: usize) -> Result<&[u8], Fault> {
        self.bytes.get(start..end).ok_or(Damaged("place of an item"))
    }

    /// The number of bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }
}

fn word(bytes: &[u8], at: usize, order: Order) -> Result<u16, Fault> {
    let two = bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).ok_or(SHORT)?;
    Ok(match order {
        Order::Little => u16::from_le_bytes(two),
        Order::Big => u16::from_be_bytes(two),
    })
}

fn long(bytes: &[u8], at: usize, order: Order) -> Result<u32, Fault> {
    let four = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).ok_or(SHORT)?;
    Ok(match order {
        Order::Little => u32::from_le_bytes(four),
        Order::Big => u32::from_be_bytes(four),
    })
}

const SHORT: Fault = Damaged("item over the end of its page");
const HASH_MAGIC: u32 = 0x0006_1561;
const BTREE_MAGIC: u32 = 0x0005_3162;
const VERSIONS: std::ops::RangeInclusive<u32> = 8..=10;
const SIZES: std::ops::RangeInclusive<usize> = 512..=65536;
/// So much of page 0 is read: all that is needed of it.
const META: usize = 512;
const CHECKSUMS: u8 = 1;
const PARTS: u8 = 2;
/// Bytes before the offsets of the items.
const HEADER: usize = 26;
const OVERFLOW: u8 = 7;
/// All zeros.
pub(super) const UNUSED: u8 = 0;
