//! Btree files: inner pages lead to leaves, which hold keys and values in turn, in the order of the keys' bytes, and are chained.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Fault::Damaged;
use super::page::{Page, Pages};
use super::{Fault, Pair};

/// The value of a key.
pub(super) fn find(pages: &Pages<'_>, root: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let leaf = descend(pages, root, |page| {
        // The first key of an inner page stands for all that are smaller.
        let after = first(1, page.len()?, |i| Ok(text(pages, page, i, INNER_TEXT)?.as_ref().cmp(key) == Ordering::Greater))?;
        Ok(after.saturating_sub(1))
    })?;
    let count = leaf.len()?;
    let pairs = first(0, count / 2, |i| Ok(text(pages, &leaf, 2 * i, LEAF_TEXT)?.as_ref().cmp(key) != Ordering::Less))?;
    for i in (2 * pairs..count).step_by(2) {
        if *text(pages, &leaf, i, LEAF_TEXT)? != *key {
            break;
        }
        if !is_deleted(&leaf, i + 1)? {
            return value(pages, &leaf, i + 1).map(Some);
        }
    }
    Ok(None)
}

/// All entries, in the order of their keys.
pub(super) fn all(pages: &Pages<'_>, root: u32) -> Result<Vec<Pair>, Fault> {
    let mut entries = Vec::new();
    let mut leaf = descend(pages, root, |_| Ok(0))?;
    loop {
        for i in (0..leaf.len()?).step_by(2) {
            if !is_deleted(&leaf, i + 1)? {
                entries.push((text(pages, &leaf, i, LEAF_TEXT)?.into_owned(), value(pages, &leaf, i + 1)?));
            }
        }
        match leaf.next()? {
            0 => return Ok(entries),
            next => leaf = pages.read(next)?,
        }
        if leaf.kind()? != LEAF {
            return Err(Damaged("leaf of another kind"));
        }
    }
}

/// From the root to a leaf, by the item that `choose` gives for each inner page.
fn descend(pages: &Pages<'_>, root: u32, choose: impl Fn(&Page) -> Result<usize, Fault>) -> Result<Page, Fault> {
    let mut page = pages.read(root)?;
    loop {
        match page.kind()? {
            LEAF => return Ok(page),
            INNER if page.len()? > 0 => page = pages.read(page.u32(page.offset(choose(&page)?)? + 4)?)?,
            _ => return Err(Damaged("tree page of another kind")),
        }
    }
}

/// The first index from `low` to `high` that `fits`, as all behind it do; `high` when none does.
fn first(mut low: usize, mut high: usize, fits: impl Fn(usize) -> Result<bool, Fault>) -> Result<usize, Fault> {
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle)? { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

/// A key; `from`: how far into its item the text begins.
fn text<'p>(pages: &Pages<'_>, page: &'p Page, index: usize, from: usize) -> Result<Cow<'p, [u8]>, Fault> {
    let at = page.offset(index)?;
    match page.byte(at + 2)? & !DELETED {
        HERE => {
            let length = usize::from(page.u16(at)?);
            page.part(at + from, at + from + length).map(Cow::Borrowed)
        }
        AWAY => {
            let reference = if from == INNER_TEXT { at + from } else { at };
            pages.overflow(page.u32(reference + 4)?, page.u32(reference + 8)?).map(Cow::Owned)
        }
        _ => Err(Damaged("kind of an item")),
    }
}

/// A value; the first one of a key that has several. Postfix does not make those.
fn value(pages: &Pages<'_>, leaf: &Page, index: usize) -> Result<Vec<u8>, Fault> {
    if index >= leaf.len()? {
        return Err(Damaged("key without a value"));
    }
    let at = leaf.offset(index)?;
    if leaf.byte(at + 2)? & !DELETED != DUPLICATES {
        return text(pages, leaf, index, LEAF_TEXT).map(Cow::into_owned);
    }
    let mut page = pages.read(leaf.u32(at + 4)?)?;
    loop {
        let next = match page.kind()? {
            INNER => 4,
            INNER_NUMBERED => 0,
            LEAF_OF_VALUES | LEAF_NUMBERED => return text(pages, &page, 0, LEAF_TEXT).map(Cow::into_owned),
            _ => return Err(Damaged("page of values of another kind")),
        };
        page = pages.read(page.u32(page.offset(0)? + next)?)?;
    }
}

fn is_deleted(page: &Page, index: usize) -> Result<bool, Fault> {
    if index >= page.len()? {
        return Err(Damaged("key without a value"));
    }
    Ok(page.byte(page.offset(index)? + 2)? & DELETED != 0)
}

const INNER: u8 = 3;
const INNER_NUMBERED: u8 = 4;
const LEAF: u8 = 5;
const LEAF_NUMBERED: u8 = 6;
const LEAF_OF_VALUES: u8 = 12;
const HERE: u8 = 1;
const DUPLICATES: u8 = 2;
const AWAY: u8 = 3;
const DELETED: u8 = 0x80;
/// Length and kind stand before a text in a leaf; in an inner page also a page number and a count.
const LEAF_TEXT: usize = 3;
const INNER_TEXT: usize = 12;
