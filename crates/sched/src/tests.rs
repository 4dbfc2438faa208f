use super::*;

pub(crate) fn settings() -> TransportSettings {
    TransportSettings {
        process_limit: 100,
        recipient_limit: 50,
        initial_concurrency: 5,
        concurrency_limit: 20,
        positive: Feedback::Constant(1.0),
        negative: Feedback::Constant(1.0),
        failed_cohort_limit: 1.0,
        destination_rate_delay: Moment::ZERO,
        transport_rate_delay: Moment::ZERO,
        retry_destination: Moment::from_secs(300),
        retry_transport: Moment::from_secs(60),
        slots: SlotSettings { cost: 5, loan: 3, discount: 50, minimum: 3 },
    }
}

pub(crate) fn scheduler(settings: TransportSettings) -> Scheduler {
    let mut s = Scheduler::new();
    s.add_transport("smtp", settings);
    s
}

pub(crate) fn fill(s: &mut Scheduler, destination: &str, n: usize) -> Vec<EntryId> {
    (0..n)
        .map(|_| {
            let e = s.new_entry();
            s.add(e, e, "smtp", destination, Moment::ZERO).unwrap();
            e
        })
        .collect()
}

/// Delivers all that may leave at once, and gives it.
pub(crate) fn drain(s: &mut Scheduler, now: Moment) -> Vec<Assignment> {
    std::iter::from_fn(|| s.next(now)).collect()
}

#[test]
fn a_refusing_destination_is_left_alone_after_one_cohort() {
    let mut s = scheduler(settings());
    fill(&mut s, "remote.example", 14);
    let (mut attempts, mut back) = (0, Vec::new());
    let mut out: VecDequeOf = drain(&mut s, Moment::ZERO).into();
    assert_eq!(out.len(), 5);
    while let Some(a) = out.pop_front() {
        attempts += 1;
        back.extend(s.finished(a.entry, failed(), Moment::ZERO));
        if !back.is_empty() {
            break;
        }
        out.extend(drain(&mut s, Moment::ZERO));
    }
    assert_eq!(attempts, 4);
    assert_eq!(back.len() + attempts + out.len(), 14);
    let e = s.new_entry();
    let mut add = |to, at| s.add(e, e, "smtp", to, Moment::from_secs(at));
    assert_eq!(add("remote.example", 299), Err(Box::new(refused())), "dead destinations take nothing");
    assert_eq!(add("other.example", 1), Ok(()), "others are not delayed");
    assert_eq!(add("remote.example", 301), Ok(()), "it is tried again later");
}

type VecDequeOf = std::collections::VecDeque<Assignment>;

#[test]
fn the_window_widens_to_its_limit() {
    let mut s = scheduler(settings());
    fill(&mut s, "a", 200);
    let mut out: VecDequeOf = drain(&mut s, Moment::ZERO).into();
    for _ in 0..60 {
        let a = out.pop_front().unwrap();
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
        out.extend(drain(&mut s, Moment::ZERO));
    }
    assert_eq!(out.len(), 20);
}

#[test]
fn destinations_take_turns_and_the_process_limit_holds() {
    let mut s = scheduler(TransportSettings { process_limit: 4, ..settings() });
    for to in ["a", "b"] {
        for _ in 0..10 {
            let e = s.new_entry();
            s.add(e, 1, "smtp", to, Moment::ZERO).unwrap();
        }
    }
    let out = drain(&mut s, Moment::ZERO);
    assert_eq!(out.iter().map(|a| a.destination.as_str()).collect::<Vec<_>>(), ["a", "b", "a", "b"]);
    assert!(out[0].more);
    s.finished(out[0].entry, Outcome::Fine, Moment::ZERO);
    assert_eq!(drain(&mut s, Moment::ZERO).len(), 1);
}

#[test]
fn a_rate_delay_is_one_at_a_time_with_a_pause() {
    let mut s = scheduler(TransportSettings { destination_rate_delay: Moment::from_secs(2), ..settings() });
    fill(&mut s, "a", 3);
    let first = drain(&mut s, Moment::ZERO);
    assert_eq!(first.len(), 1);
    s.finished(first[0].entry, Outcome::Fine, Moment::from_secs(1));
    assert_eq!(drain(&mut s, Moment::from_secs(2)), []);
    assert_eq!(s.next_event(), Some(Moment::from_secs(3)));
    s.tick(Moment::from_secs(3));
    assert_eq!(drain(&mut s, Moment::from_secs(3)).len(), 1);
}

#[test]
fn an_unusable_transport_hands_everything_back() {
    let mut s = scheduler(settings());
    let all = fill(&mut s, "a", 7);
    let first = s.next(Moment::ZERO).unwrap();
    let mut back = s.transport_failed(first.entry, &refused(), Moment::ZERO);
    back.sort_unstable();
    assert_eq!(back, all);
    let e = s.new_entry();
    assert_eq!(s.add(e, e, "smtp", "b", Moment::from_secs(59)), Err(Box::new(refused())));
    s.revive();
    assert_eq!(s.add(e, e, "smtp", "b", Moment::from_secs(59)), Ok(()));
}

#[test]
fn a_small_message_steps_before_a_mailing() {
    let mut s = scheduler(TransportSettings { process_limit: 1, ..settings() });
    for i in 0..100 {
        let e = s.new_entry();
        s.add(e, 1, "smtp", &format!("list{i}"), Moment::ZERO).unwrap();
    }
    let single = s.new_entry();
    s.add(single, 2, "smtp", "single", Moment::ZERO).unwrap();
    let pair = [s.new_entry(), s.new_entry()];
    for (e, to) in pair.iter().zip(["pair1", "pair2"]) {
        s.add(*e, 3, "smtp", to, Moment::ZERO).unwrap();
    }
    let mut order = Vec::new();
    while let Some(a) = s.next(Moment::ZERO) {
        order.push(a.entry);
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
    }
    assert_eq!(order.len(), 103);
    assert_eq!(order[0], single, "on loan");
    let place = |e: EntryId| order.iter().position(|o| *o == e).unwrap();
    assert!(place(pair[1]) < 20 && place(pair[0]) < 20, "{order:?}");
    let mut rest: Vec<EntryId> = order.into_iter().filter(|e| *e <= 100).collect();
    assert!(rest.is_sorted(), "the mailing keeps its order");
    rest.dedup();
    assert_eq!(rest.len(), 100);
}

#[test]
fn without_slots_jobs_go_as_they_came() {
    let mut s = scheduler(TransportSettings { process_limit: 1, slots: SlotSettings { cost: 0, ..settings().slots }, ..settings() });
    for job in [1, 2] {
        for i in 0..10 {
            let e = s.new_entry();
            s.add(e, job, "smtp", &format!("{job}-{i}"), Moment::ZERO).unwrap();
        }
    }
    let mut order = Vec::new();
    while let Some(a) = s.next(Moment::ZERO) {
        order.push(a.entry);
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
    }
    assert!(order.is_sorted());
}

#[test]
fn a_full_window_lets_later_messages_to_others_pass() {
    let mut s = scheduler(TransportSettings { initial_concurrency: 1, concurrency_limit: 1, ..settings() });
    fill(&mut s, "slow", 3);
    fill(&mut s, "fast", 1);
    assert_eq!(drain(&mut s, Moment::ZERO).iter().map(|a| a.destination.as_str()).collect::<Vec<_>>(), ["slow", "fast"]);
}

#[test]
fn what_clogs() {
    let mut s = scheduler(TransportSettings { initial_concurrency: 2, concurrency_limit: 4, ..settings() });
    fill(&mut s, "a", 10);
    assert_eq!((s.entries("smtp", "a"), s.entries("smtp", "b")), (10, 0));
    assert_eq!(s.bottleneck("smtp", "a"), Bottleneck::Destination);
    fill(&mut s, "b", 1);
    assert_eq!(s.bottleneck("smtp", "a"), Bottleneck::Transport);
    let first: VecDequeOf = drain(&mut s, Moment::ZERO).into();
    assert_eq!(s.entries("smtp", "a"), 10, "those that are out count");
    for a in first.into_iter().filter(|a| a.destination == "a") {
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
    }
    assert_eq!(s.bottleneck("smtp", "a"), Bottleneck::Concurrency(4));
}

#[test]
fn nothing_is_remembered_of_the_past() {
    let mut s = scheduler(settings());
    for i in 0..50 {
        fill(&mut s, &format!("d{i}"), 1);
    }
    for a in drain(&mut s, Moment::ZERO) {
        s.finished(a.entry, if a.entry % 2 == 0 { failed() } else { Outcome::Fine }, Moment::ZERO);
    }
    s.sweep(Moment::from_secs(301));
    assert_eq!(s.transports["smtp"].remembered(), 0);
}

fn refused() -> Dsn {
    Dsn::new("4.4.1", "connection refused")
}

pub(crate) fn failed() -> Outcome {
    Outcome::Failed(refused())
}
