//! postsuper(1): the queue for root: delete, hold, release, requeue, expire; repair.

mod act;
mod structure;

use std::io::BufRead;
use std::process::ExitCode;

use base::getopt::{Opt, VERBOSE, Value, flag, valued};
use queue::{Queue, QueueId};

use crate::queue_tool::{configuration, enter_queue, has_form_of_id, options_or_usage, start_log, usage_error};
use act::{Action, Actor};

const PROGRAM: &str = "postsuper";
const USAGE: &str = "postsuper [-c config_dir] [-d queue_id (delete)] [-e queue_id (expire)] [-f queue_id (expire and/or un-hold)] [-h queue_id (hold)] \
                     [-H queue_id (un-hold)] [-p (purge temporary files)] [-r queue_id (requeue)] [-s (structure fix)] [-S (redundant structure fix)]\
                     [-v (verbose)] [queue...]";

/// A message, or all of them.
const WHICH: Value = Value::Text("queue_id");

/// The options. In place of a queue id, `-` reads ids from standard input, and `ALL` in capitals means every message.
pub const OPTIONS: &[Opt] = &[
    valued('c', Value::Directory("config_dir"), "The directory of `main.cf`, as an absolute path."),
    valued('d', WHICH, "Deletes a message. The mail of an id that was used again in the meantime goes too: put it on hold first if you are not sure."),
    valued('e', WHICH, "Has a message expire: the next attempt returns it to the sender, unless it is on hold."),
    valued('f', WHICH, "As -e, and releases the message when it is on hold."),
    valued('h', WHICH, "Puts a message on hold: no attempt is made until it is released or requeued. Mail on hold does not expire."),
    valued('H', WHICH, "Releases a message from hold into the deferred queue."),
    flag('p', "Removes temporary files that are left of crashes."),
    valued(
        'r',
        WHICH,
        "Requeues a message by way of pickup(8) and cleanup(8), so that changed rewriting, filters and aliases apply; it gets a new queue id. Content filters see it again.",
    ),
    flag(
        's',
        "Repairs the structure: files go where `hash_queue_names` and `hash_queue_depth` want them, and get names that match their inode numbers, as is needed after a restore. `postfix start` does this.",
    ),
    flag('S', "As -s, twice: for a repair in which new names may collide with old ones."),
    VERBOSE,
];

/// Everything that can be named on the command line.
const ALL_QUEUES: [&str; 9] = ["maildrop", "incoming", "active", "deferred", "hold", "flush", "defer", "bounce", "trace"];
/// What is repaired without names.
const REPAIRED: [&str; 9] = ["defer", "bounce", "trace", "maildrop", "incoming", "active", "deferred", "hold", "flush"];

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(PROGRAM, OPTIONS, USAGE, 1);
    let (mut actions, mut directory, mut repair, mut twice, mut purge, mut verbosity) = (Vec::new(), None, false, false, false, 0);
    for (letter, value) in options.given {
        match letter {
            'c' if !value.starts_with('/') => maillog::fatal("-c requires absolute pathname"),
            'c' => directory = Some(value),
            's' => repair = true,
            'S' => (repair, twice) = (true, true),
            'p' => purge = true,
            'v' => verbosity += 1,
            letter => match Action::from_letter(letter) {
                Some(action) => actions.push((action, value)),
                None => usage_error(USAGE, 1),
            },
        }
    }
    maillog::set_verbosity(verbosity);
    let conf = configuration(directory.as_deref(), 1);
    let queue = enter_queue(&conf, 1);
    start_log(PROGRAM, Some(&conf));
    // Only root may read the lock file.
    let running = structure::master_runs(&queue);
    if !become_owner(&conf, &queue) {
        maillog::fatal("use of this command is reserved for the superuser");
    }
    let named: Vec<&str> = options.rest.iter().map(String::as_str).collect();
    if let Some(bad) = named.iter().find(|n| !ALL_QUEUES.contains(n)) {
        maillog::fatal(format_args!("invalid directory name: {bad}"));
    }
    if actions.is_empty() && !purge && !repair {
        (repair, purge) = (true, true);
    }
    let where_: &[&str] = if named.is_empty() { &REPAIRED } else { &named };
    if repair || purge {
        structure::repair(&queue, where_, repair, purge, running);
        if twice {
            structure::repair(&queue, where_, repair, purge, running);
        }
    }
    perform(&queue, &named, &actions);
    ExitCode::SUCCESS
}

/// TRUST: queue files belong to the mail system; root's rights are not needed for them, and not wanted. False for a caller who is neither root nor
/// runs a mail system of his own, whose queue he may write to.
fn become_owner(conf: &config::Config, queue: &Queue) -> bool {
    if !sys::is_root() {
        return sys::may_write(&queue.directory("active"));
    }
    match conf.accounts() {
        Ok(accounts) => {
            if let Err(e) = sys::become_user(accounts.owner.uid, accounts.owner.gid, None) {
                maillog::fatal(format_args!("cannot become {}: {e}", accounts.owner.name));
            }
        }
        Err(e) => maillog::fatal(e),
    }
    sys::umask(0o077);
    true
}

/// Does what was asked, id by id, then reports the numbers.
fn perform(queue: &Queue, named: &[&str], actions: &[(Action, String)]) {
    let mut actor = Actor::new(queue, named);
    for (action, id) in actions {
        match id.as_str() {
            "ALL" => actor.all(*action),
            "-" => {
                for line in std::io::stdin().lock().lines() {
                    match line {
                        Ok(line) => one(&mut actor, *action, line.trim_end()),
                        Err(e) => maillog::fatal(format_args!("standard input: {e}")),
                    }
                }
            }
            id => one(&mut actor, *action, id),
        }
    }
    actor.settle();
    let asked = |letters: &str| actions.iter().any(|(a, _)| letters.contains(a.letter()));
    for (letters, verb, count) in [
        ("r", "Requeued", actor.requeued),
        ("d", "Deleted", actor.deleted),
        ("ef", "Force-expired", actor.expired),
        ("h", "Placed on hold", actor.held),
        ("Hf", "Released from hold", actor.released),
    ] {
        if asked(letters) {
            maillog::info!("{verb}: {count} message{}", if count == 1 { "" } else { "s" });
        }
    }
}

fn one(actor: &mut Actor<'_>, action: Action, id: &str) {
    match QueueId::parse(id) {
        Some(id) => actor.one(action, &id),
        // `all`, as some type it: too short for the name of a message, and no mistake either.
        None if has_form_of_id(id) => {}
        None => maillog::warning!("invalid mail queue id: {id}"),
    }
}
