//! What our programs, and those who speak like postfix's, say to each other.

use ipc::showq::Listing;
use ipc::{FrameReader, HEADER, Handover};
use serde::{Serialize, de::DeserializeOwned};

/// A payload, as each type in turn: what is taken is written as it came.
pub fn values(input: &[u8]) {
    let Some((&kind, payload)) = input.split_first() else { return };
    let types = [
        same::<ipc::anvil::Request>,
        same::<ipc::anvil::Reply>,
        same::<ipc::bounce::Request>,
        same::<ipc::bounce::Reply>,
        same::<ipc::cleanup::Request>,
        same::<ipc::cleanup::Reply>,
        same::<ipc::delivery::Request>,
        same::<ipc::delivery::Reply>,
        same::<ipc::flush::Request>,
        same::<ipc::flush::Reply>,
        same::<ipc::proxymap::Request>,
        same::<ipc::proxymap::Reply>,
        same::<ipc::qmgr::Word>,
        same::<ipc::rewrite::Request>,
        same::<ipc::rewrite::Reply>,
    ];
    types[usize::from(kind) % types.len()](payload);
}

fn same<T: Serialize + DeserializeOwned>(payload: &[u8]) {
    let Ok(value) = ipc::decode::<T>(payload) else { return };
    let frame = ipc::encode(&value).expect("what came in one frame fits in one");
    assert_eq!(frame.get(HEADER..), Some(payload));
}

/// Frames in pieces.
pub fn stream(input: &[u8]) {
    let mut reader = FrameReader::new();
    for piece in input.chunks(7) {
        reader.push(piece);
        loop {
            match reader.take::<ipc::anvil::Request>() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

/// The listing of showq(8).
pub fn showq(input: &[u8]) {
    let Ok(mut listing) = Listing::open(input) else { return };
    while let Ok(Some(_)) = listing.next_item() {}
}

/// The record of a connection: what is understood is written so that it is understood again.
pub fn handover(input: &[u8]) {
    let Ok(Some(record)) = Handover::decode(input) else { return };
    if let Ok(bytes) = record.encode() {
        assert_eq!(Handover::decode(&bytes), Ok(Some(record)));
    }
}
