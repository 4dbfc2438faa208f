//! Our client against our server, in one thread: what the one says the other understands, in whatever pieces it comes.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::Duration;

use base::dice::Dice;
use delivery::{Message, Reporter, Services};
use smtp_proto::server::{Allow, Ask, Dialog, Settings as ServerSettings, Turn, Verdict};

use crate::job::Job;
use crate::session::Hello;
use crate::session::tests::{session_with, tables};
use crate::settings::Settings;
use crate::transaction::tests::sample;
use crate::transaction::{End, run};
use crate::wire;

/// What reached the server's queue: recipients and content of each message.
type Queue = Rc<RefCell<Vec<(Vec<String>, Vec<u8>)>>>;

/// The server, behind a network that cuts as it likes.
struct Far {
    settings: ServerSettings,
    dialog: Dialog,
    input: Vec<u8>,
    output: Vec<u8>,
    recipients: Vec<String>,
    content: Vec<u8>,
    queue: Queue,
    dice: Dice,
}

impl std::fmt::Debug for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Far").finish_non_exhaustive()
    }
}

impl wire::Server for Far {}

impl Far {
    fn new(seed: u64, queue: &Queue) -> Far {
        let settings = ServerSettings { hostname: "mx.example".into(), banner: "mx.example ESMTP".into(), ..ServerSettings::default() };
        let (input, output, content) = Default::default();
        let mut far = Far { settings, dialog: Dialog::new(), input, output, recipients: Vec::new(), content, queue: Rc::clone(queue), dice: Dice::new(seed) };
        far.turn(|dialog, settings, turn| dialog.greet(settings, WHO, Allow::default(), &[], Verdict::Accept, turn));
        far
    }

    fn turn(&mut self, event: impl FnOnce(&mut Dialog, &ServerSettings, &mut Turn<'_>)) {
        let mut turn = Turn::new(&mut self.output, &mut self.content);
        event(&mut self.dialog, &self.settings, &mut turn);
        if let Some(ask) = turn.ask.take() {
            self.answer(&ask);
        }
    }

    fn answer(&mut self, ask: &Ask) {
        match ask {
            Ask::Rcpt => {
                let address = self.dialog.pending_rcpt().map(|r| r.address.clone()).unwrap_or_default();
                if address.starts_with("no") {
                    let refusal = Verdict::Refuse(smtp_proto::reply!("550 5.1.1", "<{address}>: Recipient address rejected: no such user"));
                    return self.turn(|d, s, t| d.answer(s, refusal, t));
                }
                self.recipients.push(address);
                self.turn(|d, s, t| d.answer(s, Verdict::Accept, t));
            }
            Ask::Store => {
                self.queue.borrow_mut().push((std::mem::take(&mut self.recipients), std::mem::take(&mut self.content)));
                self.turn(|d, s, t| {
                    let reply = d.queued_as("ABCDEF9");
                    d.stored(s, Ok(reply), t);
                });
            }
            _ => self.turn(|d, s, t| d.answer(s, Verdict::Accept, t)),
        }
    }
}

impl Write for Far {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = 1 + self.dice.below(bytes.len());
        self.input.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        while self.dialog.wants_input() && !self.input.is_empty() {
            let input = std::mem::take(&mut self.input);
            let mut used = 0;
            self.turn(|d, s, t| used = d.bytes(s, &input, t));
            self.input = input.get(used..).unwrap_or_default().to_vec();
            if used == 0 {
                break;
            }
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Far {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = (1 + self.dice.below(self.output.len())).min(self.output.len()).min(buffer.len());
        buffer.iter_mut().zip(self.output.drain(..n)).for_each(|(to, from)| *to = from);
        Ok(n)
    }
}

#[test]
fn what_is_sent_arrives() {
    let lines = ["\n", ".\n", "..\n", ".x\n", "text\n", "From x\n", " blank\n", "\u{e9}\n", "a line that is a little longer than the others\n", "\t\n"];
    let mut dice = Dice::new(15);
    for seed in 0..200 {
        let content = [b"Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\n", dice_text(&mut dice, &lines).as_bytes()].concat();
        let all = ["a@example.com", "no@example.com", "\"b c\"@example.com", "d.e@example.com"];
        let to: Vec<&str> = all.into_iter().filter(|_| dice.chance(70)).collect();
        if to.is_empty() {
            continue;
        }
        let queue = Queue::default();
        let left = deliver(seed, &queue, &content, &to);
        let wanted: Vec<String> = to.iter().filter(|a| !a.starts_with("no")).map(|a| address::unquote(a).into_owned()).collect();
        let arrived = queue.borrow();
        match arrived.as_slice() {
            [] => assert!(wanted.is_empty(), "{to:?}"),
            [(recipients, stored)] => {
                assert_eq!((recipients, stored.escape_ascii().to_string()), (&wanted, content.escape_ascii().to_string()));
            }
            more => panic!("{} copies", more.len()),
        }
        // Who has the message is done; who was refused waits, because there is nobody here to write a report.
        let refused: Vec<String> = to.iter().filter(|a| a.starts_with("no")).map(|a| (*a).to_owned()).collect();
        assert_eq!(left, refused);
    }
}

fn dice_text(dice: &mut Dice, lines: &[&str]) -> String {
    (0..dice.below(40)).map(|_| dice.pick(lines)).collect()
}

/// Sends a message. Gives the recipients that are not done.
fn deliver(seed: u64, queue: &Queue, content: &[u8], to: &[&str]) -> Vec<String> {
    let internal: Vec<String> = to.iter().map(|a| address::unquote(a).into_owned()).collect();
    // An offset of 0 means none: a record stands in front.
    let first = std::iter::once("").chain(internal.iter().map(String::as_str)).collect::<Vec<_>>();
    let (path, mut request) = sample(&format!("pair-{seed}"), content, &first);
    request.recipients.remove(0);
    let settings = Settings::plain(false, "client.example.com");
    let tables = tables();
    let message = Message::open_path(&path, request.data_offset, request.data_size).expect("a queue file");
    let missing = delivery::Settings { bounce_socket: "missing".into(), defer_socket: "missing".into(), trace_socket: "missing".into(), ..Default::default() };
    let mut services = Services::new(missing);
    let mut session = session_with(Box::new(Far::new(seed, queue)));
    let hello = Hello { settings: &settings, tables: &tables, id: "ABCDEF1", nexthop: "example.com", age: Duration::ZERO, loops: true };
    session.handshake(hello).expect("a session");
    let mut job = Job::new(&settings, &tables, &request, &message, Reporter::new(&mut services, &request, Some(&message)));
    assert_eq!(run(&mut job, &mut session, false), End::Done);
    let file = std::fs::read(&path).expect("the queue file");
    std::fs::remove_file(&path).expect("remove it");
    let is_left = |r: &&queue::Recipient| file.get(usize::try_from(r.offset).unwrap_or(usize::MAX)) == Some(&b'R');
    request.recipients.iter().filter(is_left).map(|r| r.address.clone()).collect()
}

const WHO: &str = "client.example.com[192.0.2.1]";
