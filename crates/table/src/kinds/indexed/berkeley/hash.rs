//! Hash files: each bucket is a chain of pages with keys and values in turn.

use super::Fault::Damaged;
use super::page::{Buckets, Page, Pages, UNUSED};
use super::{Fault, Pair};

/// The value of a key.
pub(super) fn find(pages: &Pages<'_>, buckets: &Buckets, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let mut number = buckets.page(buckets.bucket(hash(key)))?;
    while number != 0 {
        let page = bucket_page(pages, number)?;
        for i in (0..page.len()?).step_by(2) {
            if item(&page, i)?.is(pages, key)? {
                return item(&page, i + 1)?.text(pages).map(Some);
            }
        }
        number = page.next()?;
    }
    Ok(None)
}

/// All entries, bucket by bucket.
pub(super) fn all(pages: &Pages<'_>, buckets: &Buckets) -> Result<Vec<Pair>, Fault> {
    let mut entries = Vec::new();
    for bucket in 0..=buckets.last {
        let mut number = buckets.page(bucket)?;
        while number != 0 {
            let page = bucket_page(pages, number)?;
            for i in (0..page.len()?).step_by(2) {
                entries.push((item(&page, i)?.text(pages)?, item(&page, i + 1)?.text(pages)?));
            }
            number = page.next()?;
        }
    }
    Ok(entries)
}

/// Fowler, Noll and Vo's function, which is Berkeley DB's own.
pub(super) fn hash(key: &[u8]) -> u32 {
    key.iter().fold(0, |h: u32, byte| h.wrapping_mul(16_777_619) ^ u32::from(*byte))
}

fn bucket_page(pages: &Pages<'_>, number: u32) -> Result<Page, Fault> {
    let page = pages.read(number)?;
    match page.kind()? {
        UNSORTED | SORTED => Ok(page),
        // A bucket that was always empty.
        UNUSED if page.len()? == 0 && page.next()? == 0 => Ok(page),
        _ => Err(Damaged("hash page of another kind")),
    }
}

/// A key or a value.
enum Item<'p> {
    Here(&'p [u8]),
    Away {
        page: u32,
        length: u32,
    },
    /// Values of one key, each between two copies of its length. Postfix does not make them.
    Several(&'p [u8]),
}

/// Items lie one before the other, from the end of the page.
fn item(page: &Page, index: usize) -> Result<Item<'_>, Fault> {
    if index >= page.len()? {
        return Err(Damaged("key without a value"));
    }
    let start = page.offset(index)?;
    let end = if index == 0 { page.size() } else { page.offset(index - 1)? };
    let text = |from| page.part(start + from, end);
    match page.byte(start)? {
        KEY_OR_DATA => text(1).map(Item::Here),
        OFF_PAGE => Ok(Item::Away { page: page.u32(start + 4)?, length: page.u32(start + 8)? }),
        DUPLICATES => {
            let length = usize::from(page.u16(start + 1)?);
            page.part(start + 3, start + 3 + length).map(Item::Several)
        }
        _ => Err(Damaged("kind of an item")),
    }
}

impl Item<'_> {
    fn is(&self, pages: &Pages<'_>, key: &[u8]) -> Result<bool, Fault> {
        match self {
            Item::Here(text) => Ok(*text == key),
            Item::Away { page, length } => Ok(*length as usize == key.len() && pages.overflow(*page, *length)? == key),
            Item::Several(_) => Ok(false),
        }
    }

    fn text(&self, pages: &Pages<'_>) -> Result<Vec<u8>, Fault> {
        match self {
            Item::Here(text) | Item::Several(text) => Ok(text.to_vec()),
            Item::Away { page, length } => pages.overflow(*page, *length),
        }
    }
}

const UNSORTED: u8 = 2;
const SORTED: u8 = 13;
const KEY_OR_DATA: u8 = 1;
const DUPLICATES: u8 = 2;
const OFF_PAGE: u8 = 3;
