//! What each parameter of a transport does, in virtual time: one test for each.

use super::tests::{drain, failed, fill, scheduler, settings};
use super::*;

/// How many leave at once, after so many successes one by one.
fn window_after(settings: TransportSettings, successes: usize) -> usize {
    let mut s = scheduler(settings);
    fill(&mut s, "a", 500);
    let mut out: VecDeque<Assignment> = drain(&mut s, Moment::ZERO).into();
    for _ in 0..successes {
        let Some(a) = out.pop_front() else { break };
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
        out.extend(drain(&mut s, Moment::ZERO));
    }
    out.len()
}

/// How many failures it takes until a destination is given up, and how many may be out before each.
fn failures_until_dead(settings: TransportSettings) -> Vec<usize> {
    let mut s = scheduler(settings);
    fill(&mut s, "a", 100);
    let mut out: VecDeque<Assignment> = drain(&mut s, Moment::ZERO).into();
    let mut windows = Vec::new();
    while let Some(a) = out.pop_front() {
        windows.push(out.len() + 1);
        if !s.finished(a.entry, failed(), Moment::ZERO).is_empty() {
            return windows;
        }
        out.extend(drain(&mut s, Moment::ZERO));
    }
    windows
}

#[test]
fn initial_destination_concurrency() {
    for n in [1, 2, 5, 7] {
        assert_eq!(window_after(TransportSettings { initial_concurrency: n, ..settings() }, 0), n);
    }
    assert_eq!(window_after(TransportSettings { initial_concurrency: 5, concurrency_limit: 2, ..settings() }, 0), 2, "the limit counts from the start");
}

#[test]
fn destination_concurrency_limit() {
    for (limit, widest) in [(1, 1), (6, 6), (20, 20), (0, 100)] {
        assert_eq!(window_after(TransportSettings { concurrency_limit: limit, ..settings() }, 300), widest);
    }
}

#[test]
fn destination_concurrency_positive_feedback() {
    let after = |feedback: &str, n| {
        window_after(TransportSettings { positive: Feedback::parse(feedback).unwrap(), initial_concurrency: 2, concurrency_limit: 0, ..settings() }, n)
    };
    assert_eq!(after("1", 10), 12);
    assert_eq!(after("1/5", 10), 4);
    // One step for a whole window of successes: 2, 3, 4.
    assert_eq!((after("1/concurrency", 1), after("1/concurrency", 2), after("1/concurrency", 5), after("1/concurrency", 9)), (2, 3, 4, 5));
    assert_eq!((after("1/sqrt_concurrency", 1), after("1/sqrt_concurrency", 2), after("1/sqrt_concurrency", 10)), (2, 3, 7));
    assert_eq!(after("0", 50), 2);
}

#[test]
fn destination_concurrency_negative_feedback() {
    let windows =
        |feedback: &str| failures_until_dead(TransportSettings { negative: Feedback::parse(feedback).unwrap(), failed_cohort_limit: 3.0, ..settings() });
    assert_eq!(windows("1")[..5], [5, 4, 3, 2, 1]);
    assert_eq!(windows("0")[..5], [5, 5, 5, 5, 5]);
    // Half a step: every other failure narrows.
    assert_eq!(windows("1/2")[..5], [5, 4, 4, 3, 3]);
    assert_eq!(windows("1/concurrency")[..6], [5, 4, 4, 4, 4, 3]);
}

#[test]
fn destination_concurrency_failed_cohort_limit() {
    let failures = |limit| failures_until_dead(TransportSettings { negative: Feedback::Constant(0.0), failed_cohort_limit: limit, ..settings() }).len();
    assert_eq!((failures(1.0), failures(2.0), failures(10.0)), (5, 10, 50));
    // A success begins anew.
    let mut s = scheduler(TransportSettings { concurrency_limit: 1, failed_cohort_limit: 2.0, ..settings() });
    fill(&mut s, "a", 9);
    for outcome in [failed(), Outcome::Fine, failed()] {
        let a = s.next(Moment::ZERO).unwrap();
        assert_eq!(s.finished(a.entry, outcome, Moment::ZERO), []);
    }
    let a = s.next(Moment::ZERO).unwrap();
    assert_eq!(s.finished(a.entry, failed(), Moment::ZERO).len(), 5);
}

#[test]
fn destination_recipient_limit() {
    for limit in [0, 1, 50] {
        assert_eq!(scheduler(TransportSettings { recipient_limit: limit, ..settings() }).recipient_limit("smtp"), limit);
    }
}

#[test]
fn destination_rate_delay() {
    let mut s = scheduler(TransportSettings { destination_rate_delay: Moment::from_secs(3), ..settings() });
    fill(&mut s, "a", 2);
    fill(&mut s, "b", 1);
    let first = drain(&mut s, Moment::ZERO);
    assert_eq!(first.iter().map(|a| a.destination.as_str()).collect::<Vec<_>>(), ["a", "b"], "others do not wait");
    s.finished(first[0].entry, Outcome::Fine, Moment::from_secs(10));
    assert_eq!((drain(&mut s, Moment::from_secs(12)).len(), s.next_event()), (0, Some(Moment::from_secs(13))));
    s.tick(Moment::from_secs(13));
    assert_eq!(drain(&mut s, Moment::from_secs(13)).len(), 1);
}

#[test]
fn transport_rate_delay() {
    let mut s = scheduler(TransportSettings { transport_rate_delay: Moment::from_secs(3), ..settings() });
    for to in ["a", "b", "c"] {
        fill(&mut s, to, 2);
    }
    // One at a time, to whomever, and a pause after each.
    for at in [0, 10, 20, 30] {
        let out = drain(&mut s, Moment::from_secs(at));
        assert_eq!((out.len(), s.next_event()), (1, None));
        s.finished(out[0].entry, Outcome::Fine, Moment::from_secs(at + 7));
        assert_eq!((drain(&mut s, Moment::from_secs(at + 9)).len(), s.next_event()), (0, Some(Moment::from_secs(at + 10))));
        s.tick(Moment::from_secs(at + 10));
    }
}

/// The place of a job of `small` deliveries that comes when `gone` of a mailing's hundred have left.
fn place(slots: SlotSettings, small: u64, gone: usize) -> usize {
    let mut s = scheduler(TransportSettings { process_limit: 1, slots, ..settings() });
    let add = |s: &mut Scheduler, job, n: u64| {
        for i in 0..n {
            let e = s.new_entry();
            s.add(e, job, "smtp", &format!("{job}-{i}"), Moment::ZERO).unwrap();
        }
    };
    add(&mut s, 1, 100);
    for n in 0.. {
        if n == gone {
            add(&mut s, 2, small);
        }
        let a = s.next(Moment::ZERO).unwrap();
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
        if a.destination.starts_with("2-") {
            return n;
        }
    }
    unreachable!("the small job leaves some time")
}

const SLOTS: SlotSettings = SlotSettings { cost: 5, loan: 0, discount: 0, minimum: 3 };

#[test]
fn delivery_slot_cost() {
    // A slot for every so many deliveries.
    assert_eq!(place(SLOTS, 4, 0), 20);
    assert_eq!(place(SlotSettings { cost: 10, ..SLOTS }, 4, 0), 40);
    assert_eq!(place(SlotSettings { cost: 0, ..SLOTS }, 4, 0), 100, "nobody steps before anybody");
    assert_eq!(place(SlotSettings { cost: 50, ..SLOTS }, 4, 0), 100, "more than there will ever be");
}

#[test]
fn delivery_slot_loan() {
    assert_eq!(place(SlotSettings { loan: 2, ..SLOTS }, 4, 0), 10);
    assert_eq!(place(SlotSettings { loan: 4, ..SLOTS }, 4, 0), 0);
}

#[test]
fn delivery_slot_discount() {
    assert_eq!(place(SlotSettings { discount: 50, ..SLOTS }, 4, 0), 10);
    assert_eq!(place(SlotSettings { discount: 100, ..SLOTS }, 4, 0), 0);
}

#[test]
fn minimum_delivery_slots() {
    let slots = SlotSettings { loan: 10, ..SLOTS };
    assert_eq!(place(slots, 1, 90), 90);
    assert_eq!(place(SlotSettings { minimum: 20, ..slots }, 1, 90), 100, "it is nearly done");
}
